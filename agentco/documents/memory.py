"""What the company knows as JSON; entities and relations as the MCP reference server has them."""

from collections import Counter

from msgspec import to_builtins

from agentco.desk.memory import MemoryView, MemoryWalk
from agentco.desk.memory_edits import ImportResult
from agentco.kernel.documents import Document, pick_fields
from agentco.memory.graph import MemoryRelation
from agentco.memory.retention import ExpiringEntity
from agentco.memory.search import SearchResult
from agentco.memory.statistics import MemoryStats


def memory_document(view: MemoryView | SearchResult, total: int) -> Document:
    """Entities and relations as the MCP reference server gives them."""
    document: Document = {
        "entities": [
            {
                "name": entity.name,
                "entityType": entity.type,
                "observations": [said.text for said in entity.observations],
            }
            for entity in view.entities
        ],
        "relations": [relation_document(tie) for tie in view.relations],
        "total": total,
    }
    if isinstance(view, MemoryView) and view.story is not None:
        document["lines"] = to_builtins(view.story)
    return document


def relation_document(relation: MemoryRelation) -> Document:
    """One relation as the MCP reference server gives it."""
    return {"from": relation.from_, "to": relation.to, "relationType": relation.type}


def walk_document(walk: MemoryWalk) -> Document:
    """The document of `memory graph --json`."""
    nodes = [{"name": name, "entityType": type_} for name, type_ in walk.types.items()]
    edges: list[Document] = []
    for steps in walk.steps.values():
        edges.extend(relation_document(step.relation) for step in steps)
    return {"root": walk.root, "nodes": nodes, "edges": edges}


def stats_document(
    stats: MemoryStats, expiries: tuple[ExpiringEntity, ...]
) -> Document:
    """The document of `memory stats --json`."""
    months = Counter[str]()
    growth: dict[str, Counter[str]] = {}
    for row in stats.growth:
        months[row.month] += row.count
        growth.setdefault(row.month, Counter())[row.type] = row.count
    return {
        **pick_fields(stats, "entities", "observations", "relations"),
        "bytes": stats.size,
        "types": dict(stats.types),
        "heaviest": [
            {"name": name, "characters": weight} for name, weight in stats.heaviest
        ],
        "months": dict(months),
        "growth": {month: dict(of.most_common()) for month, of in growth.items()},
        "next": [{"name": gone.name, "when": str(gone.when)} for gone in expiries],
        **pick_fields(stats, "untrusted", "rejected"),
    }


def import_document(result: ImportResult) -> Document:
    """The document of `memory import --json`."""
    return {
        "by": result.by,
        "trust": result.trust,
        "entities": len(result.new),
        "observations": result.observations,
        "relations": result.relations,
        "known": result.known,
        "new": list(result.new),
        "rejected": [
            {"line": line.number, "reason": line.reason} for line in result.rejected
        ],
    }
