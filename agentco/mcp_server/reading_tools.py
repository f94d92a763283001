"""What the reading tools answer: everything, the best matches, or some names; all of it or a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentco.memory.graph import MemoryGraph
from agentco.memory.search import search_entities

DEFAULT_LIMIT = 200
CallArguments = Mapping[str, Any]
"""The arguments of a call, which fit the schema of its tool."""


def run_reading_tool(
    tool: str, graph: MemoryGraph, call: CallArguments
) -> dict[str, object]:
    """What a reading tool answers."""
    offset, limit = call.get("offset", 0), call.get("limit")
    if tool == "open_nodes":
        asked = frozenset(call["names"])
        return graph_document(
            graph,
            [name for name in graph.entity_names if name in asked][offset:][:limit],
        )
    if not (words := call.get("query", "").strip()):
        return graph_document(
            graph,
            [*graph.entity_names][offset:][:limit],
            whole=limit is None and not offset,
        )
    found = search_entities(graph, words, limit=offset + (limit or DEFAULT_LIMIT))
    return graph_document(graph, [entity.name for entity in found.entities][offset:])


def graph_document(
    graph: MemoryGraph, names: Sequence[str], *, whole: bool = False
) -> dict[str, object]:
    """These entities with the relations that touch them, or with all there are."""
    chosen = frozenset(names)
    known = [entity for name in names if (entity := graph.find_entity(name))]
    ties = [t for t in graph.relation_keys if whole or t[0] in chosen or t[2] in chosen]
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
