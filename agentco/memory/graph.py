"""The memory as one reads it: lines of one name are one entity, equal relations are one.

The merge rule is also the repair rule, so nothing that several writers append needs to be settled.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from agentco.errors import Diagnostic, Level
from agentco.memory.lines import EntityLine, Rejected, RelationLine

FILE = "memory/memory.jsonl"


class Observation(Struct, frozen=True, kw_only=True):
    """One fact and where it is from; times are ISO, None is unknown."""

    text: str
    at: str | None = None
    by: str | None = None
    run: str | None = None
    trust: str | None = None
    verified: str | None = None


class Entity(Struct, frozen=True, kw_only=True):
    """Something the company knows about; `at` is the time of its first line."""

    name: str
    type: str
    observations: tuple[Observation, ...]
    at: str | None = None

    def values(self, key: str) -> list[str]:
        """What its `key: value` observations say, in order."""
        start = f"{key}: "
        return [o.text[len(start) :].strip() for o in self.observations if o.text.startswith(start)]

    def value(self, key: str) -> str | None:
        """What the last `key: value` observation says."""
        values = self.values(key)
        return values[-1] if values else None


class Relation(Struct, frozen=True, kw_only=True):
    """A directed relation, once however often it was written."""

    from_: str
    to: str
    type: str


class Graph:
    """Everything that could be read, merged when it is asked for."""

    def __init__(self) -> None:
        self._lines: dict[str, list[EntityLine]] = {}
        self._relations: dict[tuple[str, str, str], RelationLine] = {}
        self._rejected: list[Rejected] = []

    def extend(self, records: Iterable[EntityLine | RelationLine], rejected: Iterable[Rejected] = ()) -> None:
        """Take in further lines, in the order of the file."""
        lines, relations = self._lines, self._relations
        for record in records:
            if isinstance(record, EntityLine):
                if record.name in lines:
                    lines[record.name].append(record)
                else:
                    lines[record.name] = [record]
            else:
                relations.setdefault((record.from_, record.to, record.relationType), record)
        self._rejected.extend(rejected)

    def entity(self, name: str) -> Entity | None:
        """The entity of this name, None when nobody wrote of it."""
        lines = self._lines.get(name)
        return merged(lines) if lines else None

    def entities(self, kind: str | None = None) -> list[Entity]:
        """All entities, or those of one type, in the order of their first lines."""
        return [merged(found) for found in self.contributions() if kind in {None, found[0].entityType}]

    def contributions(self) -> Iterator[list[EntityLine]]:
        """The lines of each entity, unmerged."""
        return iter(self._lines.values())

    @property
    def names(self) -> Iterable[str]:
        """The names of all entities."""
        return self._lines.keys()

    @property
    def relations(self) -> list[Relation]:
        """All relations, in the order of their first lines."""
        return [Relation(from_=f, to=t, type=r) for f, t, r in self._relations]

    @property
    def dangling(self) -> list[Relation]:
        """Relations that lead to or from something nobody wrote of; kept all the same."""
        return [r for r in self.relations if r.from_ not in self._lines or r.to not in self._lines]

    @property
    def rejected(self) -> list[Rejected]:
        """Lines that are no record, until the next rewrite moves them out."""
        return list(self._rejected)

    @property
    def problems(self) -> list[Diagnostic]:
        """What is wrong with the file, line by line."""
        return [*map(_bad_line, self._rejected), *map(_dangling, self.dangling)]


def merged(lines: list[EntityLine]) -> Entity:
    """The entity that its lines make: the first type, observations united in order."""
    first = lines[0]
    at = next((line.at for line in lines if line.at), None)
    if len(lines) == 1 and len(set(first.observations)) == len(first.observations):
        found = tuple(_observation(text, first) for text in first.observations)
        return Entity(name=first.name, type=first.entityType, observations=found, at=at)
    sources: dict[str, list[EntityLine]] = {}
    for line in lines:
        for text in line.observations:
            sources.setdefault(text, []).append(line)
    found = tuple(_united(text, said) for text, said in sources.items())
    return Entity(name=first.name, type=first.entityType, observations=found, at=at)


def _united(text: str, lines: list[EntityLine]) -> Observation:
    """An observation that was written several times: its first origin, its latest verification."""
    origin = next((line for line in lines if line.at), lines[0])
    verified = max((line.verified for line in lines if line.verified), default=None)
    return Observation(
        text=text, at=origin.at, by=origin.by, run=origin.run, trust=origin.trust, verified=verified
    )


def _observation(text: str, line: EntityLine) -> Observation:
    return Observation(
        text=text, at=line.at, by=line.by, run=line.run, trust=line.trust, verified=line.verified
    )


def _bad_line(bad: Rejected) -> Diagnostic:
    return Diagnostic(
        file=FILE,
        line=bad.number,
        level=Level.WARNING,
        code="bad-line",
        message=f"a line of the memory is no record: {bad.reason}",
        hint="agentco memory repair moves it to memory/rejected.jsonl",
    )


def _dangling(relation: Relation) -> Diagnostic:
    return Diagnostic(
        file=FILE,
        level=Level.INFO,
        code="dangling-relation",
        message=f"{relation.from_!r} {relation.type} {relation.to!r}: one end is not there",
        hint="add the missing entity, or delete the relation",
    )
