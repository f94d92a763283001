"""What a list of words cannot say: a currency with a period, a percentage of a price, the date of a tax.

A figure, and a word near it in the same sentence, in folded text (`phrases.read`).
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from agentco.company import beside

_REACH = 60
_END = re.compile(r"[.!?;](?=\s|$)|\n\s{0,9}\n")


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


def places(name: str, folded: str) -> Iterator[tuple[int, int]]:
    """Where a pattern is in folded text: from its figure to its word, or the other way round."""
    figure, near = _compiled(name)
    for m in figure.finditer(folded):
        start, end = m.span()
        first, last = max(0, start - _REACH), end + _REACH
        last = stop.start() if (stop := _END.search(folded, end, last)) else last
        first = max((stop.end() for stop in _END.finditer(folded, first, start)), default=first)
        if word := near.search(folded, end, last):
            yield start, word.end()
        elif word := near.search(folded, first, start):
            yield word.start(), end
