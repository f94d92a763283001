"""Text that fits a line of the terminal, measured in cells: words stay whole."""

import re
from collections.abc import Iterable, Iterator

from rich.cells import cell_len

ELLIPSIS = "…"
JOINT = re.compile(r".{3,}[-/_.:]")
"""The longest start of a word that ends where it may be cut."""


def clip(text: str, room: int) -> str:
    """At most so many cells of a text, cut at the end of a word and marked with `…`."""
    text = " ".join(text.split())
    if cell_len(text) <= room:
        return text
    first, *_ = wrap_cells(text, max(room - 2, 1))
    short = f"{first} {ELLIPSIS}"
    return short if cell_len(short) <= room else ELLIPSIS


def wrap_cells(text: str, room: int) -> list[str]:
    """The lines of a text, each of at most so many cells; at least one.

    Only a word that is longer than a line is cut.
    """
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= room:
            lines[-1] = joined
            continue
        pieces = chop(word, room)
        lines += pieces if lines[-1] else []
        if not lines[-1]:
            lines[-1:] = pieces
    return lines


def chop(word: str, room: int) -> list[str]:
    """A word in pieces of at most so many cells, cut after a hyphen or slash if it has one.

    Marks stay with their letter.
    """
    pieces = [""]
    for letter in word:
        if pieces[-1] and cell_len(pieces[-1] + letter) > room:
            kept = JOINT.match(pieces[-1])
            rest = pieces[-1][kept.end() :] if kept else ""
            pieces[-1:] = [pieces[-1].removesuffix(rest), f"{rest}{letter}"]
        else:
            pieces[-1] += letter
    return pieces


def join_parts(parts: Iterable[str], room: int, gap: str = " · ") -> list[str]:
    """Parts in as few lines as they need; a part is cut only if it is longer than a line."""
    lines = list[str]()
    for part in parts:
        if lines and cell_len(f"{lines[-1]}{gap}{part}") <= room:
            lines[-1] += f"{gap}{part}"
        else:
            lines += wrap_cells(part, room)
    return lines


def hang(text: str, room: int, indent: str) -> Iterator[str]:
    """A text indented, each of its own lines wrapped under its first word."""
    for own in text.split("\n"):
        for line in wrap_cells(own, room - cell_len(indent)):
            yield f"{indent}{line}"
