"""Phrases as a founder lists them, found in text as models write it.

Case, accents, width, look-alike letters, invisible characters, tags, entities, emphasis and line
breaks hide nothing; a hyphen is a space. `fatura*` stands for every word that begins so. One pass
over the text, whatever is in it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel import names
from agentco.kernel.characters import INVISIBLE
from agentco.kernel.comparison import ENTITY, draw_letters, unescape_entities
from agentco.page.drawing import draw_text, letter_origins

_WORD = r"[^\W_]+"
_SIGN = r"[^\w\s*`~>'\"\u2018-\u201f\u00ab\u00bb\u2010-\u2015-]"
_PARTS = re.compile(f"({_WORD}|{_SIGN})")
_LISTED_PART = re.compile(rf"{_WORD}\*?|{_SIGN}")
_LAYER_END = "\n.\n"
_MAX_PLACES = 50
_CACHED_WORDS = 16384

Span: TypeAlias = tuple[int, int]
PhraseLists: TypeAlias = tuple[tuple[str, ...], ...]


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
        pieces = _PARTS.split(names.skeleton(self.folded))
        edges = list(accumulate(map(len, pieces)))
        return pieces[1::2], edges

    @cached_property
    def char_origins(self) -> Sequence[int]:
        """For each folded character the place of the one it came from."""
        origins = letter_origins(self.layers)
        size = len(self.said)
        if len(self.layers) == size:
            return origins
        step = size + len(_LAYER_END)
        return [min(place % step, size - 1) for place in origins]

    def original_words(self, place: Span) -> str:
        """The words at a place of the folded text, as they stand, on one line."""
        start, end = place
        first = self.char_origins[start]
        last = self.char_origins[end - 1]
        words = INVISIBLE.sub("", unescape_entities(self.said[first : self._end(last)]))
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


@lru_cache(maxsize=8192)
def split_phrase(phrase: str) -> list[str]:
    """The words and signs of a listed phrase, `*` behind the beginnings; empty if none is left."""
    folded_phrase = names.skeleton(draw_letters(phrase))
    parts: list[str] = []
    for listed_part in _LISTED_PART.findall(folded_phrase):
        part = listed_part.replace("*", "")
        if listed_part.endswith("*"):
            part = f"{part}*"
        parts.append(part)
    return parts


class PhraseNode(Struct):
    """A place in a tree of phrases.

    `parts` are the next nodes by the next part of a phrase, `sizes` the lengths of the beginnings
    among them by their first two letters, `ends` the lists of which a phrase ends here.
    """

    parts: dict[str, "PhraseNode"] = {}
    sizes: dict[str, dict[int, None]] = {}
    ends: dict[int, None] = {}

    def next_nodes(self, word: str) -> Iterable["PhraseNode"]:
        """The nodes to which a word of the text leads."""
        keys = [word]
        if self.sizes:
            for first_letters in {word[:1], word[:2]}:
                for size in self.sizes.get(first_letters, ()):
                    beginning = word[:size]
                    keys.append(f"{beginning}*")
        return [self.parts[key] for key in keys if key in self.parts]

    def add_phrase(self, parts: Iterable[str], number: int) -> None:
        """Add a phrase of the list with this number below the node."""
        node = self
        for part in parts:
            if part.endswith("*"):
                beginning = part.rstrip("*")
                sizes = node.sizes.setdefault(beginning[:2], {})
                sizes[len(beginning)] = None
            node = node.parts.setdefault(part, PhraseNode())
        node.ends[number] = None


@lru_cache(maxsize=16)
def build_phrase_tree(lists: PhraseLists) -> Callable[[str], Iterable[PhraseNode]]:
    """The phrases of several lists as a tree: where each word of a text leads from its root."""
    root = PhraseNode()
    for number, phrases in enumerate(lists):
        for phrase in phrases:
            parts = split_phrase(phrase)
            if parts:
                root.add_phrase(parts, number)
    return lru_cache(maxsize=_CACHED_WORDS)(root.next_nodes)


def find_phrases(text: FoldedText, lists: PhraseLists) -> tuple[dict[int, int], ...]:
    """For each list where its phrases are: from beginning to end, the longest at each beginning."""
    found: tuple[dict[int, int], ...] = tuple({} for _ in lists)
    first_nodes = build_phrase_tree(lists)
    words, edges = text.words_and_edges
    for start, first in enumerate(words):
        nodes = first_nodes(first)
        last = start
        while nodes:
            for node in nodes:
                for number in node.ends:
                    found[number][edges[2 * start]] = edges[2 * last + 1]
            last += 1
            if last == len(words):
                break
            next_nodes: list[PhraseNode] = []
            for node in nodes:
                next_nodes += node.next_nodes(words[last])
            nodes = next_nodes
    return found


def distinct_words(
    text: FoldedText, places: Iterable[Span], most: int
) -> tuple[str, ...]:
    """What stands at the first places, each once whatever its case, and no more than `most`."""
    firsts: dict[str, Span] = {}
    for place in islice(places, _MAX_PLACES):
        start, end = place
        firsts.setdefault(text.folded[start:end], place)
    return tuple(map(text.original_words, islice(firsts.values(), most)))
