"""Where a Markdown file's header ends and its body begins: rules, wrappers, and headers never closed.

A header opens with a line `---` and ends with the next `---` or `...`. Before it may stand blank lines, an
HTML comment, and the opening of a code fence around the whole file (FORMATS section 11, cases 4 to 6).
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from agentco.company.fences import open_fences

_RULE = re.compile(r"---\s*$")
_CLOSER = re.compile(r"(?:---|\.\.\.)\s*$")
_WRAPPER_WORDS = "prompt|chatmode|chatagent|agent|instructions|skill"
_WRAPPER = re.compile(
    rf"(?P<fence>`{{3,6}}|~{{3,6}})\s*(?P<word>(?P<telling>{_WRAPPER_WORDS})|markdown|md)?\s*$",
    re.IGNORECASE,
)
_DEEPEST_WRAPPER = 3
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
_KEY = re.compile(r"[A-Za-z_][\w-]*:(?:\s|$)")
_OPENED_TWICE = re.compile(r"---[ \t]*\n[A-Za-z_][\w-]*:(?:\s|$)")
_LATER_KEY = re.compile(r"[a-z][\w-]*:(?:\s|$)")
_HEADING = re.compile(r"\s*\n#{1,6} \S")
_HEADING_KEY = re.compile(r"#+ (?=[a-z][\w-]*: )")
_BLOCK = re.compile(r"[\w-]+:\s*[|>][+-]?\d?\s*$")


class Header(Struct, frozen=True, kw_only=True):
    """The text between two rules, and the line on which it begins."""

    text: str
    line: int
    closed: bool = True


class Layout(Struct, frozen=True, kw_only=True):
    """A file cut into its headers, the outermost first, and its body, which begins on `body_line`."""

    headers: tuple[Header, ...]
    body: str
    body_line: int


def split_header(text: str, *, closed: bool = True) -> Layout:
    """Cut a text with LF line ends; without a header everything is body.

    Where nothing is `closed`, a header ends with its leading keys, whatever rules follow.
    """
    return _split_from(text.split("\n"), 0, closed=closed) or without_header(text)


def without_header(text: str) -> Layout:
    """A text without a header."""
    return Layout(headers=(), body=text, body_line=1)


def runs_into_body(header: Header) -> bool:
    """Whether a heading follows the leading keys: then the closing rule may be one of the body's own."""
    rows = header.text.split("\n")
    keys = _end_of_leading_keys(rows, 0)
    return header.closed and keys > 0 and bool(_HEADING.match("\n".join(rows[keys:])))


def _split_from(lines: Sequence[str], start: int, *, closed: bool) -> Layout | None:
    """None where there is neither header nor wrapper from `start` on."""
    first, fences = _skip_wrappers(lines, _next_content_line(lines, start))
    if first == len(lines):
        return None
    header, after = _read_header(lines, first, closed=closed, bare=bool(fences))
    if not fences and not header:
        return None
    headers = (header,) if header else ()
    if not fences and (inner := _wrapped_header_below(lines, after)):
        return Layout(
            headers=headers + inner.headers, body=inner.body, body_line=inner.body_line
        )
    begin, end = _without_closers(lines, after, fences)
    return Layout(
        headers=headers, body="\n".join(lines[begin:end]), body_line=begin + 1
    )


def _read_header(
    lines: Sequence[str], first: int, *, closed: bool, bare: bool
) -> tuple[Header | None, int]:
    """The header that begins on a line, and where its body begins; `bare` keys need no rule."""
    ruled = bool(_RULE.match(lines[first]))
    if not ruled and not (bare and _KEY.match(lines[first])):
        return None, first
    start = first + ruled
    if ruled and _OPENED_TWICE.match("\n".join(lines[start : start + 2])):
        start += 1
    ends = (i for i in range(start, len(lines)) if _CLOSER.match(lines[i]))
    if ruled and closed and (end := next(ends, None)):
        return Header(text="\n".join(lines[start:end]), line=start + 1), end + 1
    end = _end_of_leading_keys(lines, start)
    text = "\n".join(_HEADING_KEY.sub("", row) for row in lines[start:end])
    return (
        (Header(text=text, line=start + 1, closed=not ruled), end)
        if text.strip()
        else (None, first)
    )


def _next_content_line(lines: Sequence[str], start: int) -> int:
    """The first line from `start` on that is neither blank nor an HTML comment."""
    comment = False
    for i in range(start, len(lines)):
        row = lines[i].strip()
        comment = comment or row.startswith("<!--")
        if row and not comment:
            return i
        comment = comment and not row.endswith("-->")
    return len(lines)


def _skip_wrappers(lines: Sequence[str], at: int) -> tuple[int, list[str]]:
    """Step into fences that hold a whole file; a fence without a telling word must hold a header."""
    fences: list[str] = []
    while (
        at < len(lines)
        and len(fences) < _DEEPEST_WRAPPER
        and (opening := _WRAPPER.match(lines[at]))
    ):
        inside = _next_content_line(lines, at + 1)
        held = lines[inside] if inside < len(lines) else ""
        within = _WRAPPER.match(held)
        if not (
            opening["telling"] or _RULE.match(held) or (within and within["telling"])
        ):
            break
        fences.append(opening["fence"])
        at = inside
    return at, fences


def _end_of_leading_keys(lines: Sequence[str], start: int) -> int:
    """The end of the lines that read as a header, where nothing says where it ends."""
    end, block, seen, gap = start, False, False, False
    for i in range(start, len(lines)):
        row = lines[i]
        if not row.strip():
            gap = True
            continue
        belongs = (
            not gap and row.startswith((" ", "\t", "- ", "#"))
            if seen
            else row.startswith("#")
        )
        if (_LATER_KEY if gap and seen else _KEY).match(row):
            block, seen = bool(_BLOCK.match(row)), True
        elif not belongs and not (block and row.startswith((" ", "\t"))):
            break
        end, gap = i + 1, False
    return end if seen else start


def _wrapped_header_below(lines: Sequence[str], after: int) -> Layout | None:
    """A wrapper under an outer header, when it holds a header of its own."""
    at = _next_content_line(lines, after)
    if (
        at == len(lines)
        or not (opening := _WRAPPER.match(lines[at]))
        or not opening["word"]
    ):
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
    if (
        first < end
        and _closes_fence(lines[first], fences[-1])
        and _fences_balanced(lines[first + 1 :])
    ):
        return first + 1, end
    last = [i for i in range(begin, end) if lines[i].strip()][-len(fences) :]
    ends = [
        i for n, i in enumerate(last) if all(_FENCE.match(lines[j]) for j in last[n:])
    ]
    return begin, next((i for i in ends if _fences_balanced(lines[begin:i])), end)


def _closes_fence(row: str, fence: str) -> bool:
    return row.strip().startswith(fence) and not row.strip().strip(fence[0])


def _fences_balanced(rows: Sequence[str]) -> bool:
    """Whether every code block in these rows is closed."""
    return not ["", *open_fences(rows)][-1]
