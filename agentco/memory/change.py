"""What may leave the memory and how it comes back; contributions stay lines of their own."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Raw, Struct

from agentco.memory.graph import Graph
from agentco.memory.lines import EntityLine, Line, RelationLine

Triple = tuple[str, str, str]
KEPT = timedelta(days=30)


class Removal(Struct, frozen=True, kw_only=True):
    """What shall go: whole entities with their relations, single observations, single relations."""

    entities: frozenset[str] = frozenset()
    observations: frozenset[tuple[str, str]] = frozenset()
    relations: frozenset[Triple] = frozenset()


class Trashed(Struct, frozen=True, kw_only=True):
    """A line in the trash. Lines of one deletion share `batch`; `at` is an ISO time."""

    batch: str
    at: str
    by: str
    line: Raw


def without(lines: Iterable[Line], removal: Removal) -> tuple[list[bytes], list[bytes]]:
    """The lines that stay and those that go, each as bytes without line end."""
    kept: list[bytes] = []
    gone: list[bytes] = []
    for line in lines:
        stays, goes = _split(line, removal)
        kept += stays
        gone += goes
    return kept, gone


def _split(line: Line, removal: Removal) -> tuple[list[bytes], list[bytes]]:
    match line.record:
        case EntityLine() as entity if entity.name in removal.entities:
            return [], [line.raw]
        case EntityLine() as entity:
            going = [o for o in entity.observations if (entity.name, o) in removal.observations]
            return _divided(line, going) if going else ([line.raw], [])
        case RelationLine() as relation if _goes(relation, removal):
            return [], [line.raw]
        case _:
            return [line.raw], []


def _goes(relation: RelationLine, removal: Removal) -> bool:
    triple = (relation.from_, relation.to, relation.relationType)
    return triple in removal.relations or not removal.entities.isdisjoint(triple[:2])


def _divided(line: Line, going: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    """One entity line as what stays of it and what goes; fields we do not know stay on both."""
    fields = msgspec.json.decode(line.raw, type=dict[str, Raw])
    observations = msgspec.json.decode(fields["observations"], type=list[str])
    stays = [o for o in observations if o not in going]
    return [_with(fields, stays)], [_with(fields, [o for o in observations if o in going])]


def _with(fields: dict[str, Raw], observations: list[str]) -> bytes:
    return msgspec.json.encode(fields | {"observations": Raw(msgspec.json.encode(observations))})


def read_trash(data: bytes) -> list[Trashed]:
    """The lines of the trash; what cannot be read is left where it is and passed over."""
    found: list[Trashed] = []
    for raw in data.split(b"\n"):
        try:
            entry = msgspec.json.decode(raw, type=Trashed)
            datetime.fromisoformat(entry.at)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            continue
        found.append(entry)
    return found


def still_kept(trash: Sequence[Trashed], now: str) -> list[Trashed]:
    """The lines that were thrown away within 30 days before `now`, an ISO time."""
    oldest = datetime.fromisoformat(now) - KEPT
    return [t for t in trash if datetime.fromisoformat(t.at) >= oldest]


def last_batch(trash: Sequence[Trashed], by: str) -> list[Trashed]:
    """The lines of the latest deletion by `by`, in the order they stood."""
    batches = [t.batch for t in trash if t.by == by]
    return [t for t in trash if t.batch == batches[-1]] if batches else []


def expired(graph: Graph, kind: str, today: date, days: int) -> list[str]:
    """Entities named `KIND:DATE` that are older than `days`."""
    oldest = (today - timedelta(days=days)).isoformat()
    names = (lines[0].name for lines in graph.contributions() if lines[0].entityType == kind)
    return [name for name in names if _day(name, kind) and _day(name, kind) < oldest]


def _day(name: str, kind: str) -> str:
    """The date in a name, or nothing."""
    text = name.removeprefix(f"{kind}:")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
