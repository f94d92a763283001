"""What a run wrote into the memory and nobody else stands for: that can be taken back."""

from collections.abc import Callable, Collection, Iterable

from msgspec import Struct

from agentco.kernel.run_ids import is_within
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
)
from agentco.memory.rewrite import RecordRewrite, without_observations

IsAgentsWord = Callable[[Provenance], bool]
"""Whether something said is still the word of an agent alone."""


class RunLines(Struct, frozen=True, kw_only=True):
    """What a run wrote: what goes with it, what others built on, and what is no longer its own.

    `approved` was approved or trusted by the founder since, or is the runtime's.
    """

    own: tuple[MemoryLine, ...]
    built_on: tuple[MemoryLine, ...]
    approved: tuple[MemoryLine, ...]

    @property
    def names_built_on(self) -> frozenset[str]:
        """The entities to which relations of others lead."""
        return frozenset(
            line.name for line in self.built_on if isinstance(line, EntityLine)
        )


def find_run_lines(
    graph: MemoryGraph, run: str, is_agents_word: IsAgentsWord
) -> RunLines:
    """Look through the memory for what a run and its children wrote."""
    mine = [line for line in graph.lines if is_within(line.run or "", run)]
    own = [line for line in mine if is_agents_word(line)]
    needed = names_needed(graph.lines, own)
    stays = [
        line for line in own if isinstance(line, EntityLine) and line.name in needed
    ]
    return RunLines(
        own=tuple(line for line in own if line not in stays),
        built_on=tuple(stays),
        approved=tuple(line for line in mine if line not in own),
    )


def names_needed(
    lines: Iterable[MemoryLine], own: Collection[MemoryLine]
) -> frozenset[str]:
    """The names that only these lines make, and to which a relation of another leads."""
    made, related = set[str](), set[str]()
    for line in lines:
        if line in own:
            continue
        if isinstance(line, RelationLine):
            related |= {line.from_, line.to}
        else:
            made.add(line.name)
    return frozenset(related - made)


def cut_lines_of(
    run: str, built_on: Collection[str], is_agents_word: IsAgentsWord
) -> RecordRewrite:
    """Take away what a run wrote, but not of the names that others built on."""

    def is_own(said: Provenance) -> bool:
        return is_within(said.run or "", run) and is_agents_word(said)

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        if isinstance(line, OtherLine):
            return row.raw
        if isinstance(line, EntityLine) and line.name in built_on:
            return row.raw
        if isinstance(line, RelationLine) or not line.sources:
            return None if is_own(line) else row.raw
        said = list(zip(line.observations, line.sources, strict=False))
        others = {text for text, source in said if not is_own(source)}
        gone = frozenset(text for text, _ in said) - others
        if gone.issuperset(line.observations):
            return None
        return without_observations(row.raw, line, gone)

    return cut
