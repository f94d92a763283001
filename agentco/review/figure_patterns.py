"""What a list of words cannot say: a currency with a period, a percentage of a price, a tax date.

A pattern is a figure and a word near it in the same sentence of folded text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from agentco.kernel import package_data
from agentco.page.phrase_search import Span

_MAX_DISTANCE = 60
"""Characters between a figure and its word."""
_SENTENCE_END = re.compile(r"[.!?;\n](?:(?<!\n)(?=\s|$)|(?<=\n)\s{0,9}\n)")


class _PatternTable(Struct, frozen=True):
    """For each pattern the forms of its figure and of its words; `<piece>` stands for a piece.

    No form may match more than some tens of characters: that is what keeps the time linear.
    """

    pieces: dict[str, tuple[str, ...]]
    patterns: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    said: dict[str, str]


_TABLE = package_data.load_table(__name__, _PatternTable)
PATTERN_DESCRIPTIONS = _TABLE.said
"""How each pattern is told to an agent."""


@lru_cache
def _compile_pattern(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds the figure of a pattern, and what finds the words near it."""
    figure, near = _TABLE.patterns[name]
    return _compile_forms(figure), _compile_forms(near)


def _compile_forms(forms: tuple[str, ...]) -> re.Pattern[str]:
    whole_word = rf"(?<![^\W_](?=[^\W_]))(?:{_one_of(forms)})(?![^\W_])"
    return re.compile(whole_word, re.ASCII)


def _one_of(forms: tuple[str, ...]) -> str:
    """Any of the forms, their pieces filled in."""
    return re.sub("<([a-z]+)>", _fill_piece, "|".join(forms))


def _fill_piece(piece: re.Match[str]) -> str:
    return f"(?:{_one_of(_TABLE.pieces[piece[1]])})"


@lru_cache(maxsize=2)
def _figure_sentences(folded: str) -> list[Span]:
    """Where the sentences with a figure in them begin and end."""
    ends = [end.end() for end in _SENTENCE_END.finditer(folded)]
    sentences = pairwise([0, *ends, len(folded)])
    return [
        (start, end) for start, end in sentences if re.search(r"\d", folded[start:end])
    ]


def find_pattern(name: str, folded: str) -> Iterator[Span]:
    """Where a pattern is in folded text: from its figure to its word, or the other way round."""
    figure_pattern, word_pattern = _compile_pattern(name)
    for start, end in _figure_sentences(folded):
        words = [word.span() for word in word_pattern.finditer(folded, start, end)]
        if not words:
            continue
        for match in figure_pattern.finditer(folded, start, end):
            figure = match.span()
            word = _nearest_word(figure, words)
            if word:
                yield min(figure[0], word[0]), max(figure[1], word[1])


def _nearest_word(figure: Span, words: list[Span]) -> Span | None:
    """The first word after a figure, else the last before it, that is near enough."""
    start, end = figure
    at = bisect_left(words, figure)
    around = [*words[at : at + 2], *reversed(words[max(0, at - 2) : at])]
    for word_start, word_end in around:
        apart = word_start >= end or word_end <= start
        if apart and max(word_end - end, start - word_start) <= _MAX_DISTANCE:
            return word_start, word_end
    return None
