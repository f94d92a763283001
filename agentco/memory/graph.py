"""What the lines add up to: names, what is known about each, and how they hang together.

The merge rule is the repair rule: lines of one name are one entity, their observations united in order;
equal relations collapse. The first line of a name decides its type.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel.errors import Diagnostic
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    Provenance,
    RejectedLine,
    RelationLine,
    is_untrusted,
    read_lines,
    split_by_source,
)
from agentco.memory.problems import find_problems
from agentco.memory.provenance import KnownSources, is_unmarked, restore_provenance

RelationKey = tuple[str, str, str]
AnyLine = TypeVar("AnyLine", EntityLine, RelationLine)
MEMORY_FILE = "memory/memory.jsonl"
LARGE_FILE_BYTES = 100_000_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Observation(Provenance, frozen=True, kw_only=True, gc=False):
    """One thing known about an entity: who said it first, and when it was last found true."""

    text: str


MemoryRelation = RelationLine
"""An arrow between two names, with the provenance of all the lines that make it."""


class MemoryEntity(Struct, frozen=True, kw_only=True, gc=False):
    """A name and everything known about it, in the order it was first said.

    `said` has the same in the order it was last said; `at` is when the name was first spoken of.
    """

    name: str
    type: str
    observations: tuple[Observation, ...]
    said: tuple[str, ...]
    at: str | None = None

    def values_of(self, key: str) -> list[str]:
        """The values of all observations of the form `Key: value`, in the order they were last said."""
        head = f"{key}:"
        return [
            text.removeprefix(head).strip()
            for text in self.said
            if text.startswith(head)
        ]

    def last_value(self, key: str) -> str | None:
        """The last value of a key: what was written later holds."""
        values = self.values_of(key)
        return values[-1] if values else None


class LastMentioned(dict[str, str]):
    """When each name was last spoken of or found true, as its lines say; looked up when first asked for."""

    def __init__(self, lines: Mapping[str, Sequence[EntityLine]]) -> None:
        self._lines = lines

    def __missing__(self, name: str) -> str:
        self[name] = max([line.verified or line.at or "" for line in self._lines[name]])
        return self[name]


class MemoryGraph:
    """The memory: merged name by name when it is asked for, extended by what was appended.

    `types` holds the names of each type, `size` the bytes of the file. `kept` tells who said what a program
    rewrote without saying so; it is asked only when there is such a line.
    """

    def __init__(
        self,
        *,
        file: str = MEMORY_FILE,
        kept: Callable[[], KnownSources | None] = lambda: None,
    ) -> None:
        self.file = file
        self._kept = kept
        self.rejected: list[RejectedLine] = []
        self._lines: dict[str, list[EntityLine]] = {}
        self._relations: dict[RelationKey, list[RelationLine]] = {}
        self._merged: dict[str, MemoryEntity] = {}
        self.types: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}
        self.recent = LastMentioned(self._lines)
        self._number = 0
        self._doubted = False
        self.size = 0

    def add_raw_lines(self, lines: Iterable[bytes]) -> None:
        """Take in the next lines of the file. Raises StateBroken when git left conflict markers."""
        good, bad, self._number = read_lines(lines, before=self._number)
        self.rejected += bad
        self.add_lines(good)

    def add_lines(self, good: Iterable[MemoryLine]) -> None:
        """Take in the next records."""
        kept = cache(self._kept)
        self._add_restored(
            restore_provenance(line, kept())
            if line.by is None and is_unmarked(line)
            else line
            for line in good
        )

    def _add_restored(self, good: Iterable[MemoryLine]) -> None:
        names = self._lines
        for line in good:
            if is_untrusted(line):
                self._doubted = True
            if isinstance(line, RelationLine):
                self._relations.setdefault((line.from_, line.type, line.to), []).append(
                    line
                )
            elif line.sources:
                self._add_restored(split_by_source(line))
            elif known := names.get(line.name):
                known.append(line)
                self._invalidate_entity(line.name)
            else:
                names[line.name] = [line]
                self.types.setdefault(line.type, []).append(line.name)

    def _invalidate_entity(self, name: str) -> None:
        self._merged.pop(name, None)
        self.recent.pop(name, None)
        if name in self._texts:
            self._texts[name] = folded_text(self._lines[name])

    @property
    def trusted_part(self) -> "MemoryGraph":
        """The same without what is untrusted: all that code may act on."""
        if not self._doubted:
            return self
        found = MemoryGraph(file=self.file)
        found.add_lines(line for line in self.lines if not is_untrusted(line))
        return found

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

    def entities(self, type: str | None = None) -> list[MemoryEntity]:  # noqa: A002  the format's word
        """All entities, or those of one type, in the order of the file."""
        names = self._lines if type is None else self.types.get(type, ())
        return [entity for name in names if (entity := self.find_entity(name))]

    def find_entity(self, name: str) -> MemoryEntity | None:
        """What is known about a name, or None."""
        if name not in self._merged and name in self._lines:
            self._merged[name] = merge_entity(self._lines[name])
        return self._merged.get(name)

    def lines_of(self, name: str) -> Sequence[EntityLine]:
        """The lines of an entity as they were written, each with who wrote it."""
        return self._lines.get(name, ())

    @property
    def relations(self) -> list[MemoryRelation]:
        """Every relation once, in the order of the file; those to a missing entity too."""
        return [
            replace(earliest_line(lines), verified=last_verified(lines))
            for lines in self._relations.values()
        ]

    def lines_about(self, name: str) -> list[MemoryLine]:
        """The lines of an entity as they were written, and those of its relations."""
        ties = (
            lines
            for (start, _, end), lines in self._relations.items()
            if name in (start, end)
        )
        return [*self._lines.get(name, ()), *chain.from_iterable(ties)]

    def lines_written_by(self, run: str) -> list[MemoryLine]:
        """The lines that one effect of a run wrote."""
        return [line for line in self.lines if line.run == run]

    @property
    def problems(self) -> list[Diagnostic]:
        """What is wrong with the file, though everything that could be read was."""
        return find_problems(
            self.file,
            self.rejected,
            self._lines,
            self._relations,
            large=self.size > LARGE_FILE_BYTES,
        )

    @property
    def search_texts(self) -> Mapping[str, str]:
        """All that can be searched of each name, case folded; made when first asked for."""
        if len(self._texts) < len(self._lines):
            for name, lines in islice(self._lines.items(), len(self._texts), None):
                self._texts[name] = folded_text(lines)
        return self._texts


def merge_entity(lines: Sequence[EntityLine]) -> MemoryEntity:
    """One entity from the lines of one name."""
    said: dict[str, list[EntityLine]] = {}
    latest: dict[str, None] = {}
    for line in lines:
        for text in line.observations:
            said.setdefault(text, []).append(line)
            latest.pop(text, None)
            latest[text] = None
    first, known = (
        lines[0],
        tuple(merge_observation(text, by) for text, by in said.items()),
    )
    return MemoryEntity(
        name=first.name,
        type=first.type,
        observations=known,
        said=tuple(latest),
        at=earliest_line(lines).at,
    )


def merge_observation(text: str, lines: Sequence[EntityLine]) -> Observation:
    """One observation with the provenance of all the lines that make it."""
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
    """The first contribution by its time; one without a time counts when no other has one."""
    if len(lines) == 1:
        return lines[0]
    return min(
        lines,
        key=lambda x: (
            x.at is None,
            parse_time(x.at),
            *map(tie_break_key, (x.at, x.by, x.run, x.trust)),
        ),
    )


def tie_break_key(text: str | None) -> tuple[bool, str]:
    """How lines of the same moment are told apart, so that no order of the file decides."""
    return text is None, text or ""


def last_verified(lines: Sequence[MemoryLine]) -> str | None:
    """The latest time at which any of the lines was found true."""
    if len(lines) == 1:
        return lines[0].verified
    return max(
        (line.verified for line in lines if line.verified),
        key=lambda v: (parse_time(v), v),
        default=None,
    )


def parse_time(text: str | None) -> datetime:
    """A time to compare by, whatever its zone; what cannot be read is long ago."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return LONG_AGO
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def folded_text(lines: Sequence[EntityLine]) -> str:
    """Name, type and observations as one text in which case does not matter."""
    parts = [lines[0].name, lines[0].type]
    for line in lines:
        parts += line.observations
    return "\n".join(parts).casefold()
