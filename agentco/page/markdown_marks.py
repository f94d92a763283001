"""The marks of Markdown that are not drawn: emphasis, links, definitions, code."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from msgspec import Struct

Span = tuple[int, int]

DEFINITION = re.compile(
    r"""(?<![^\n])[ ]{0,3}\[(?!\^)(?P<label>[^\[\]\n]{1,200})\]:[ \t]*+
        (?P<target><[^<>\n]*+>|[^\s<][^\s]*+)
        (?P<title>[ \t]++(?:"[^"\n]*+"|'[^'\n]*+'|\([^()\n]*+\)))?+[ \t]*+(?![^\n])""",
    re.VERBOSE,
)
"""A line that says where a reference leads."""
INLINE_TARGET = re.compile(
    r"""\(\s*+(?P<target><[^<>\n]*+>|(?:\\[()]|[^\s()]|\([^\s()]*+\))*+)
        (?P<title>\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?+\s*+\)""",
    re.VERBOSE,
)
REFERENCE = re.compile(r"\[(?P<label>[^\[\]]{0,200})\]")
_BLANK_LINE = re.compile(r"\n[ \t]*+(?=\n)")
_TICKS = re.compile("`+")
_FENCE_LINE = re.compile(r"(?<![^\n])[ \t>]*(`{3,}|~{3,})([^\n]*)")


class LinkTarget(Struct, frozen=True, kw_only=True):
    """Where a link leads to, as it is written from `start` to `end`; `shown` is the link's text.

    `attribute` is that of a tag in which it stands.
    """

    start: int
    end: int
    shown: Span
    attribute: str = ""


class EmphasisRun(Struct, frozen=True, kw_only=True):
    """Stars, underscores or tildes that may open or close emphasis."""

    start: int
    end: int
    sign: str
    opens: bool
    closes: bool


def read_run(text: str, start: int, end: int) -> EmphasisRun:
    """What a run of signs may do, by CommonMark 0.31, 6.2; a single star in 2*3 does nothing."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    is_left = not after.isspace() and (after.isalnum() or not before.isalnum())
    is_right = not before.isspace() and (before.isalnum() or not after.isalnum())
    sign = text[start]
    if sign == "*" and end - start == 1 and before.isdigit() and after.isdigit():
        is_left = is_right = False
    if sign == "_":
        is_left = is_left and not before.isalnum()
        is_right = is_right and not after.isalnum()
    return EmphasisRun(start=start, end=end, sign=sign, opens=is_left, closes=is_right)


def paired_marks(runs: Sequence[EmphasisRun]) -> Iterator[Span]:
    """The signs of these runs that are emphasis: an opening one for each closing one."""
    openers: dict[str, list[list[int]]] = {"*": [], "_": [], "~": []}
    for run in runs:
        start = run.start
        waiting = openers[run.sign]
        while run.closes and waiting and start < run.end:
            opener = waiting[-1]
            size = min(opener[1] - opener[0], run.end - start)
            yield opener[1] - size, opener[1]
            yield start, start + size
            opener[1] -= size
            start += size
            if opener[0] == opener[1]:
                waiting.pop()
        if run.opens and start < run.end:
            waiting.append([start, run.end])


class CodeTicks:
    """The backticks and fences of a text, to find where code ends."""

    def __init__(self, text: str) -> None:
        """Find every run of backticks, by its length."""
        self._text = text
        self._starts: dict[int, list[int]] = {}
        for run in _TICKS.finditer(text):
            self._starts.setdefault(len(run[0]), []).append(run.start())
        self._blank_lines = [line.start() for line in _BLANK_LINE.finditer(text)]
        self._fences = dict(fenced_blocks(text))

    def is_fence(self, start: int) -> bool:
        """Whether a fence opens here."""
        return start in self._fences

    def code_end(self, start: int, end: int) -> Span | None:
        """From where to where the marks stand that close code, or None when it is none."""
        if start in self._fences:
            return self._fences[start]
        size = end - start
        starts = self._starts.get(size, [])
        place = bisect_left(starts, end)
        if place == len(starts):
            return None
        closing = starts[place]
        blank = bisect_left(self._blank_lines, start)
        if blank < len(self._blank_lines) and self._blank_lines[blank] < closing:
            return None
        return closing, closing + size


def fenced_blocks(text: str) -> Iterator[tuple[int, Span]]:
    """Where each fence opens, and from where to where the line is that closes it."""
    opening: re.Match[str] | None = None
    for line in _FENCE_LINE.finditer(text):
        marks, rest = line.groups()
        if opening is None:
            if "`" not in rest:
                opening = line
        elif marks.startswith(opening[1]) and not rest.strip():
            yield opening.start(1), line.span(1)
            opening = None
    if opening is not None:
        yield opening.start(1), (len(text), len(text))


def normal_label(label: str) -> str:
    """The label of a reference as it is compared."""
    return " ".join(label.casefold().split())


def read_definitions(text: str) -> dict[str, Span]:
    """For each reference that is defined where its target stands."""
    targets: dict[str, Span] = {}
    if "]:" in text:
        for match in DEFINITION.finditer(text):
            targets.setdefault(normal_label(match["label"]), match.span("target"))
    return targets
