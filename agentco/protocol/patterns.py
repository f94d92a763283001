"""What a list of words cannot say: a currency with a period, a percentage of a price, the date of a tax.

A figure, and a word near it in the same sentence, in folded text (`phrases.read`).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from agentco.company import beside

_REACH = 60
_END = re.compile(r"[.!?;\n](?:(?<!\n)(?=\s|$)|(?<=\n)\s{0,9}\n)")
_DIGIT = re.compile(r"\d")


class _Table(Struct, frozen=True):
    """For each pattern the forms of its figure and of the words near it; `<piece>` stands for a piece.

    No form may match more than some tens of characters: that is what keeps the time linear.
    """

    pieces: dict[str, tuple[str, ...]]
    patterns: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    said: dict[str, str]


_TABLE = beside.table(__name__, _Table)
SAID = _TABLE.said
"""How each pattern is told to an agent."""


@lru_cache
def _compiled(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(rf"(?<![^\W_](?=[^\W_]))(?:{_one_of(forms)})(?![^\W_])", re.ASCII) for forms in _TABLE.patterns[name]
    )


def _one_of(forms: tuple[str, ...]) -> str:
    return re.sub("<([a-z]+)>", lambda m: f"(?:{_one_of(_TABLE.pieces[m[1]])})", "|".join(forms))


def sentences(folded: str) -> list[tuple[int, int]]:
    """Where the sentences with a figure in them begin and end."""
    edges = pairwise([0, *(m.end() for m in _END.finditer(folded)), len(folded)])
    return [(start, end) for start, end in edges if _DIGIT.search(folded, start, end)]


def places(name: str, folded: str, within: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where a pattern is in the sentences of a folded text: from its figure to its word, or the other way round."""
    figure, near = _compiled(name)
    for sentence in within:
        figures = [m.span() for m in figure.finditer(folded, *sentence)]
        words = [m.span() for m in near.finditer(folded, *sentence)] if figures else []
        for start, end in figures if words else ():
            at = bisect_left(words, (start, end))
            later, sooner = words[at : at + 2], words[max(0, at - 2) : at]
            if later := [last for first, last in later if first >= end and last - end <= _REACH]:
                yield start, later[0]
            elif sooner := [first for first, last in sooner if last <= start and start - first <= _REACH]:
                yield sooner[-1], end
