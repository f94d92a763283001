"""One line for each entity and relation, as the reference writes them; the graph stays the same.

What several said stands in one line with a source for each observation (`agentco`), in the order
in which it was last said; for other readers such a line counts as its weakest part. Entities and
relations with fields of other programs stay as they are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import asdict, fields

from agentco.memory.graph import MemoryGraph, earliest_line, merge_entity, relation_key
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
    TrustLevel,
    encode_line,
    is_untrusted,
)
from agentco.memory.provenance import provenance_of
from agentco.memory.rewrite import FIELD_DECODER
from agentco.memory.signatures import sign_line

Subject = tuple[str, ...]
"""What a record is about: a name, or from, type and to of a relation."""

KNOWN_FIELDS = frozenset(
    {
        "type",
        *(field.encode_name for field in fields(EntityLine)),
        *(field.encode_name for field in fields(RelationLine)),
    }
)


def compact_records(rows: Sequence[MemoryRecord], key: bytes = b"") -> list[bytes]:
    """Merge the records of one subject into one, signed, where the first of them stood."""
    graph = MemoryGraph()
    graph.add_lines(row.line for row in rows if not isinstance(row.line, OtherLine))
    relations = {relation_key(relation): relation for relation in graph.relations}
    records_of = Counter(subject_of(row) for row in rows)
    left_alone = subjects_with_other_fields(rows)
    kept: list[bytes] = []
    merged: set[Subject] = set()
    for row in rows:
        subject = subject_of(row)
        if subject in left_alone or records_of[subject] == 1:
            kept.append(row.raw)
        elif subject not in merged:
            merged.add(subject)
            if isinstance(row.line, RelationLine):
                line: MemoryLine = relations[relation_key(row.line)]
            else:
                line = merge_into_line(subject[0], graph)
            kept.append(encode_line(sign_line(line, key)).removesuffix(b"\n"))
    return kept


def subject_of(row: MemoryRecord) -> Subject:
    """What a record is about; empty for a record of another type."""
    match row.line:
        case EntityLine() as line:
            return (line.name,)
        case RelationLine() as line:
            return relation_key(line)
        case _:
            return ()


def subjects_with_other_fields(rows: Sequence[MemoryRecord]) -> set[Subject]:
    """The subjects of records that another program wrote more into than we could merge."""
    subjects: set[Subject] = {()}
    for row in rows:
        if not FIELD_DECODER.decode(row.raw).keys() <= KNOWN_FIELDS:
            subjects.add(subject_of(row))
    return subjects


def merge_into_line(name: str, graph: MemoryGraph) -> EntityLine:
    """One line for everything known about a name."""
    lines = graph.lines_of(name)
    first = earliest_line(lines)
    entity = merge_entity(lines)
    source_of: dict[str, Provenance] = {}
    for observation in entity.observations:
        source_of[observation.text] = provenance_of(observation)
    sources = [source_of[text] for text in entity.said]
    common = weakest_provenance(first.at, sources or [provenance_of(first)])
    if all(source == common for source in sources):
        sources = []
    return EntityLine(
        name=name,
        type=entity.type,
        observations=entity.said,
        sources=tuple(sources),
        **asdict(common),
    )


def weakest_provenance(at: str | None, sources: Sequence[Provenance]) -> Provenance:
    """What holds for all sources together, for programs that read a line as a whole."""
    common = asdict(sources[0])
    for source in sources:
        for key, value in asdict(source).items():
            if common[key] != value:
                common[key] = None
    common["at"] = at
    if any(map(is_untrusted, sources)):
        common["trust"] = TrustLevel.UNTRUSTED
    return Provenance(**common)


def export_lines(graph: MemoryGraph) -> Iterator[MemoryLine]:
    """The memory as the reference would write it: one line for each, without provenance."""
    for entity in graph.entities():
        yield EntityLine(name=entity.name, type=entity.type, observations=entity.said)
    for relation in graph.relations:
        yield RelationLine(from_=relation.from_, to=relation.to, type=relation.type)
