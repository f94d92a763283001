"""What the reading tools answer: everything, the best matches, or some names; whole or a page."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from agentco.memory.graph import MemoryGraph, RelationKey
from agentco.memory.lines import normal_name
from agentco.memory.reference_form import entity_document, relation_document
from agentco.memory.search import search_entities

DEFAULT_LIMIT = 200
CallArguments = Mapping[str, Any]
"""The arguments of a call, which fit the schema of its tool."""


def run_reading_tool(
    tool: str, graph: MemoryGraph, call: CallArguments
) -> dict[str, object]:
    """What a reading tool answers."""
    offset: int = call.get("offset", 0)
    limit: int | None = call.get("limit")
    words: str = call.get("query", "").strip()
    if tool == "open_nodes":
        wanted = frozenset(map(normal_name, call["names"]))
        opened = [name for name in graph.entity_names if name in wanted]
        return entities_document(graph, opened[offset:][:limit])
    if not words:
        names = [*graph.entity_names][offset:][:limit]
        if limit is None and not offset:
            return graph_document(graph, names, graph.relation_keys)
        return entities_document(graph, names)
    found = search_entities(graph, words, limit=offset + (limit or DEFAULT_LIMIT))
    return entities_document(graph, [entity.name for entity in found.entities[offset:]])


def entities_document(graph: MemoryGraph, names: Sequence[str]) -> dict[str, object]:
    """These entities with the relations that touch them."""
    chosen = frozenset(names)
    relations = [
        (start, kind, end)
        for start, kind, end in graph.relation_keys
        if start in chosen or end in chosen
    ]
    return graph_document(graph, names, relations)


def graph_document(
    graph: MemoryGraph, names: Sequence[str], relations: Collection[RelationKey]
) -> dict[str, object]:
    """Entities and relations in the reference's form."""
    entities = filter(None, map(graph.find_entity, names))
    return {
        "entities": [entity_document(entity) for entity in entities],
        "relations": [relation_document(relation) for relation in relations],
    }
