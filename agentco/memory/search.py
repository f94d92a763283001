"""Search: every word must occur; name over type over observation, then the newest."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import compress, repeat
from operator import contains

from msgspec import Struct

from agentco.kernel.comparison import fold_letters
from agentco.memory.graph import MemoryEntity, MemoryGraph, MemoryRelation, parse_time


class SearchResult(Struct, frozen=True, kw_only=True):
    """The best matches, the relations that touch them, and how many matched in all."""

    entities: list[MemoryEntity]
    relations: list[MemoryRelation]
    total: int


def search_entities(
    graph: MemoryGraph,
    words: str,
    *,
    limit: int,
    only: Callable[[str], bool] | None = None,
) -> SearchResult:
    """Entities in which every word occurs as a substring, case and accents aside.

    No words match everything; `only` says whether a name may be among them.
    """
    folded_words = fold_letters(words).split()
    texts = graph.search_texts
    # the longest word goes first: it leaves the fewest
    longest_first = sorted(folded_words, key=len, reverse=True)
    matches = names_holding(texts, texts.values(), longest_first)
    if only:
        matches = [name for name in matches if only(name)]
    best = best_matches(graph, matches, folded_words, limit)
    names = frozenset(best)
    return SearchResult(
        entities=graph.find_entities(best),
        relations=[
            relation
            for relation in graph.relations
            if relation.from_ in names or relation.to in names
        ],
        total=len(matches),
    )


def names_holding(
    names: Collection[str], texts: Collection[str], words: Sequence[str]
) -> list[str]:
    """The names whose texts hold every word; no Python runs for a single text, for speed."""
    for word in words:
        holds_word = list(map(contains, texts, repeat(word)))
        names = list(compress(names, holds_word))
        texts = list(compress(texts, holds_word))
    return list(names)


def best_matches(
    graph: MemoryGraph, matches: Sequence[str], words: Sequence[str], limit: int
) -> list[str]:
    """The first `limit` names: matches by name, then with their type, then all others."""
    best: list[str] = []
    _add_newest(best, matches_by_name(matches, words), limit, graph)
    if len(best) < limit:
        _add_newest(best, matches_by_type(graph, matches, words), limit, graph)
    if len(best) < limit:
        _add_newest(best, matches, limit, graph)
    return best


def _add_newest(
    best: list[str], names: Sequence[str], limit: int, graph: MemoryGraph
) -> None:
    taken = set(best)
    if taken:
        names = [name for name in names if name not in taken]
    best += nlargest(limit - len(best), names, key=graph.recent.__getitem__)


def matches_by_name(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """The names that hold every word themselves."""
    folded_names = [fold_letters(name) for name in names]
    return names_holding(names, folded_names, words)


def matches_by_type(
    graph: MemoryGraph, matches: Sequence[str], words: Sequence[str]
) -> list[str]:
    """The names that hold every word which their type does not hold."""
    names_by_type: list[str] = []
    matched: set[str] = set()
    for type_, names in graph.types.items():
        folded_type = fold_letters(type_)
        rest = [word for word in words if word not in folded_type]
        if len(rest) == len(words):
            continue
        if not matched:
            matched = set(matches)
        matching_names = [name for name in names if name in matched]
        names_by_type += matches_by_name(matching_names, rest)
    return names_by_type


def mentioned_filter(
    graph: MemoryGraph, *, since: datetime | None, type_: str | None, by: str | None
) -> Callable[[str], bool]:
    """Whether a name has this type, and a line by somebody, said or verified since a moment."""

    def is_mentioned(name: str) -> bool:
        lines = graph.lines_of(name)
        if type_ is not None and lines[0].type != type_:
            return False
        if by is not None:
            lines = [line for line in lines if line.by == by]
        if since is None:
            return bool(lines)
        return any(parse_time(line.verified or line.at) >= since for line in lines)

    return is_mentioned
