"""What the classifier reads of a text: its sentences, list items, rows and headings, one by one."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

UnitKind: TypeAlias = Literal["prose", "item", "row", "head"]

_HEADING = re.compile(
    r"\s{0,3}\#{1,6}\s | \s{0,9}\*\*[^*\n]{1,60}\*\*:?\s*\Z", re.VERBOSE
)
_ITEM = re.compile(r"\s{0,40}(?:>\s*)?(?:[-+*\u2022\u2013]|\d{1,3}[.)])\s")
_ROW = re.compile(r"\s{0,40}\|")
_END = re.compile(r"[.!?\u2026]{1,9}[\"'\u201d\u2019\u00bb)\]*_]{0,9}(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\u2060])(?:\w|no|nr|dr|sr|sra|mr|ms|mrs|vs|cf|e\.g|i\.e|p\.ex|art|approx|st|etc)\Z",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\W*\d{1,3}\Z")
_LONGEST = 1200
"""Characters of a unit; what has no end is cut there, so that junk costs no more than text."""


class TextUnit(Struct, frozen=True, kw_only=True):
    """A sentence, item, row or heading: where it stands, and the heading above it."""

    text: str
    start: int
    kind: UnitKind
    heading: str = ""


def split_units(shown: str) -> list[TextUnit]:
    """The units of what is seen of a text; a line break within a paragraph is a space."""
    units: list[TextUnit] = []
    heading = ""
    for kind, start, end in _blocks(shown):
        for begin, stop in _parts(shown, kind, start, end):
            piece = shown[begin:stop]
            if any(map(str.isalpha, piece)):
                units.append(
                    TextUnit(text=piece, start=begin, kind=kind, heading=heading)
                )
        if kind == "head":
            heading = shown[start:end].strip(" #*:\t\r\n")
    return units


def _parts(
    text: str, kind: UnitKind, start: int, end: int
) -> Iterable[tuple[int, int]]:
    """A heading and a row are one part, anything else is a part for each sentence."""
    if kind in {"head", "row"}:
        return [(start, end)]
    return _sentences(text, start, end)


def _blocks(text: str) -> Iterator[tuple[UnitKind, int, int]]:
    """Paragraphs, list items with their further lines, rows and headings: kind, start, end."""
    kind: UnitKind = "prose"
    begun = -1
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        own = _line_kind(line)
        if begun >= 0 and own != "prose":
            yield kind, begun, start
            begun = -1
        if own in {"head", "row"}:
            yield own, start, end
        elif own == "item" or (own == "prose" and begun < 0):
            kind, begun = own, start
        start = end
    if begun >= 0:
        yield kind, begun, start


def _line_kind(line: str) -> UnitKind | None:
    """What begins with a line; prose may also go on with what began before. None is a gap."""
    if not line.strip():
        return None
    if _HEADING.match(line):
        return "head"
    if _ROW.match(line):
        return "row"
    return "item" if _ITEM.match(line) else "prose"


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for mark in _END.finditer(text, start, end):
        before = text[max(begin, mark.start() - 8) : mark.start()]
        if mark[0] == "." and (
            _ABBREVIATION.search(before)
            or _NUMBERED.match(text[begin : mark.start()][:9])
        ):
            continue
        yield from _pieces(begin, mark.end())
        begin = mark.end()
    yield from _pieces(begin, end)


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(start, end, _LONGEST):
        yield begin, min(begin + _LONGEST, end)
