"""Finding what the company knows: every word must occur; name over type over observation, then the newest."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import compress, repeat
from operator import contains

from msgspec import Struct

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
    """Entities in which every word occurs as a substring, case aside; no word at all matches everything.

    `only` says of each name whether it is wanted.
    """
    wanted = words.casefold().split()
    # The longest word goes first: it leaves the fewest.
    matches = names_holding(
        graph.search_texts,
        graph.search_texts.values(),
        sorted(wanted, key=len, reverse=True),
    )
    matches = [name for name in matches if only(name)] if only else matches
    chosen = dict.fromkeys(best_matches(graph, matches, wanted, limit))
    entities = [entity for name in chosen if (entity := graph.find_entity(name))]
    ties = [r for r in graph.relations if r.from_ in chosen or r.to in chosen]
    return SearchResult(entities=entities, relations=ties, total=len(matches))


def names_holding(
    names: Collection[str], texts: Collection[str], words: Sequence[str]
) -> list[str]:
    """The names whose texts hold every word: no line of Python runs for a single text."""
    for word in words:
        held = [*map(contains, texts, repeat(word))]
        names, texts = [*compress(names, held)], [*compress(texts, held)]
    return list(names)


def best_matches(
    graph: MemoryGraph, matches: Sequence[str], wanted: Sequence[str], limit: int
) -> list[str]:
    """The first `limit` names: those that match by name, then with their type, then all others."""
    chosen: list[str] = []
    for names in (
        matches_by_name(matches, wanted),
        matches_by_type(graph, matches, wanted),
        matches,
    ):
        if len(chosen) < limit:
            taken = set(chosen)
            fresh = [name for name in names if name not in taken] if taken else names
            chosen += nlargest(limit - len(chosen), fresh, key=graph.recent.__getitem__)
    return chosen


def matches_by_name(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The names that hold every word themselves."""
    return names_holding(names, [name.casefold() for name in names], wanted)


def matches_by_type(
    graph: MemoryGraph, matches: Sequence[str], wanted: Sequence[str]
) -> list[str]:
    """The names that hold every word which their type does not hold."""
    names: list[str] = []
    matched: set[str] = set()
    for kind, of_kind in graph.types.items():
        left = [word for word in wanted if word not in kind.casefold()]
        if len(left) < len(wanted):
            matched = matched or set(matches)
            names += matches_by_name(
                [name for name in of_kind if name in matched], left
            )
    return names


def mentioned_filter(
    graph: MemoryGraph, *, since: datetime | None, type_: str | None, by: str | None
) -> Callable[[str], bool]:
    """Whether a name is of a type and has a line by somebody that was said or found true since a moment."""

    def wanted(name: str) -> bool:
        lines = (line for line in graph.lines_of(name) if by is None or line.by == by)
        late = (
            line
            for line in lines
            if since is None or parse_time(line.verified or line.at) >= since
        )
        return any(late) and (type_ is None or graph.lines_of(name)[0].type == type_)

    return wanted
