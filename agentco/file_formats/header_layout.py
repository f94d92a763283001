"""Where a Markdown file's header ends and its body begins: rules, wrappers, unclosed headers.

A header opens with a line `---` and ends with the next `---` or `...`. Before it may stand blank
lines, an HTML comment, and the opening of a code fence around the whole file (FORMATS section 11,
cases 4 to 6).
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from agentco.file_formats.fences import open_fences

_RULE = re.compile(r"---\s*$")
_CLOSER = re.compile(r"(?:---|\.\.\.)\s*$")
_WRAPPER_WORDS = "prompt|chatmode|chatagent|agent|instructions|skill"
_WRAPPER = re.compile(
    rf"(?P<fence>`{{3,6}}|~{{3,6}})\s*+"
    rf"(?P<word>(?P<telling>{_WRAPPER_WORDS})|markdown|md)?\s*$",
    re.IGNORECASE,
)
_MAX_WRAPPERS = 3
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
_KEY = re.compile(r"[A-Za-z_][\w-]*:(?:\s|$)")
_OPENED_TWICE = re.compile(r"---[ \t]*\n[A-Za-z_][\w-]*:(?:\s|$)")
_LATER_KEY = re.compile(r"[a-z][\w-]*:(?:\s|$)")
_CONTINUED = {False: ("#",), True: (" ", "\t", "- ", "#")}
"""How lines begin that belong to a header: before its first key, and after it."""
_HEADING = re.compile(r"\s*\n#{1,6} \S")
_HEADING_KEY = re.compile(r"(?<!#)#++ (?=[a-z][\w-]*: )")
_BLOCK = re.compile(r"[\w-]+:\s*[|>][+-]?\d?\s*$")


class Header(Struct, frozen=True, kw_only=True):
    """The text between two rules, and the line on which it begins."""

    text: str
    line: int
    closed: bool = True


class Layout(Struct, frozen=True, kw_only=True):
    """A file cut into its headers, outermost first, and its body, which begins on `body_line`."""

    headers: tuple[Header, ...]
    body: str
    body_line: int


def split_header(text: str, *, closed: bool = True) -> Layout:
    """Cut a text with LF line ends; without a header everything is body.

    With `closed` false a header ends with its leading keys, whatever rules follow.
    """
    return _split_from(text.split("\n"), 0, closed=closed) or without_header(text)


def without_header(text: str) -> Layout:
    """The layout of a text that is all body."""
    return Layout(headers=(), body=text, body_line=1)


def runs_into_body(header: Header) -> bool:
    """Whether a heading follows the leading keys: then the closing rule may be the body's own."""
    rows = header.text.split("\n")
    keys_end = _end_of_leading_keys(rows, 0)
    rest = "\n".join(rows[keys_end:])
    return header.closed and keys_end > 0 and bool(_HEADING.match(rest))


def _split_from(lines: Sequence[str], start: int, *, closed: bool) -> Layout | None:
    """Cut the lines from `start` on; None if there is neither header nor wrapper."""
    first, fences = _skip_wrappers(lines, _next_content_line(lines, start))
    if first == len(lines):
        return None
    header, after = _read_header(lines, first, closed=closed, wrapped=bool(fences))
    if not fences and not header:
        return None
    headers = (header,) if header else ()
    inner = None if fences else _wrapped_header_below(lines, after)
    if inner:
        return Layout(
            headers=headers + inner.headers, body=inner.body, body_line=inner.body_line
        )
    begin, end = _without_closers(lines, after, fences)
    body = "\n".join(lines[begin:end])
    return Layout(headers=headers, body=body, body_line=begin + 1)


def _read_header(
    lines: Sequence[str], first: int, *, closed: bool, wrapped: bool
) -> tuple[Header | None, int]:
    """The header that begins on a line, and where its body begins; `wrapped` keys need no rule."""
    has_rule = bool(_RULE.match(lines[first]))
    if not has_rule and not (wrapped and _KEY.match(lines[first])):
        return None, first
    start = first + has_rule
    if has_rule and _OPENED_TWICE.match("\n".join(lines[start : start + 2])):
        start += 1
    if has_rule and closed:
        for end in range(start, len(lines)):
            if _CLOSER.match(lines[end]):
                text = "\n".join(lines[start:end])
                return Header(text=text, line=start + 1), end + 1
    end = _end_of_leading_keys(lines, start)
    text = "\n".join(_HEADING_KEY.sub("", row) for row in lines[start:end])
    if not text.strip():
        return None, first
    return Header(text=text, line=start + 1, closed=not has_rule), end


def _next_content_line(lines: Sequence[str], start: int) -> int:
    """The first line from `start` on that is neither blank nor in an HTML comment."""
    in_comment = False
    for i in range(start, len(lines)):
        row = lines[i].strip()
        in_comment = in_comment or row.startswith("<!--")
        if row and not in_comment:
            return i
        in_comment = in_comment and not row.endswith("-->")
    return len(lines)


def _skip_wrappers(lines: Sequence[str], at: int) -> tuple[int, list[str]]:
    """Step into fences that hold a whole file, and give those fences."""
    fences: list[str] = []
    while at < len(lines) and len(fences) < _MAX_WRAPPERS:
        opening = _WRAPPER.match(lines[at])
        inside = _next_content_line(lines, at + 1)
        content = lines[inside] if inside < len(lines) else ""
        if not opening or not (opening["telling"] or _begins_a_file(content)):
            break
        fences.append(opening["fence"])
        at = inside
    return at, fences


def _begins_a_file(line: str) -> bool:
    """Whether a fence without a telling word holds a file: with a header, or wrapped again."""
    wrapper = _WRAPPER.match(line)
    return bool(_RULE.match(line) or (wrapper and wrapper["telling"]))


def _end_of_leading_keys(lines: Sequence[str], start: int) -> int:
    """The end of the lines that read as a header, where nothing says where it ends."""
    end = start
    has_key = in_block = after_gap = False
    for i in range(start, len(lines)):
        row = lines[i]
        if not row.strip():
            after_gap = True
            continue
        key = _LATER_KEY if after_gap and has_key else _KEY
        if key.match(row):
            has_key = True
            in_block = bool(_BLOCK.match(row))
        elif in_block and row.startswith((" ", "\t")):
            pass
        elif (after_gap and has_key) or not row.startswith(_CONTINUED[has_key]):
            break
        end = i + 1
        after_gap = False
    return end if has_key else start


def _wrapped_header_below(lines: Sequence[str], after: int) -> Layout | None:
    """The content of a wrapper under an outer header, if it has a header of its own."""
    at = _next_content_line(lines, after)
    opening = _WRAPPER.match(lines[at]) if at < len(lines) else None
    if not opening or not opening["word"]:
        return None
    inner = _split_from(lines, at, closed=True)
    return inner if inner and inner.headers else None


def _without_closers(
    lines: Sequence[str], begin: int, fences: list[str]
) -> tuple[int, int]:
    """The body's first line and its end, without the closing lines of the wrappers around it."""
    end = len(lines)
    if not fences:
        return begin, end
    first = _next_content_line(lines, begin)
    is_closed_at_once = first < end and _closes_fence(lines[first], fences[-1])
    if is_closed_at_once and _fences_balanced(lines[first + 1 :]):
        return first + 1, end
    for start in _trailing_fences(lines, begin, len(fences)):
        if _fences_balanced(lines[begin:start]):
            return begin, start
    return begin, end


def _trailing_fences(lines: Sequence[str], begin: int, count: int) -> list[int]:
    """The fences that end the file, at most `count`, with nothing but fences behind them."""
    content = [i for i in range(begin, len(lines)) if lines[i].strip()]
    trailing: list[int] = []
    for i in reversed(content[-count:]):
        if not _FENCE.match(lines[i]):
            break
        trailing.insert(0, i)
    return trailing


def _closes_fence(row: str, fence: str) -> bool:
    mark = row.strip()
    return mark.startswith(fence) and not mark.strip(fence[0])


def _fences_balanced(rows: Sequence[str]) -> bool:
    """Whether every code block in these rows is closed."""
    *_, last_open = ["", *open_fences(rows)]
    return not last_open
