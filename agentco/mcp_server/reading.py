"""What the reading tools answer: everything, the best matches, or some names; all of it or a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentco.memory.graph import Graph
from agentco.memory.search import search

BEST = 200
Call = Mapping[str, Any]
"""The arguments of a call, which fit the schema of its tool."""


def read(tool: str, graph: Graph, call: Call) -> dict[str, object]:
    """What a reading tool answers."""
    offset, limit = call.get("offset", 0), call.get("limit")
    if tool == "open_nodes":
        asked = frozenset(call["names"])
        return nodes(
            graph, [name for name in graph.names if name in asked][offset:][:limit]
        )
    if not (words := call.get("query", "").strip()):
        return nodes(
            graph, [*graph.names][offset:][:limit], whole=limit is None and not offset
        )
    found = search(graph, words, limit=offset + (limit or BEST))
    return nodes(graph, [entity.name for entity in found.entities][offset:])


def nodes(
    graph: Graph, names: Sequence[str], *, whole: bool = False
) -> dict[str, object]:
    """These entities with the relations that touch them, or with all there are."""
    chosen = frozenset(names)
    known = [entity for name in names if (entity := graph.entity(name))]
    ties = [t for t in graph.triples if whole or t[0] in chosen or t[2] in chosen]
    return {
        "entities": [
            {
                "name": e.name,
                "entityType": e.type,
                "observations": [o.text for o in e.observations],
            }
            for e in known
        ],
        "relations": [
            {"from": from_, "to": to, "relationType": type_}
            for from_, type_, to in ties
        ],
    }
