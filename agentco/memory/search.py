"""Search: every word must occur; name counts over type, type over observations, then the newest."""

from agentco.memory.graph import Entity, Graph, Relation

NAME, TYPE, OBSERVATION = 0, 1, 2


def search(graph: Graph, words: str, limit: int | None = None) -> tuple[list[Entity], int]:
    """The best matches, and how many there are. Words are matched anywhere, whatever their case."""
    wanted = words.casefold().split()
    found = [(rank, entity) for entity in graph.entities() if (rank := _rank(entity, wanted)) is not None]
    found.sort(key=lambda pair: _newest(pair[1]), reverse=True)
    found.sort(key=lambda pair: pair[0])
    return [entity for _, entity in found[:limit]], len(found)


def _rank(entity: Entity, words: list[str]) -> int | None:
    """How far from the name the words were found, summed; None when one is missing."""
    name, kind = entity.name.casefold(), entity.type.casefold()
    text = "\n".join(o.text for o in entity.observations).casefold()
    total = 0
    for word in words:
        if word in name:
            total += NAME
        elif word in kind:
            total += TYPE
        elif word in text:
            total += OBSERVATION
        else:
            return None
    return total


def _newest(entity: Entity) -> str:
    return max((o.verified or o.at or "" for o in entity.observations), default=entity.at or "")


def between(graph: Graph, names: set[str]) -> list[Relation]:
    """Relations with both ends among `names`, as the reference server returns them."""
    return [r for r in graph.relations if r.from_ in names and r.to in names]
