"""Lines that agents wrote: in whatever file they come back, they are no source."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from html import unescape

from msgspec import Struct

from agentco.kernel.comparison import draw_letters
from agentco.kernel.figures import figures_in_sources
from agentco.page.drawing import draw_text
from agentco.review.deliverable import split_answer

MAX_LINE_CHARS = 2000
"""A longer line is taken in pieces, as the tools read files."""
_FINGERPRINT_DIGITS = 16
_BULLETS = re.compile(r"(?:[-*+•>|]|#{1,6}|\d{1,9}[.)]|\[[ xX]\])[ ]")
_NEEDS_DRAWING = re.compile(r"<[a-z/!]|[\[\\]", re.IGNORECASE)
_DIGITS = re.compile(r"\S*\d\S*")
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_ITEM_MARKS = re.compile(
    rf"(?:[ >{_QUOTES}]|[-+\u2022\u2013\u2014\u25aa\u25e6][ ]|#{{1,6}}[ ]"
    r"|\(?\d{1,9}[.)][ ]|\[[ x]\][ ])++"
)
# between digits a star multiplies, and one tilde says "about"
_TEXT_MARKS = re.compile(r"[*_]{2,}|(?<!\d)[*_]|[*_](?!\d)|~~+")
_END_MARKS = f" .,;:!#{_QUOTES}"
_HIT_PLACE = re.compile(r"([^:\n]+):\d+: ")


class _LinePrints(Struct, frozen=True):
    """The fingerprint of a line however it is dressed, and the one that older states hold."""

    any_dress: str
    as_written: str


def agent_line_prints(answer: str, heard: Iterable[str]) -> tuple[str, ...]:
    """The fingerprints of the lines of an answer that hold a figure and that nobody told it.

    `heard` are texts of the founder's: who repeats a line of theirs did not write it.
    """
    split = split_answer(answer)
    prints: dict[str, str] = {}
    for text in (split.text, split.notes):
        for line, fingerprints in zip(_lines(text), _fingerprints(text), strict=True):
            prints[fingerprints.any_dress] = line
    for text in heard:
        for fingerprints in _fingerprints(text):
            prints.pop(fingerprints.any_dress, None)
    own: list[str] = []
    for fingerprint, line in prints.items():
        if figures_in_sources((line,)):
            own.append(fingerprint)
    return tuple(own)


def without_agent_lines(
    texts: Iterable[str], find_known: Callable[[Iterable[str]], Collection[str]]
) -> tuple[str, ...]:
    """Texts without the lines that are known; `find_known` gives the known ones of fingerprints."""
    whole = tuple(texts)
    prints: set[str] = set()
    for text in whole:
        for one in _fingerprints(text):
            prints |= {one.any_dress, one.as_written}
    known = find_known(prints)
    if not known:
        return whole
    return tuple(_without(text, known) for text in whole)


def found_lines(hits: str, is_meant: Callable[[str], bool]) -> str:
    """The lines that a search found in the files that are meant: `notes/herd.md:12: It counts`."""
    found: list[str] = []
    for hit in hits.splitlines():
        place = _HIT_PLACE.match(hit)
        if place and is_meant(place[1]):
            found.append(hit[place.end() :])
    return "\n".join(found)


def _without(text: str, known: Collection[str]) -> str:
    left: list[str] = []
    for line, one in zip(_lines(text), _fingerprints(text), strict=True):
        if one.any_dress not in known and one.as_written not in known:
            left.append(line)
    return "\n".join(left)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), MAX_LINE_CHARS):
            yield line[start : start + MAX_LINE_CHARS]


@lru_cache(maxsize=64)
def _fingerprints(text: str) -> tuple[_LinePrints, ...]:
    """The fingerprints of each line of a text."""
    prints: list[_LinePrints] = []
    for line in _lines(text):
        plain = unescape(line) if "&" in line else line
        words = " ".join(plain.split())
        prints.append(
            _LinePrints(
                _fingerprint(_undressed(words)), _fingerprint(_without_bullets(words))
            )
        )
    return tuple(prints)


def _fingerprint(words: str) -> str:
    data = words.encode("utf-8", "replace")
    return sha256(data).hexdigest()[:_FINGERPRINT_DIGITS]


def _without_bullets(words: str) -> str:
    bullet = _BULLETS.match(words)
    while bullet:
        words = words[bullet.end() :]
        bullet = _BULLETS.match(words)
    return words


def _undressed(words: str) -> str:
    """What a line says: in small letters, without its marks, the cells of a row as one."""
    words = words.replace("`", "")
    if _NEEDS_DRAWING.search(words):
        drawing = draw_text(words)
        figures = _DIGITS.findall(drawing.code)
        words = " ".join((drawing.shown, drawing.hidden, *figures))
    said = _TEXT_MARKS.sub("", draw_letters(words).replace("|", " "))
    said = " ".join(said.split())
    marks = _ITEM_MARKS.match(said)
    if marks:
        said = said[marks.end() :]
    return said.rstrip(_END_MARKS)
