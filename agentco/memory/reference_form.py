"""Entities and relations in the form of the MCP reference server for memories."""

from agentco.kernel.documents import Document
from agentco.memory.graph import MemoryEntity, RelationKey


def entity_document(entity: MemoryEntity) -> Document:
    """An entity with the texts of its observations."""
    texts = [observation.text for observation in entity.observations]
    return {"name": entity.name, "entityType": entity.type, "observations": texts}


def relation_document(relation: RelationKey) -> Document:
    """A relation: where it starts, its type, where it ends."""
    from_, kind, to = relation
    return {"from": from_, "to": to, "relationType": kind}
