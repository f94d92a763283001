"""What the company knows as JSON; entities and relations as the MCP reference server has them."""

from collections import Counter
from collections.abc import Sequence

from msgspec import to_builtins

from agentco.desk.memory import MemoryView, MemoryWalk
from agentco.desk.memory_edits import AddedFacts, ImportResult
from agentco.kernel.documents import Document, pick_fields
from agentco.memory.graph import relation_key
from agentco.memory.reference_form import entity_document, relation_document
from agentco.memory.retention import ExpiringEntity
from agentco.memory.search import SearchResult
from agentco.memory.statistics import MemoryStats


def added_document(facts: AddedFacts) -> Document:
    """The document of `memory add --json`."""
    return {
        "name": facts.name,
        "entityType": facts.type,
        "added": facts.added,
        "renewed": facts.renewed,
        "new": facts.is_new,
    }


def pruned_document(expired: Sequence[ExpiringEntity], *, dry_run: bool) -> Document:
    """The document of `memory prune --json`, before anything went."""
    pruned: list[Document] = [
        {
            "name": gone.name,
            "type": gone.type,
            "since": str(gone.when),
            "observations": list(gone.texts),
        }
        for gone in expired
    ]
    return {"pruned": pruned, "dry_run": dry_run, "id": None}


def memory_document(view: MemoryView | SearchResult, total: int) -> Document:
    """Entities and relations as the MCP reference server gives them."""
    document: Document = {
        "entities": list(map(entity_document, view.entities)),
        "relations": [
            relation_document(relation_key(relation)) for relation in view.relations
        ],
        "total": total,
    }
    if isinstance(view, MemoryView) and view.story is not None:
        document["lines"] = to_builtins(view.story)
    return document


def walk_document(walk: MemoryWalk) -> Document:
    """The document of `memory graph --json`."""
    nodes: list[Document] = []
    for name, type_ in walk.types.items():
        node: Document = {"name": name, "entityType": type_}
        nodes.append(node)
    edges: list[Document] = []
    for steps in walk.steps.values():
        for step in steps:
            edge = relation_document(relation_key(step.relation))
            edges.append(edge)
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
    heaviest = [{"name": name, "characters": weight} for name, weight in stats.heaviest]
    return {
        **pick_fields(stats, "entities", "observations", "relations"),
        "bytes": stats.size,
        "types": dict(stats.types),
        "heaviest": heaviest,
        "months": dict(months),
        "growth": {month: dict(types.most_common()) for month, types in growth.items()},
        "next": [{"name": gone.name, "when": str(gone.when)} for gone in expiries],
        **pick_fields(stats, "untrusted", "rejected"),
    }


def import_document(result: ImportResult) -> Document:
    """The document of `memory import --json`."""
    rejected = [
        {"line": line.number, "reason": line.reason} for line in result.rejected
    ]
    return {
        "by": result.by,
        "trust": result.trust,
        "entities": len(result.new),
        "observations": result.observations,
        "relations": result.relations,
        "known": result.known,
        "new": list(result.new),
        "rejected": rejected,
    }
