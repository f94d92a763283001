"""Which lines of a Markdown file are headings, items and what belongs to them; code and comments are none."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

ITEM_INDENT = 2  # an item's sub-items and notes are indented at least this much deeper
CODE_INDENT = 4  # text indented this much outside an item is code
TOP_LEVEL, SECTION_LEVEL = 1, 2

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
HEADING = re.compile(r"[ \t]*(#{1,6})(?:[ \t]+(.*))?$")
RULE = re.compile(r"[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$")
ITEM = re.compile(r"[ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+(?=[^ \t])")
FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})")
COMMENT = re.compile(r"[ \t]*<!--")
BLOCK_START = re.compile(
    rf"{HEADING.pattern}|[ \t]*(?:```|~~~|<!--|>|(?:[-*+]|[0-9]{{1,9}}[.)])(?:[ \t]|$))"
)


class LineKind(StrEnum):
    """What a line is to the board."""

    BLANK = "blank"
    HEADING = "heading"
    ITEM = "item"
    WRAPPED = "wrapped"  # goes on with the item's own text
    PART = "part"  # a sub-item, note or code inside the item
    OTHER = "other"


class Section(Struct, frozen=True, kw_only=True):
    """A heading's name, its line (0 before any), and the last line under it."""

    name: str
    line: int
    last: int


class OpenBlock(Struct, frozen=True, kw_only=True):
    """An open code block or comment: nothing in it is a task."""

    line: int
    ends: re.Pattern[str]
    indent: int


def indent_width(line: str) -> int:
    """How far a line is indented, with tabs to every fourth column."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(CODE_INDENT))


def classify_line(body: str, inside: int | None, before: LineKind) -> LineKind:
    """What a line outside code and comments is; `inside` is the indent that keeps it in the item above."""
    if not body.strip():
        return LineKind.BLANK
    if not (BLOCK_START.match(body) or RULE.match(body)) and before in {
        LineKind.ITEM,
        LineKind.WRAPPED,
    }:
        return LineKind.WRAPPED
    if inside is not None and indent_width(body) >= inside:
        return LineKind.PART
    if indent_width(body) >= CODE_INDENT or RULE.match(body):
        return LineKind.OTHER
    if HEADING.match(body):
        return LineKind.HEADING
    return LineKind.ITEM if ITEM.match(body) else LineKind.OTHER


def block_opened_on(body: str, line: int, indent: int) -> OpenBlock | None:
    """The code block or comment that starts on this line and does not end on it."""
    marker = ITEM.match(body)
    text = body[marker.end() :] if marker else body
    if fence := FENCE.match(text):
        return OpenBlock(
            line=line,
            ends=re.compile(rf"^[ \t]*{fence[1][0]}{{{len(fence[1])},}}[ \t]*$"),
            indent=indent,
        )
    if (comment := COMMENT.match(text)) and "-->" not in text[comment.end() :]:
        return OpenBlock(line=line, ends=re.compile("-->"), indent=indent)
    return None


def front_matter(lines: Sequence[str]) -> int:
    """How many lines of YAML stand at the top."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    end = next(
        (
            n
            for n, line in enumerate(lines[1:], 2)
            if line.startswith("#") or line.rstrip() == "---"
        ),
        0,
    )
    return end if end and lines[end - 1].startswith("---") else 0


def classify_lines(lines: Sequence[str]) -> tuple[list[LineKind], OpenBlock | None]:
    """What every line is, and the code block or comment that never ends."""
    found = [LineKind.OTHER] * front_matter(lines)
    quote, inside = None, None
    for number, line in enumerate(lines[len(found) :], len(found) + 1):
        body = line.rstrip("\r\n")
        if quote and (not body.strip() or indent_width(body) >= quote.indent):
            found.append(LineKind.PART if quote.indent else LineKind.OTHER)
            quote = None if quote.ends.search(body) else quote
            continue
        kind = classify_line(body, inside, found[-1] if found else LineKind.BLANK)
        if kind is LineKind.ITEM:
            inside = indent_width(body) + ITEM_INDENT
        elif kind in {LineKind.HEADING, LineKind.OTHER}:
            inside = None
        code = kind is LineKind.OTHER and indent_width(body) >= CODE_INDENT
        quote = (
            None
            if code or kind is LineKind.WRAPPED
            else block_opened_on(body, number, inside or 0)
        )
        found.append(kind)
    return found, quote


def strip_closing_hashes(name: str) -> str:
    """A heading's text without the `##` that may stand at its end."""
    bare = name.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else name


def split_sections(
    lines: Sequence[str], found: Sequence[LineKind]
) -> Iterator[Section]:
    """What each `##` heading heads; a `#` heading starts a section without a name."""
    starts = [("", 0)]
    for number, kind in enumerate(found, 1):
        heading = (
            HEADING.match(lines[number - 1].rstrip("\r\n"))
            if kind is LineKind.HEADING
            else None
        )
        if heading and len(heading[1]) <= SECTION_LEVEL:
            name = strip_closing_hashes((heading[2] or "").strip())
            starts.append(("" if len(heading[1]) == TOP_LEVEL else name, number))
    ends = [number - 1 for _, number in starts[1:]] + [len(lines)]
    return (
        Section(name=name, line=line, last=last)
        for (name, line), last in zip(starts, ends, strict=True)
    )


def item_extent(found: Sequence[LineKind], line: int) -> tuple[int, int]:
    """The last line of an item's own text, and the last of all that belongs to it."""
    own = line
    while own < len(found) and found[own] is LineKind.WRAPPED:
        own += 1
    last = end = own
    while end < len(found) and found[end] in {LineKind.PART, LineKind.BLANK}:
        end += 1
        last = end if found[end - 1] is LineKind.PART else last
    return own, last
