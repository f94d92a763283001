"""Which lines of a Markdown file are headings, items and their parts; code and comments are none."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

ITEM_INDENT = 2  # an item's sub-items and notes are indented at least this much deeper
CODE_INDENT = 4  # text indented this much outside an item is code
TOP_LEVEL = 1  # a `#` heading ends a column
SECTION_LEVEL = 2  # a `##` heading starts one

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
    WRAPPED = "wrapped"  # continues the item's own text
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

    def holds(self, line: str) -> bool:
        """Whether a line is inside, as far as its indentation says."""
        return not line.strip() or indent_width(line) >= self.indent


def indent_width(line: str) -> int:
    """How far a line is indented, with tabs to every fourth column."""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return len(indent.expandtabs(CODE_INDENT))


def classify_line(line: str, part_indent: int | None, before: LineKind) -> LineKind:
    """The kind of a line outside code and comments.

    `part_indent` is the indentation that makes it part of the item above, None without one.
    """
    if not line.strip():
        return LineKind.BLANK
    starts_block = BLOCK_START.match(line) or RULE.match(line)
    if not starts_block and before in {LineKind.ITEM, LineKind.WRAPPED}:
        return LineKind.WRAPPED
    if part_indent is not None and indent_width(line) >= part_indent:
        return LineKind.PART
    if indent_width(line) >= CODE_INDENT or RULE.match(line):
        return LineKind.OTHER
    if HEADING.match(line):
        return LineKind.HEADING
    return LineKind.ITEM if ITEM.match(line) else LineKind.OTHER


def block_opened_on(line: str, number: int, indent: int) -> OpenBlock | None:
    """The code block or comment that starts on this line and does not end on it."""
    bullet = ITEM.match(line)
    text = line[bullet.end() :] if bullet else line
    fence = FENCE.match(text)
    if fence:
        mark = fence[1]
        closing = rf"^[ \t]*{mark[0]}{{{len(mark)},}}[ \t]*$"
        return OpenBlock(line=number, ends=re.compile(closing), indent=indent)
    comment = COMMENT.match(text)
    if comment and "-->" not in text[comment.end() :]:
        return OpenBlock(line=number, ends=re.compile("-->"), indent=indent)
    return None


def front_matter(lines: Sequence[str]) -> int:
    """How many lines of YAML stand at the top."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:], 2):
        if line.startswith("#"):
            return 0
        if line.rstrip() == "---":
            return number
    return 0


def classify_lines(lines: Sequence[str]) -> tuple[list[LineKind], OpenBlock | None]:
    """The kind of every line, and the code block or comment that never ends."""
    kinds = [LineKind.OTHER] * front_matter(lines)
    block: OpenBlock | None = None
    part_indent: int | None = None
    for number, line in enumerate(lines[len(kinds) :], len(kinds) + 1):
        text = line.rstrip("\r\n")
        if block and block.holds(text):
            kinds.append(LineKind.PART if block.indent else LineKind.OTHER)
            if block.ends.search(text):
                block = None
            continue
        before = kinds[-1] if kinds else LineKind.BLANK
        kind = classify_line(text, part_indent, before)
        kinds.append(kind)
        if kind is LineKind.ITEM:
            part_indent = indent_width(text) + ITEM_INDENT
        elif kind in {LineKind.HEADING, LineKind.OTHER}:
            part_indent = None
        indented_code = kind is LineKind.OTHER and indent_width(text) >= CODE_INDENT
        may_open = kind is not LineKind.WRAPPED and not indented_code
        block = block_opened_on(text, number, part_indent or 0) if may_open else None
    return kinds, block


def strip_closing_hashes(name: str) -> str:
    """A heading's text without the `##` that may stand at its end."""
    bare = name.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else name


def split_sections(
    lines: Sequence[str], kinds: Sequence[LineKind]
) -> Iterator[Section]:
    """The section under each `##` heading; a `#` heading starts one without a name."""
    name = ""
    start = 0
    for number, (line, kind) in enumerate(zip(lines, kinds, strict=True), 1):
        heading = HEADING.match(line.rstrip("\r\n"))
        if kind is not LineKind.HEADING or not heading:
            continue
        level = len(heading[1])
        if level <= SECTION_LEVEL:
            yield Section(name=name, line=start, last=number - 1)
            text = strip_closing_hashes((heading[2] or "").strip())
            name = "" if level == TOP_LEVEL else text
            start = number
    yield Section(name=name, line=start, last=len(lines))


def item_extent(kinds: Sequence[LineKind], line: int) -> tuple[int, int]:
    """The last line of an item's own text, and the last line of all that belongs to it."""
    text_end = line
    while text_end < len(kinds) and kinds[text_end] is LineKind.WRAPPED:
        text_end += 1
    last = text_end
    for number, kind in enumerate(kinds[text_end:], text_end + 1):
        if kind is LineKind.PART:
            last = number
        elif kind is not LineKind.BLANK:
            break
    return text_end, last
