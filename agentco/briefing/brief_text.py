"""A page of Markdown in brief, by rule: its headings, and the first sentence of what stands below.

No model reads it: the same page in the same room always gives the same text.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from agentco.kernel.token_estimate import count_tokens

LONGEST_SENTENCE = 220
"""Characters; a longer one is cut at a word."""
_HEADING = re.compile(r"#{1,6}\s++(.+?)(?<![\s#])\s*+#*+$")
_ITEM = re.compile(r"\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+(.+)$")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_SKIPPED = re.compile(r"\s*(?:\||<!--|>|\[[^\]]+\]:|-{3,}$|\*{3,}$)")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?=\s)")


class _Line(Struct, frozen=True):
    """A first sentence; `rank` says how early it is taken, `section` under which heading."""

    section: int
    rank: int
    text: str


def brief_markdown(text: str, room: int) -> str:
    """Say a page in about `room` tokens: of each section its first rules, then the next ones.

    Tables, code and quotations are left out.
    """
    headings, lines = _read_sections(text)
    taken = list[_Line]()
    left = room
    for line in sorted(lines, key=lambda each: (each.rank, each.section)):
        cost = count_tokens(line.text) + 1
        if not any(each.section == line.section for each in taken):
            cost += count_tokens(headings[line.section]) + 1
        if cost <= left:
            taken.append(line)
            left -= cost
    wanted = set(taken)
    parts = list[str]()
    section = -1
    for line in lines:
        if line not in wanted:
            continue
        if line.section != section and headings[line.section]:
            parts.append(headings[line.section])
        section = line.section
        parts.append(line.text)
    return "\n".join(parts)


def first_sentence(text: str) -> str:
    """The first sentence of a text, on one line, without bold and italics."""
    plain = " ".join(text.replace("**", "").split())
    end = _SENTENCE_END.search(plain)
    sentence = plain[: end.start()] if end else plain
    if len(sentence) <= LONGEST_SENTENCE:
        return sentence
    return sentence[:LONGEST_SENTENCE].rpartition(" ")[0] + " …"


def _read_sections(text: str) -> tuple[list[str], list[_Line]]:
    """The headings, an empty one first, and what stands below each."""
    headings = [""]
    lines = list[_Line]()
    ranks = [0]
    for kind, said in _blocks(text):
        if kind == "#":
            headings.append(f"## {said}")
            ranks.append(0)
            continue
        sentence = first_sentence(said)
        prefix = "- " if kind == "-" else ""
        lines.append(_Line(len(headings) - 1, ranks[-1], f"{prefix}{sentence}"))
        ranks[-1] += 1
    return headings, lines


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Headings (`#`), items of lists (`-`) and paragraphs, each with its words."""
    kind, words = "", list[str]()
    is_code = False
    for line in (*text.splitlines(), ""):
        if _FENCE.match(line):
            is_code = not is_code
        heading, item = _HEADING.match(line), _ITEM.match(line)
        is_left_out = is_code or _FENCE.match(line) or _SKIPPED.match(line)
        if heading or item or is_left_out or not line.strip():
            if words:
                yield kind, " ".join(words)
            kind, words = "", []
        if is_left_out or not line.strip():
            continue
        if heading:
            yield "#", heading[1]
        elif item:
            kind, words = "-", [item[1]]
        else:
            words.append(line.strip())
