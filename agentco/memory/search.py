"""Finding what the company knows: every word must occur; name over type over observation, then the newest."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import compress, repeat
from operator import contains

from msgspec import Struct

from agentco.memory.graph import Entity, Graph, Relation, moment


class Found(Struct, frozen=True, kw_only=True):
    """The best matches, the relations that touch them, and how many matched in all."""

    entities: list[Entity]
    relations: list[Relation]
    total: int


def search(
    graph: Graph, words: str, *, limit: int, only: Callable[[str], bool] | None = None
) -> Found:
    """Entities in which every word occurs as a substring, case aside; no word at all matches everything.

    `only` says of each name whether it is wanted.
    """
    wanted = words.casefold().split()
    # The longest word goes first: it leaves the fewest.
    matches = holding(
        graph.texts, graph.texts.values(), sorted(wanted, key=len, reverse=True)
    )
    matches = [name for name in matches if only(name)] if only else matches
    chosen = dict.fromkeys(best(graph, matches, wanted, limit))
    entities = [entity for name in chosen if (entity := graph.entity(name))]
    ties = [r for r in graph.relations if r.from_ in chosen or r.to in chosen]
    return Found(entities=entities, relations=ties, total=len(matches))


def holding(
    names: Collection[str], texts: Collection[str], words: Sequence[str]
) -> list[str]:
    """The names whose texts hold every word: no line of Python runs for a single text."""
    for word in words:
        held = [*map(contains, texts, repeat(word))]
        names, texts = [*compress(names, held)], [*compress(texts, held)]
    return list(names)


def best(
    graph: Graph, matches: Sequence[str], wanted: Sequence[str], limit: int
) -> list[str]:
    """The first `limit` names: those that match by name, then with their type, then all others."""
    chosen: list[str] = []
    for names in (by_name(matches, wanted), by_type(graph, matches, wanted), matches):
        if len(chosen) < limit:
            taken = set(chosen)
            fresh = [name for name in names if name not in taken] if taken else names
            chosen += nlargest(limit - len(chosen), fresh, key=graph.recent.__getitem__)
    return chosen


def by_name(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The names that hold every word themselves."""
    return holding(names, [name.casefold() for name in names], wanted)


def by_type(graph: Graph, matches: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The names that hold every word which their type does not hold."""
    names: list[str] = []
    matched: set[str] = set()
    for kind, of_kind in graph.types.items():
        left = [word for word in wanted if word not in kind.casefold()]
        if len(left) < len(wanted):
            matched = matched or set(matches)
            names += by_name([name for name in of_kind if name in matched], left)
    return names


def spoken(
    graph: Graph, *, since: datetime | None, type_: str | None, by: str | None
) -> Callable[[str], bool]:
    """Whether a name is of a type and has a line by somebody that was said or found true since a moment."""

    def wanted(name: str) -> bool:
        lines = (line for line in graph.said(name) if by is None or line.by == by)
        late = (
            line
            for line in lines
            if since is None or moment(line.verified or line.at) >= since
        )
        return any(late) and (type_ is None or graph.said(name)[0].type == type_)

    return wanted
