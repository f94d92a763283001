"""Phrases as a tree, found in words: one pass over a text, however many phrases there are."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel import names
from agentco.kernel.comparison import draw_letters

_WORD = r"[^\W_]+"
_SIGN = r"[^\w\s*`~>'\"\u2018-\u201f\u00ab\u00bb\u2010-\u2015-]"
_PARTS = re.compile(f"({_WORD}|{_SIGN})")
_LISTED_PART = re.compile(rf"{_WORD}\*?|{_SIGN}")
_CACHED_WORDS = 16384

PhraseLists: TypeAlias = tuple[tuple[str, ...], ...]
FirstNodes: TypeAlias = Callable[[str], Iterable["PhraseNode"]]


def words_with_edges(folded: str) -> tuple[Sequence[str], Sequence[int]]:
    """The words and signs of folded text, and where each begins and ends, in turn."""
    pieces = _PARTS.split(names.skeleton(folded))
    edges = list(accumulate(map(len, pieces)))
    return pieces[1::2], edges


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
        if not self.sizes:
            node = self.parts.get(word)
            return () if node is None else (node,)
        keys = [word]
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
def build_phrase_tree(lists: PhraseLists) -> FirstNodes:
    """The phrases of several lists as a tree: where each word of a text leads from its root."""
    root = PhraseNode()
    for number, phrases in enumerate(lists):
        for phrase in phrases:
            parts = split_phrase(phrase)
            if parts:
                root.add_phrase(parts, number)
    return lru_cache(maxsize=_CACHED_WORDS)(root.next_nodes)


def find_in_tree(
    words: Sequence[str], edges: Sequence[int], first_nodes: FirstNodes
) -> dict[int, dict[int, int]]:
    """For each list that is found where its phrases are, the longest at each beginning."""
    found: dict[int, dict[int, int]] = {}
    for start, firsts in enumerate(map(first_nodes, words)):
        nodes = firsts
        last = start
        while nodes:
            for node in nodes:
                for number in node.ends:
                    places = found.setdefault(number, {})
                    places[edges[2 * start]] = edges[2 * last + 1]
            last += 1
            if last == len(words):
                break
            next_nodes: list[PhraseNode] = []
            for node in nodes:
                if node.parts:
                    next_nodes += node.next_nodes(words[last])
            nodes = next_nodes
    return found
