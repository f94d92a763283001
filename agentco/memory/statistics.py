"""How much the company knows: by type, by weight, and how it grew."""

from collections import Counter
from heapq import nlargest

from msgspec import Struct

from agentco.memory.graph import MemoryEntity, MemoryGraph
from agentco.memory.lines import is_untrusted

HEAVIEST_SHOWN = 5


class MonthlyGrowth(Struct, frozen=True, order=True):
    """How many observations of a type were new in a month (`2026-11`)."""

    month: str
    type: str
    count: int


class MemoryStats(Struct, frozen=True, kw_only=True):
    """Counts over a memory; `size` is bytes, `heaviest` names and their characters.

    `types` begins with the most frequent one, `growth` with the earliest month.
    """

    entities: int
    observations: int
    relations: int
    size: int
    types: tuple[tuple[str, int], ...]
    heaviest: tuple[tuple[str, int], ...]
    growth: tuple[MonthlyGrowth, ...]
    untrusted: int
    rejected: int


def count_memory(graph: MemoryGraph) -> MemoryStats:
    """Count what a memory holds."""
    entities = graph.entities()
    types = Counter[str]()
    weights: list[tuple[int, str]] = []
    observations = 0
    for entity in entities:
        types[entity.type] += 1
        weights.append((_characters(entity), entity.name))
        observations += len(entity.observations)
    heaviest = nlargest(HEAVIEST_SHOWN, weights)
    return MemoryStats(
        entities=len(entities),
        observations=observations,
        relations=len(graph.relations),
        size=graph.size,
        types=tuple(types.most_common()),
        heaviest=tuple((name, weight) for weight, name in heaviest),
        growth=_growth(entities),
        untrusted=_count_untrusted(graph, entities),
        rejected=len(graph.rejected),
    )


def _characters(entity: MemoryEntity) -> int:
    return sum(len(observation.text) for observation in entity.observations)


def _growth(entities: list[MemoryEntity]) -> tuple[MonthlyGrowth, ...]:
    counts = Counter[tuple[str, str]]()
    for entity in entities:
        for observation in entity.observations:
            if observation.at:
                counts[observation.at[:7], entity.type] += 1
    growth = [
        MonthlyGrowth(month, type_, count) for (month, type_), count in counts.items()
    ]
    return tuple(sorted(growth))


def _count_untrusted(graph: MemoryGraph, entities: list[MemoryEntity]) -> int:
    count = sum(map(is_untrusted, graph.relations))
    for entity in entities:
        count += sum(map(is_untrusted, graph.lines_of(entity.name)))
    return count
