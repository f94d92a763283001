"""The words around each figure of a text: the same however its lines are broken and marked."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel.figures import locate_figures
from agentco.review.line_words import fingerprint, join_words, undress

REACH = 4
"""Words on each side of a figure."""
FEWEST_BESIDE = 4
"""With fewer words beside it, a figure could be anybody's."""
MOST_FIGURES = 20_000
"""Of one text; what stands behind them is compared by lines alone."""
_EDGES = ".,;:!?\"'()[]{}\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"


WindowPrints: TypeAlias = Sequence[tuple[str, range]]
"""Fingerprints, each with the words of the figure that it is of."""


class _Word(Struct, frozen=True):
    """A word of a line: without what stands at its edges, and as the line has it."""

    said: str
    raw: str
    line: int


class ToldWords:
    """What an author was told, as one row of words for each text."""

    def __init__(self, heard: Iterable[str]) -> None:
        self._rows = [f" {_join(_words_of(text))} " for text in heard]

    def says(self, line: str) -> bool:
        """Whether a text says the words of a line, in their order and nothing between."""
        return self.has(_join(_words_of(line)))

    def has(self, words: str) -> bool:
        """Whether a text has joined words."""
        return any(f" {words} " in row for row in self._rows)


def windows_written(text: str, told: ToldWords) -> Iterator[str]:
    """The fingerprints of the words around the figures of what an agent wrote.

    Each is taken within its line, which may come back alone, and over line breaks. A figure is left
    out that the author was told in the same words of its line.
    """
    words = _words_of(text)
    written: dict[str, None] = {}
    for figure in _figures(text):
        place = figure.start
        line = words[place].line
        before = words[max(place - REACH, 0) : place]
        after = words[place + 1 : place + 1 + REACH]
        in_line = [
            [one for one in side if one.line == line] for side in (before, after)
        ]
        said = _join([*in_line[0], words[place], *in_line[1]])
        if told.has(said):
            continue
        for first, last in ((before, after), in_line):
            if len(first) + len(last) >= FEWEST_BESIDE:
                written[_join([*first, words[place], *last])] = None
    yield from map(fingerprint, written)


def window_prints(text: str) -> WindowPrints:
    """Every fingerprint that a figure of a text may be known by."""
    words = _words_of(text)
    said = [word.said for word in words]
    prints: list[tuple[str, range]] = []
    for figure in _figures(text):
        place = figure.start
        for before in range(min(REACH, place) + 1):
            first = place - before
            least = max(FEWEST_BESIDE - before, 0)
            most = min(REACH, len(words) - place - 1)
            for after in range(least, most + 1):
                last = place + after + 1
                prints.append((fingerprint(" ".join(said[first:last])), figure))
    return prints


def lines_without(
    text: str, prints: WindowPrints, known: Collection[str]
) -> dict[int, str]:
    """The lines that hold known figures, by their number from 0: what else they say.

    `prints` are those of the text.
    """
    gone: set[int] = set()
    for known_as, figure in prints:
        if known_as in known:
            gone.update(figure)
    words = _words_of(text)
    left: dict[int, list[str]] = {words[place].line: [] for place in gone}
    for place, word in enumerate(words):
        if word.line in left and place not in gone:
            left[word.line].append(word.raw)
    return {line: " ".join(raws) for line, raws in left.items()}


@lru_cache(maxsize=16)
def _words_of(text: str) -> tuple[_Word, ...]:
    found: list[_Word] = []
    for line, said in enumerate(text.splitlines()):
        for raw in undress(join_words(said)).split():
            word = raw.strip(_EDGES)
            if any(map(_counts, word)):
                found.append(_Word(said=word, raw=raw, line=line))
    return tuple(found)


def _counts(char: str) -> bool:
    """Whether a sign says something: marks of lists, quotations and rows do not."""
    return char.isalnum() or char in "%€$£"


@lru_cache(maxsize=16)
def _figures(text: str) -> tuple[range, ...]:
    """Which words of a text hold a digit, or are a figure in words."""
    words = _words_of(text)
    starts: dict[int, int] = {}
    at = 0
    for place, word in enumerate(words):
        starts[at] = place
        at += len(word.said) + 1
    whole = _join(words)
    found: dict[int, range] = {}
    for one in locate_figures(whole):
        if one.start in starts:
            first = starts[one.start]
            found[first] = range(
                first, first + 1 + whole.count(" ", one.start, one.end)
            )
    for place, word in enumerate(words):
        if any(map(str.isdigit, word.said)):
            found[place] = range(place, place + 1)
    return tuple(found[place] for place in islice(sorted(found), MOST_FIGURES))


def _join(words: Collection[_Word]) -> str:
    return " ".join(word.said for word in words)
