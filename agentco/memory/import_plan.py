"""What a file of another memory brings that we do not know yet, and as whose word it counts."""

from msgspec import Struct
from msgspec.structs import asdict, replace

from agentco.memory.graph import Graph, moment
from agentco.memory.lines import (
    EntityLine,
    Line,
    OtherLine,
    Provenance,
    Rejected,
    Row,
    Trust,
    mended,
    refuse_conflict,
)


class Incoming(Struct, frozen=True, kw_only=True):
    """The lines to add, the names that are new, how much was known, and what is no record."""

    lines: tuple[Line, ...]
    new: tuple[str, ...]
    known: int
    rejected: tuple[Rejected, ...]


def incoming(data: bytes, graph: Graph, mark: Provenance) -> Incoming:
    """What a file in the reference's form or in ours adds. Raises StateBroken for git's conflict markers.

    `mark` says when, by whom and with what trust.
    """
    found = [
        (number, row)
        for number, raw in enumerate(data.split(b"\n"), 1)
        for row in mended(raw, number)
    ]
    bad = [row for _, row in found if isinstance(row, Rejected)]
    refuse_conflict(bad)
    good = [(number, row) for number, row in found if isinstance(row, Row)]
    other = (
        (number, row.raw) for number, row in good if isinstance(row.line, OtherLine)
    )
    bad += [
        Rejected(number=number, reason="neither an entity nor a relation", raw=raw)
        for number, raw in other
    ]
    theirs = Graph()
    theirs.take(row.line for _, row in good if not isinstance(row.line, OtherLine))
    lines = [
        line for name in theirs.names if (line := fresh(name, theirs, graph, mark))
    ]
    there = {(r.from_, r.type, r.to) for r in graph.relations}
    ties = [r for r in theirs.relations if (r.from_, r.type, r.to) not in there]
    known = sum(len(e.observations) for e in theirs.entities()) - sum(
        len(line.observations) for line in lines
    )
    return Incoming(
        lines=(*lines, *(replace(tie, **asdict(marked(mark, tie))) for tie in ties)),
        new=tuple(line.name for line in lines if graph.entity(line.name) is None),
        known=known + len(theirs.relations) - len(ties),
        rejected=tuple(bad),
    )


def fresh(name: str, theirs: Graph, ours: Graph, mark: Provenance) -> EntityLine | None:
    """A line of what we do not know of a name, under the type that we know it by."""
    entity, known = theirs.entity(name), ours.entity(name)
    there = {o.text for o in known.observations} if known else set[str]()
    new = [o for o in (entity.observations if entity else ()) if o.text not in there]
    if not entity or not (new or known is None):
        return None
    said = marked(mark, *new)
    texts = tuple(o.text for o in new)
    return EntityLine(
        name=name, type=(known or entity).type, observations=texts, **asdict(said)
    )


def marked(mark: Provenance, *said: Provenance) -> Provenance:
    """As whose word things count: what they call untrusted stays so, and trusted ones are as old as the oldest."""
    doubt = any(each.trust is Trust.UNTRUSTED for each in said)
    at = min((each.at or mark.at for each in said), key=moment, default=mark.at)
    return replace(
        mark,
        at=at if mark.trust is Trust.TRUSTED else mark.at,
        trust=Trust.UNTRUSTED if doubt else mark.trust,
    )
