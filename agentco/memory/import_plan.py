"""What a file of another memory brings that we do not know yet, and as whose word it counts."""

from msgspec import Struct
from msgspec.structs import asdict, replace

from agentco.memory.graph import MemoryGraph, parse_time
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RejectedLine,
    TrustLevel,
    records_in_line,
    refuse_conflict_markers,
)


class MemoryImport(Struct, frozen=True, kw_only=True):
    """The lines to add, the names that are new, how much was known, and what is no record."""

    lines: tuple[MemoryLine, ...]
    new: tuple[str, ...]
    known: int
    rejected: tuple[RejectedLine, ...]


def plan_import(data: bytes, graph: MemoryGraph, mark: Provenance) -> MemoryImport:
    """What a file in the reference's form or in ours adds. Raises StateBroken for git's conflict markers.

    `mark` says when, by whom and with what trust.
    """
    found = [
        (number, row)
        for number, raw in enumerate(data.split(b"\n"), 1)
        for row in records_in_line(raw, number)
    ]
    bad = [row for _, row in found if isinstance(row, RejectedLine)]
    refuse_conflict_markers(bad)
    good = [(number, row) for number, row in found if isinstance(row, MemoryRecord)]
    other = (
        (number, row.raw) for number, row in good if isinstance(row.line, OtherLine)
    )
    bad += [
        RejectedLine(number=number, reason="neither an entity nor a relation", raw=raw)
        for number, raw in other
    ]
    theirs = MemoryGraph()
    theirs.add_lines(row.line for _, row in good if not isinstance(row.line, OtherLine))
    lines = [
        line
        for name in theirs.entity_names
        if (line := new_entity_line(name, theirs, graph, mark))
    ]
    there = {(r.from_, r.type, r.to) for r in graph.relations}
    ties = [r for r in theirs.relations if (r.from_, r.type, r.to) not in there]
    known = sum(len(e.observations) for e in theirs.entities()) - sum(
        len(line.observations) for line in lines
    )
    return MemoryImport(
        lines=(
            *lines,
            *(replace(tie, **asdict(import_provenance(mark, tie))) for tie in ties),
        ),
        new=tuple(line.name for line in lines if graph.find_entity(line.name) is None),
        known=known + len(theirs.relations) - len(ties),
        rejected=tuple(bad),
    )


def new_entity_line(
    name: str, theirs: MemoryGraph, ours: MemoryGraph, mark: Provenance
) -> EntityLine | None:
    """A line of what we do not know of a name, under the type that we know it by."""
    entity, known = theirs.find_entity(name), ours.find_entity(name)
    there = {o.text for o in known.observations} if known else set[str]()
    new = [o for o in (entity.observations if entity else ()) if o.text not in there]
    if not entity or not (new or known is None):
        return None
    said = import_provenance(mark, *new)
    texts = tuple(o.text for o in new)
    return EntityLine(
        name=name, type=(known or entity).type, observations=texts, **asdict(said)
    )


def import_provenance(mark: Provenance, *said: Provenance) -> Provenance:
    """As whose word things count: what they call untrusted stays so, and trusted ones are as old as the oldest."""
    doubt = any(each.trust is TrustLevel.UNTRUSTED for each in said)
    at = min((each.at or mark.at for each in said), key=parse_time, default=mark.at)
    return replace(
        mark,
        at=at if mark.trust is TrustLevel.TRUSTED else mark.at,
        trust=TrustLevel.UNTRUSTED if doubt else mark.trust,
    )
