"""What a file of another memory adds to ours, and as whose word it counts."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import asdict, replace

from agentco.file_formats.api_keys import describe_key
from agentco.memory.graph import MemoryGraph, MemoryRelation, parse_time, relation_key
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    OtherLine,
    Provenance,
    RejectedLine,
    RelationLine,
    TrustLevel,
    line_texts,
    numbered_rows,
    refuse_conflict_markers,
)
from agentco.memory.signatures import is_signed


class MemoryImport(Struct, frozen=True, kw_only=True):
    """The lines to add, the names that are new, how much was known, and what is no record."""

    lines: tuple[MemoryLine, ...]
    new: tuple[str, ...]
    known: int
    rejected: tuple[RejectedLine, ...]


def plan_import(
    data: bytes, graph: MemoryGraph, mark: Provenance, key: bytes = b""
) -> MemoryImport:
    """What a file in the reference's form or ours adds; `mark` says when, by whom, how trusted.

    What is signed with our own key keeps its source. Raises StateBroken for git's conflict markers.
    """
    read, rejected = read_memory(data)
    theirs = MemoryGraph()
    ours: list[MemoryLine] = []
    for line in read:
        if not is_signed(line, key):
            theirs.add_lines([line])
        elif says_something_new(line, graph):
            ours.append(line)
    lines: list[EntityLine] = []
    for name in theirs.entity_names:
        line = new_entity_line(name, theirs, graph, mark)
        if line:
            lines.append(line)
    relations = new_relations(theirs, graph, mark)
    observations = sum(len(entity.observations) for entity in theirs.entities())
    new_observations = sum(len(line.observations) for line in lines)
    known_relations = len(theirs.relations) - len(relations)
    return MemoryImport(
        lines=(*ours, *lines, *relations),
        new=tuple(dict.fromkeys(new_names((*ours, *lines), graph))),
        known=observations - new_observations + known_relations,
        rejected=tuple(rejected),
    )


def says_something_new(line: MemoryLine, graph: MemoryGraph) -> bool:
    """Whether a line holds anything that we do not know."""
    if isinstance(line, RelationLine):
        return relation_key(line) not in graph.relation_keys
    entity = graph.find_entity(line.name)
    return entity is None or not set(entity.said).issuperset(line.observations)


def new_names(lines: Iterable[MemoryLine], graph: MemoryGraph) -> Iterator[str]:
    """The names of entities that we do not know yet."""
    for line in lines:
        if isinstance(line, EntityLine) and graph.find_entity(line.name) is None:
            yield line.name


def read_memory(data: bytes) -> tuple[list[MemoryLine], list[RejectedLine]]:
    """The lines of a foreign file, and what in it is neither entity nor relation, or a secret."""
    lines: list[MemoryLine] = []
    others: list[RejectedLine] = []
    unread: list[RejectedLine] = []
    for number, row in numbered_rows(data):
        if isinstance(row, RejectedLine):
            unread.append(row)
        elif isinstance(row.line, OtherLine):
            reason = "neither an entity nor a relation"
            others.append(RejectedLine(number=number, reason=reason, raw=row.raw))
        elif reason := describe_key(line_texts([row.line])):
            others.append(RejectedLine(number=number, reason=reason, raw=row.raw))
        else:
            lines.append(row.line)
    refuse_conflict_markers(unread)
    return lines, unread + others


def new_entity_line(
    name: str, theirs: MemoryGraph, ours: MemoryGraph, mark: Provenance
) -> EntityLine | None:
    """A line with what is new about a name, under the type that we know it by."""
    their_entity = theirs.find_entity(name)
    if their_entity is None:
        return None
    our_entity = ours.find_entity(name)
    known_texts = frozenset(our_entity.said) if our_entity else frozenset[str]()
    new = [o for o in their_entity.observations if o.text not in known_texts]
    if our_entity and not new:
        return None
    return EntityLine(
        name=name,
        type=(our_entity or their_entity).type,
        observations=tuple(observation.text for observation in new),
        **asdict(import_provenance(mark, new)),
    )


def new_relations(
    theirs: MemoryGraph, ours: MemoryGraph, mark: Provenance
) -> list[MemoryRelation]:
    """The relations that we do not know."""
    relations: list[MemoryRelation] = []
    for key, relation in zip(theirs.relation_keys, theirs.relations, strict=True):
        if key not in ours.relation_keys:
            provenance = import_provenance(mark, [relation])
            relations.append(replace(relation, **asdict(provenance)))
    return relations


def import_provenance(mark: Provenance, sources: Sequence[Provenance]) -> Provenance:
    """As whose word things count.

    What their memory calls untrusted stays so; what we trust is as old as its oldest part.
    """
    at = mark.at
    trust = mark.trust
    for source in sources:
        if source.trust is TrustLevel.UNTRUSTED:
            trust = TrustLevel.UNTRUSTED
    if mark.trust is TrustLevel.TRUSTED:
        times = [source.at or mark.at for source in sources]
        at = min(times, key=parse_time, default=mark.at)
    return replace(mark, at=at, trust=trust)
