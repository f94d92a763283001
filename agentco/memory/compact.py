"""One line for each entity and each relation, as the reference writes them; what the graph says stays the same.

What several said stands in one line with a source for each observation (`agentco`), in the order in which it was
last said; for other readers such a line counts as its weakest part. Names with fields of others stay as they are.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

import msgspec
from msgspec.structs import asdict, fields

from agentco.memory.graph import (
    MemoryGraph,
    MemoryRelation,
    earliest_line,
    merge_entity,
)
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
    encode_line,
    is_untrusted,
)
from agentco.memory.provenance import provenance_of
from agentco.memory.rewrite import FIELD_DECODER

OUR_FIELDS = frozenset(
    {
        "type",
        *(f.encode_name for kind in (EntityLine, RelationLine) for f in fields(kind)),
    }
)


def compact_records(rows: Sequence[MemoryRecord]) -> list[bytes]:
    """The records of a file with those that speak of the same made one, where the first of them stood."""
    graph = MemoryGraph()
    graph.add_lines(row.line for row in rows if not isinstance(row.line, OtherLine))
    ties: dict[tuple[str, ...], MemoryRelation] = {
        (r.from_, r.type, r.to): r for r in graph.relations
    }
    keys = [*map(record_subject, rows)]
    apart = {
        (),
        *(
            key
            for key, row in zip(keys, rows, strict=True)
            if not FIELD_DECODER.decode(row.raw).keys() <= OUR_FIELDS
        ),
    }
    count, kept = Counter(keys), dict[Hashable, bytes]()
    for place, (key, row) in enumerate(zip(keys, rows, strict=True)):
        if key in apart or count[key] == 1:
            kept[place] = row.raw
        elif key not in kept:
            line = ties.get(key) or merge_into_line(key[0], graph)
            kept[key] = encode_line(line).removesuffix(b"\n")
    return [*kept.values()]


def record_subject(row: MemoryRecord) -> tuple[str, ...]:
    """What a record speaks of; nothing when it is of another kind."""
    match row.line:
        case EntityLine() as line:
            return (line.name,)
        case RelationLine() as line:
            return line.from_, line.type, line.to
        case _:
            return ()


def merge_into_line(name: str, graph: MemoryGraph) -> EntityLine:
    """One line for all that is known of a name."""
    first = earliest_line(graph.lines_of(name))
    known = merge_entity(graph.lines_of(name))
    sources = {o.text: provenance_of(o) for o in known.observations}
    said = tuple(sources[text] for text in known.said)
    common = weakest_provenance(first.at, said or (provenance_of(first),))
    said = () if {*said} <= {common} else said
    return EntityLine(
        name=name,
        type=known.type,
        observations=known.said,
        sources=said,
        **asdict(common),
    )


def weakest_provenance(at: str | None, sources: Sequence[Provenance]) -> Provenance:
    """What holds of all sources together, for those who read a line as one."""
    told = [msgspec.to_builtins(each) for each in sources]
    same = {
        key: value
        for key, value in told[0].items()
        if all(other.get(key) == value for other in told)
    }
    doubt = {"trust": "untrusted"} if any(map(is_untrusted, sources)) else {}
    return msgspec.convert(same | {"at": at} | doubt, Provenance)


def export_lines(graph: MemoryGraph) -> Iterator[MemoryLine]:
    """The whole memory as the reference would write it: a line for each, without a word of who said it."""
    for entity in graph.entities():
        yield EntityLine(name=entity.name, type=entity.type, observations=entity.said)
    for tie in graph.relations:
        yield RelationLine(from_=tie.from_, to=tie.to, type=tie.type)
