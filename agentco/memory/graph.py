"""What the lines of the memory add up to: entities, their observations and their relations.

The merge rule is the repair rule: lines of one name are one entity, their observations united in
order; equal relations collapse. The first line of a name decides its type.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel.comparison import fold_letters
from agentco.kernel.errors import Diagnostic
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    Provenance,
    RejectedLine,
    RelationLine,
    is_untrusted,
    normal_name,
    normal_names,
    read_lines,
    split_by_source,
)
from agentco.memory.problems import find_problems
from agentco.memory.provenance import KnownSources, check_line
from agentco.memory.signatures import is_signed

RelationKey = tuple[str, str, str]
AnyLine = TypeVar("AnyLine", EntityLine, RelationLine)
MEMORY_FILE = "memory/memory.jsonl"
LARGE_FILE_BYTES = 100_000_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Observation(Provenance, frozen=True, kw_only=True, gc=False):
    """One thing known about an entity, with who said it first and when it was last verified."""

    text: str


MemoryRelation = RelationLine
"""A relation with the merged provenance of all its lines."""


class MemoryEntity(Struct, frozen=True, kw_only=True, gc=False):
    """A name and everything known about it, in the order it was first said.

    `said` holds the same texts in the order they were last said, a copy of a line being nothing
    that was said again; `at` is when the name was first mentioned.
    """

    name: str
    type: str
    observations: tuple[Observation, ...]
    said: tuple[str, ...]
    at: str | None = None

    def values_of(self, key: str) -> list[str]:
        """The values of all `Key: value` observations, in the order they were last said."""
        prefix = f"{key}:"
        return [
            text.removeprefix(prefix).strip()
            for text in self.said
            if text.startswith(prefix)
        ]

    def last_value(self, key: str) -> str | None:
        """The value that counts: the one written last."""
        values = self.values_of(key)
        return values[-1] if values else None


class LastMentioned(dict[str, str]):
    """When each name was last mentioned or verified; computed on first access."""

    def __init__(self, lines: Mapping[str, Sequence[EntityLine]]) -> None:
        self._lines = lines

    def __missing__(self, name: str) -> str:
        self[name] = max([line.verified or line.at or "" for line in self._lines[name]])
        return self[name]


class MemoryGraph:
    """The memory as a graph; entities are merged on first access, appended lines extend it.

    `types` holds the names of each type, `size` the bytes of the file. `kept` gives the sources
    kept beside the memory; it is called only if a line lost its own. `unsigned` are the numbers
    of the lines without a valid signature of their own; without a `key` nobody looks.
    """

    def __init__(
        self,
        *,
        file: str = MEMORY_FILE,
        kept: Callable[[], KnownSources | None] = lambda: None,
        key: bytes | None = None,
    ) -> None:
        self.file = file
        self.key = key
        self._kept = kept
        self.unsigned: list[int] = []
        self.rejected: list[RejectedLine] = []
        self._lines: dict[str, list[EntityLine]] = {}
        self._relations: dict[RelationKey, list[RelationLine]] = {}
        self._merged: dict[str, MemoryEntity] = {}
        self.types: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}
        self.recent = LastMentioned(self._lines)
        self.last_number = 0
        self._has_untrusted = False
        self.size = 0

    def add_raw_lines(
        self, lines: Iterable[bytes], doubtful: Collection[int] | None = None
    ) -> None:
        """Add the next lines of the file. Raises StateBroken for git's conflict markers.

        `doubtful` are the numbers of those whose signatures are looked at; without it all are.
        """
        kept = cache(self._kept)

        def check(line: MemoryLine, number: int) -> MemoryLine:
            if doubtful is not None and number not in doubtful:
                return line
            if self.key is not None and is_signed(normal_names(line), self.key):
                return line
            self.unsigned.append(number)
            return check_line(line, kept, believed=self.key is None)

        good, bad, self.last_number = read_lines(
            lines,
            before=self.last_number,
            check=check if doubtful is None or doubtful else None,
        )
        self.rejected += bad
        self.add_lines(good)

    def add_lines(self, good: Iterable[MemoryLine]) -> None:
        """Add the next records; whose word they are is known."""
        for line in good:
            self._add_line(normal_names(line))

    def _add_line(self, line: MemoryLine) -> None:
        if is_untrusted(line):
            self._has_untrusted = True
        if isinstance(line, RelationLine):
            self._relations.setdefault(relation_key(line), []).append(line)
        elif line.sources:
            for part in split_by_source(line):
                self._add_line(part)
        elif line.name in self._lines:
            self._lines[line.name].append(line)
            self._invalidate_entity(line.name)
        else:
            self._lines[line.name] = [line]
            self.types.setdefault(line.type, []).append(line.name)

    def _invalidate_entity(self, name: str) -> None:
        self._merged.pop(name, None)
        self.recent.pop(name, None)
        if name in self._texts:
            self._texts[name] = folded_text(self._lines[name])

    @property
    def trusted_part(self) -> "MemoryGraph":
        """The graph without untrusted lines: all that code may act on."""
        if not self._has_untrusted:
            return self
        trusted = MemoryGraph(file=self.file)
        trusted.add_lines(line for line in self.lines if not is_untrusted(line))
        return trusted

    @property
    def lines(self) -> Iterator[MemoryLine]:
        """Every line, those of one name together."""
        return chain.from_iterable((*self._lines.values(), *self._relations.values()))

    @property
    def relation_keys(self) -> Collection[RelationKey]:
        """Every relation once as from, type, to, in the order of the file."""
        return self._relations.keys()

    @property
    def entity_names(self) -> Iterable[str]:
        """Every entity's name, in the order of the file."""
        return self._lines.keys()

    def entities(self, type: str | None = None) -> list[MemoryEntity]:  # noqa: A002  as in files
        """All entities, or those of one type, in the order of the file."""
        if type is None:
            return self.find_entities(self._lines)
        return self.find_entities(self.types.get(type, ()))

    def find_entities(self, names: Iterable[str]) -> list[MemoryEntity]:
        """What is known about each of these names; an unknown name is left out."""
        entities: list[MemoryEntity] = []
        for name in names:
            entity = self.find_entity(name)
            if entity is not None:
                entities.append(entity)
        return entities

    def find_entity(self, name: str) -> MemoryEntity | None:
        """What is known about a name, or None."""
        name = normal_name(name)
        if name not in self._merged and name in self._lines:
            self._merged[name] = merge_entity(self._lines[name])
        return self._merged.get(name)

    def lines_of(self, name: str) -> Sequence[EntityLine]:
        """The lines of an entity as they were written, each with who wrote it."""
        return self._lines.get(normal_name(name), ())

    @property
    def relations(self) -> list[MemoryRelation]:
        """Every relation once, in the order of the file; dangling ones too."""
        return [
            replace(earliest_line(lines), verified=last_verified(lines), sig=None)
            for lines in self._relations.values()
        ]

    def lines_about(self, name: str) -> list[MemoryLine]:
        """The lines of an entity as they were written, then those of its relations."""
        name = normal_name(name)
        lines: list[MemoryLine] = list(self._lines.get(name, ()))
        for (start, _, end), relation_lines in self._relations.items():
            if name in (start, end):
                lines += relation_lines
        return lines

    def lines_written_by(self, run: str) -> list[MemoryLine]:
        """The lines that one effect of a run wrote."""
        return [line for line in self.lines if line.run == run]

    @property
    def problems(self) -> list[Diagnostic]:
        """What is wrong with the file, though everything readable was read."""
        large = self.size > LARGE_FILE_BYTES
        return find_problems(
            self.file, self.rejected, self._lines, self._relations, large=large
        )

    @property
    def search_texts(self) -> Mapping[str, str]:
        """The searchable text of each name, folded; computed on first access."""
        if len(self._texts) < len(self._lines):
            for name, lines in islice(self._lines.items(), len(self._texts), None):
                self._texts[name] = folded_text(lines)
        return self._texts


def relation_key(relation: RelationLine) -> RelationKey:
    """What makes two relations the same."""
    return relation.from_, relation.type, relation.to


def merge_entity(lines: Sequence[EntityLine]) -> MemoryEntity:
    """One entity from the lines of one name."""
    lines_by_text: dict[str, list[EntityLine]] = {}
    last_said: dict[str, None] = {}
    known = set[tuple[str | None, ...]]()
    for line in lines:
        source = (line.verified or line.at, line.by, line.run)
        for text in line.observations:
            lines_by_text.setdefault(text, []).append(line)
            # a copy of what somebody said then, which anybody can append, says nothing again
            if line.at is None or (text, *source) not in known:
                known.add((text, *source))
                last_said.pop(text, None)
                last_said[text] = None
    observations: list[Observation] = []
    for text, text_lines in lines_by_text.items():
        observation = merge_observation(text, text_lines)
        observations.append(observation)
    return MemoryEntity(
        name=lines[0].name,
        type=lines[0].type,
        observations=tuple(observations),
        said=tuple(last_said),
        at=earliest_line(lines).at,
    )


def merge_observation(text: str, lines: Sequence[EntityLine]) -> Observation:
    """One observation with the merged provenance of all its lines."""
    first = earliest_line(lines)
    return Observation(
        text=text,
        at=first.at,
        by=first.by,
        run=first.run,
        trust=first.trust,
        verified=last_verified(lines),
    )


def earliest_line(lines: Sequence[AnyLine]) -> AnyLine:
    """The contribution with the earliest time; one without a time counts if all lack it."""
    if len(lines) == 1:
        return lines[0]
    return min(lines, key=age_key)


def age_key(line: MemoryLine) -> tuple[bool | datetime | str, ...]:
    """Sorts lines by age, and those of the same moment without regard to their place."""
    tie_break: list[bool | str] = []
    for text in (line.at, line.by, line.run, line.trust):
        tie_break += (text is None, text or "")
    return line.at is None, parse_time(line.at), *tie_break


def last_verified(lines: Sequence[MemoryLine]) -> str | None:
    """The latest time at which any of the lines was verified."""
    if len(lines) == 1:
        return lines[0].verified
    times = [line.verified for line in lines if line.verified]
    return max(times, key=lambda time: (parse_time(time), time), default=None)


def parse_time(text: str | None) -> datetime:
    """A time to compare by, whatever its zone; LONG_AGO if it cannot be read."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return LONG_AGO
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def folded_text(lines: Sequence[EntityLine]) -> str:
    """Name, type and observations as one text in small letters without accents."""
    parts = [lines[0].name, lines[0].type]
    for line in lines:
        parts += line.observations
    return fold_letters("\n".join(parts))
