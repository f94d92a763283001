"""Phrases as a founder lists them, found in text as models write it.

Case, accents, width, look-alike letters, invisible characters, entities, emphasis and line breaks hide nothing; a
hyphen is a space. `fatura*` stands for every word that begins so. One pass over the text, whatever is in it.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel import names
from agentco.kernel.characters import INVISIBLE

_ENTITY = re.compile(r"&#?\w{1,31};")
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
_MARK = re.compile(f"{INVISIBLE.pattern}|{_MARKS}")
_WORD = r"[^\W_]+(?:\*\*++[^\W_]+)*+"
_SIGN = r"[^\w\s*`~>'\"\u2018-\u201f\u00ab\u00bb\u2010-\u2015-]"
_PARTS = re.compile(f"({_WORD}|{_SIGN})")
_LISTED_PART = re.compile(rf"{_WORD}\*?|{_SIGN}")
_MAX_PLACES, _CACHE_SIZE = 50, 16384

Span: TypeAlias = tuple[int, int]


class _FoldTable(dict[int, str]):
    """What each character is compared as: small letters without marks, nothing for what is not seen."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _MARK.sub(
            "", unicodedata.normalize("NFKD", chr(code))
        ).casefold()
        return folded


_FOLDED = _FoldTable()


class FoldedText(Struct, frozen=True, kw_only=True, dict=True):
    """A text as it stands (entities are what they stand for) and as it is compared."""

    said: str
    folded: str

    @cached_property
    def words_and_edges(self) -> tuple[Sequence[str], Sequence[int]]:
        """Its words and signs, and where each begins and ends in the folded text, one after the other."""
        split = _PARTS.split(names.skeleton(self.folded))
        return [part.replace("*", "") for part in split[1::2]], [
            *accumulate(map(len, split))
        ]

    @cached_property
    def char_origins(self) -> Sequence[int]:
        """For each folded character the place of the one it came from."""
        if all(len(_FOLDED[ord(c)]) == 1 for c in set(self.said)):
            return range(len(self.said))
        return [i for i, c in enumerate(self.said) for _ in _FOLDED[ord(c)]]

    def original_words(self, place: Span) -> str:
        """The words at a place of the folded text, as they stand, on one line."""
        said = self.said[
            self.char_origins[place[0]] : self.char_origins[place[1] - 1] + 1
        ]
        return " ".join(INVISIBLE.sub("", said).split())

    def line_number(self, place: Span) -> int:
        """The line a place is on, from 1."""
        return self.said.count("\n", 0, self.char_origins[place[0]]) + 1


def fold_text(text: str) -> FoldedText:
    """A text, ready to be searched; its lines are those of the text."""
    said = (
        _ENTITY.sub(lambda m: html.unescape(m[0]).replace("\n", " "), text)
        if "&" in text
        else text
    )
    return FoldedText(said=said, folded=said.translate(_FOLDED))


@lru_cache(maxsize=8192)
def split_phrase(phrase: str) -> list[str]:
    """The words and signs of a listed phrase, `*` after those that are only beginnings; empty if nothing is left."""
    found = _LISTED_PART.findall(names.skeleton(phrase.translate(_FOLDED)))
    return [part.replace("*", "") + "*" * part.endswith("*") for part in found]


class Node(Struct):
    """Where phrases go on, by their next part (`fatura*` is a beginning, of a size), and whose phrases end here."""

    parts: dict[str, "Node"] = {}
    sizes: dict[str, dict[int, None]] = {}
    ends: dict[int, None] = {}

    def next_nodes(self, word: str) -> Iterable["Node"]:
        """The nodes to which a word of the text leads; sizes are known by the first two letters."""
        sizes = (
            (n for key in {word[:1], word[:2]} for n in self.sizes.get(key, ()))
            if self.sizes
            else ()
        )
        return [
            self.parts[part]
            for part in (word, *(f"{word[:n]}*" for n in sizes))
            if part in self.parts
        ]


@lru_cache(maxsize=16)
def build_phrase_tree(
    lists: tuple[tuple[str, ...], ...],
) -> Callable[[str], Iterable[Node]]:
    """The phrases of several lists as a tree of their parts: where each word of a text leads from its root."""
    root = Node()
    for number, phrase in (
        (n, split)
        for n, phrases in enumerate(lists)
        for split in map(split_phrase, phrases)
        if split
    ):
        node = root
        for part in phrase:
            if part.endswith("*"):
                node.sizes.setdefault(part.rstrip("*")[:2], {})[len(part) - 1] = None
            node = node.parts.setdefault(part, Node())
        node.ends[number] = None
    return lru_cache(maxsize=_CACHE_SIZE)(root.next_nodes)


def find_phrases(
    text: FoldedText, lists: tuple[tuple[str, ...], ...]
) -> tuple[dict[int, int], ...]:
    """For each list where its phrases are in the text: beginnings and ends, the longest at each beginning."""
    found: tuple[dict[int, int], ...] = tuple({} for _ in lists)
    first, (words, edges) = build_phrase_tree(lists), text.words_and_edges
    for at, word in enumerate(words):
        nodes, here = first(word), at
        while nodes:
            for number in (number for node in nodes for number in node.ends):
                found[number][edges[2 * at]] = edges[2 * here + 1]
            here += 1
            nodes = (
                [n for node in nodes for n in node.next_nodes(words[here])]
                if here < len(words)
                else ()
            )
    return found


def distinct_words(
    text: FoldedText, found: Iterable[Span], most: int
) -> tuple[str, ...]:
    """What stands at the first places, each once whatever its case, and no more than `most`."""
    said: dict[str, Span] = {}
    for place in islice(found, _MAX_PLACES):
        said.setdefault(text.folded[slice(*place)], place)
    return tuple(map(text.original_words, islice(said.values(), most)))
