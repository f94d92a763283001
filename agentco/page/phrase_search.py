"""Phrases as a founder lists them, found in text as models write it.

Case, accents, width, look-alike letters, invisible characters, tags, entities, emphasis and line
breaks hide nothing; a hyphen is a space. `fatura*` stands for every word that begins so. One pass
over the text, whatever is in it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import TypeAlias

from msgspec import Struct

from agentco.judging.phrase_tree import (
    PhraseLists,
    build_phrase_tree,
    find_in_tree,
    words_with_edges,
)
from agentco.kernel.characters import INVISIBLE
from agentco.kernel.comparison import ENTITY, draw_letters, unescape_entities
from agentco.page.drawing import draw_text, letter_origins

_LAYER_END = "\n.\n"
_MAX_PLACES = 50
_GAP_SIGNS = " \t\n,-*_"

Span: TypeAlias = tuple[int, int]


class FoldedText(Struct, frozen=True, kw_only=True, dict=True):
    """A text as it was `said`, and as it is compared: first what is drawn of it, then the rest.

    `layers` are these parts, each of the length of the text, with a stop between.
    """

    said: str
    layers: str
    folded: str

    @cached_property
    def words_and_edges(self) -> tuple[Sequence[str], Sequence[int]]:
        """Its words and signs, and where each begins and ends in the folded text, in turn."""
        return words_with_edges(self.folded)

    @cached_property
    def char_origins(self) -> Sequence[int]:
        """For each folded character the place of the one it came from."""
        origins = letter_origins(self.layers)
        size = len(self.said)
        if len(self.layers) == size:
            return origins
        step = size + len(_LAYER_END)
        return [min(place % step, size - 1) for place in origins]

    def original_span(self, place: Span) -> Span:
        """Where in the text as it was said a place of the folded text stands."""
        start, end = place
        return self.char_origins[start], self._end(self.char_origins[end - 1])

    def original_words(self, place: Span) -> str:
        """The words at a place of the folded text, as they stand, on one line."""
        first, end = self.original_span(place)
        words = INVISIBLE.sub("", unescape_entities(self.said[first:end]))
        return " ".join(words.split())

    def _end(self, last: int) -> int:
        """Where the sign that stands at a place ends; an entity is one."""
        entity = ENTITY.match(self.said, last)
        return entity.end() if entity else last + 1

    def line_number(self, place: Span) -> int:
        """The line a place is on, from 1."""
        start, _ = place
        return self.said.count("\n", 0, self.char_origins[start]) + 1


def fold_text(text: str) -> FoldedText:
    """A text, ready to be searched; its lines are those of the text."""
    drawing = draw_text(text)
    parts = filter(None, (drawing.shown, drawing.hidden, drawing.code))
    layers = _LAYER_END.join(parts)
    return FoldedText(said=text, layers=layers, folded=draw_letters(layers))


def find_phrases(text: FoldedText, lists: PhraseLists) -> tuple[dict[int, int], ...]:
    """For each list where its phrases are: from beginning to end, the longest at each beginning."""
    if not any(lists):
        return tuple({} for _ in lists)
    words, edges = text.words_and_edges
    found = find_in_tree(words, edges, build_phrase_tree(lists))
    return tuple(found.get(number, {}) for number in range(len(lists)))


def places_apart(
    text: FoldedText, places: Iterable[Span], exceptions: Iterable[Span]
) -> list[Span]:
    """The places that neither overlap an exception nor stand beside one."""
    around = [_with_neighbours(text.folded, place) for place in sorted(exceptions)]
    if not around:
        return list(places)
    starts = [start for start, _ in around]
    apart: list[Span] = []
    for start, end in places:
        before = bisect_left(starts, end)
        # exceptions are short, so that few of them can reach so far
        if all(stop <= start for _, stop in around[max(0, before - 8) : before]):
            apart.append((start, end))
    return apart


def _with_neighbours(text: str, place: Span) -> Span:
    """A place with the gaps around it, up to the next words."""
    start, end = place
    while start and text[start - 1] in _GAP_SIGNS:
        start -= 1
    while end < len(text) and text[end] in _GAP_SIGNS:
        end += 1
    return start - 1, end + 1


def distinct_words(
    text: FoldedText, places: Iterable[Span], most: int
) -> tuple[str, ...]:
    """What stands at the first places, each once whatever its case, and no more than `most`."""
    firsts: dict[str, Span] = {}
    for place in islice(places, _MAX_PLACES):
        start, end = place
        firsts.setdefault(text.folded[start:end], place)
    return tuple(map(text.original_words, islice(firsts.values(), most)))
