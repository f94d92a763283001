"""What a list of words cannot say: a currency with a period, a percentage of a price, the date of a tax.

A figure, and a word near it in the same sentence, in folded text (`phrases.read`).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise

from msgspec import Struct

from agentco.kernel import package_data

_MAX_DISTANCE = 60
_SENTENCE_END = re.compile(r"[.!?;\n](?:(?<!\n)(?=\s|$)|(?<=\n)\s{0,9}\n)")


class _PatternTable(Struct, frozen=True):
    """For each pattern the forms of its figure and of the words near it; `<piece>` stands for a piece.

    No form may match more than some tens of characters: that is what keeps the time linear.
    """

    pieces: dict[str, tuple[str, ...]]
    patterns: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    said: dict[str, str]


_TABLE = package_data.load_table(__name__, _PatternTable)
PATTERN_DESCRIPTIONS = _TABLE.said
"""How each pattern is told to an agent."""


@lru_cache
def _compile_pattern(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(rf"(?<![^\W_](?=[^\W_]))(?:{_one_of(forms)})(?![^\W_])", re.ASCII)
        for forms in _TABLE.patterns[name]
    )


def _one_of(forms: tuple[str, ...]) -> str:
    return re.sub(
        "<([a-z]+)>", lambda m: f"(?:{_one_of(_TABLE.pieces[m[1]])})", "|".join(forms)
    )


@lru_cache(maxsize=2)
def _figure_sentences(folded: str) -> list[tuple[int, int]]:
    """Where the sentences with a figure in them begin and end."""
    edges = pairwise(
        [0, *(m.end() for m in _SENTENCE_END.finditer(folded)), len(folded)]
    )
    return [(start, end) for start, end in edges if re.search(r"\d", folded[start:end])]


def find_pattern(name: str, folded: str) -> Iterator[tuple[int, int]]:
    """Where a pattern is in folded text: from its figure to its word, or the other way round."""
    figure, near = _compile_pattern(name)
    for sentence in _figure_sentences(folded):
        words = [m.span() for m in near.finditer(folded, *sentence)]
        for start, end in (
            (m.span() for m in figure.finditer(folded, *sentence)) if words else ()
        ):
            at = bisect_left(words, (start, end))
            around = (*words[at : at + 2], *reversed(words[max(0, at - 2) : at]))
            near_by = (
                w
                for w in around
                if (w[0] >= end or w[1] <= start)
                and max(w[1] - end, start - w[0]) <= _MAX_DISTANCE
            )
            yield from (
                (min(start, first), max(end, last))
                for first, last in islice(near_by, 1)
            )
