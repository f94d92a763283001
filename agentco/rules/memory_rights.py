"""Who may write or delete what in the memory: one rulebook for agents and for MCP clients.

Agents delete what agents wrote and what nobody vouches for, and never what the founder wrote,
adopted or trusted, nor what code reads; a client only what it wrote itself. Types, names and keys
are compared as they look.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel import package_data
from agentco.kernel.comparison import comparison_key
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import (
    TRUSTED_AUTHORS,
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    Provenance,
    RelationLine,
    TrustLevel,
    is_untrusted,
    line_in,
    normal_name,
    split_by_source,
)
from agentco.memory.rewrite import RecordRewrite

GOVERNED_TYPES = frozenset({"claim", "deadline", "prompt-run"})
"""Types of which everything is governed: code reads it, so only the founder writes it."""
GOVERNED_KEYS = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""The keys that code reads in entities of other types."""
_COLON = re.compile("[:\uff1a\ufe13\ufe55\u2236\u02d0\ua789\u05c3]")


def types_of_name(name: str, *types: str) -> frozenset[str]:
    """The types that a name has, and the one it pretends to have by its prefix."""
    return frozenset(map(comparison_key, (_prefix(name), *types)))


def types_in_graph(graph: MemoryGraph, name: str, *types: str) -> frozenset[str]:
    """The types that a name has in the memory, or pretends to have."""
    known = [line.type for line in graph.lines_of(name)]
    return types_of_name(name, *types, *known)


def governed_texts(texts: Iterable[str], types: Collection[str]) -> tuple[str, ...]:
    """The observations that only the founder writes, of an entity with these types."""
    if not GOVERNED_TYPES.isdisjoint(types):
        return tuple(texts)
    keys = {key for kind in types for key in GOVERNED_KEYS.get(kind, ())}
    return tuple(text for text in texts if comparison_key(_prefix(text)) in keys)


def _prefix(text: str) -> str:
    """What stands before the first colon, whichever colon it is."""
    return _COLON.split(text, maxsplit=1)[0]


def is_protected(line: MemoryLine, types: Collection[str]) -> bool:
    """Whether only the founder may delete a line of one source, of a name with these types."""
    if is_founders_word(line):
        return True
    if isinstance(line, RelationLine) or is_untrusted(line):
        return False
    governed = not GOVERNED_TYPES.isdisjoint(types)
    return governed or bool(governed_texts(line.observations, types))


def is_founders_word(said: Provenance) -> bool:
    """Whether the founder or the runtime said it, adopted it unsigned, or vouches for it."""
    if said.by in TRUSTED_AUTHORS:
        return True
    if is_untrusted(said):
        return False
    return said.trust is TrustLevel.TRUSTED or not is_written_by_agent(said)


def is_written_by_agent(said: Provenance) -> bool:
    """Whether an agent of the company said it."""
    return said.by is not None and author_name(said.by) == said.by


def author_name(agent: str) -> str:
    """The name under which an agent writes: never one that stands for more than an agent."""
    reserved = agent == "" or agent in TRUSTED_AUTHORS
    if reserved or agent.startswith(("mcp:", "import:")):
        return f"agent:{agent}"
    return agent


class DeletionGuard:
    """A cut that keeps what an agent or a client may not delete, also what came in just now.

    `names` are those that the cut takes observations or whole entities of. `refuse` is told of
    every protected line; it may raise, and then nothing is deleted. A client is an `author` that
    deletes nothing but what it wrote itself and nobody trusted since.
    """

    def __init__(
        self,
        cut: RecordRewrite,
        names: Iterable[str],
        refuse: Callable[[MemoryLine], None] = lambda _line: None,
        *,
        author: str | None = None,
    ) -> None:
        self._cut = cut
        self._refuse = refuse
        self._author = author
        self._about = {
            normal_name(name): _DeletedSoFar(types={*types_of_name(name)})
            for name in names
        }

    def __call__(self, record: MemoryRecord) -> bytes | None:
        """What stays of a record."""
        left = self._cut(record)
        line = record.line
        if isinstance(line, OtherLine) or not self._is_refused(record.raw, line, left):
            return left
        self._refuse(line)
        return record.raw

    def _is_foreign(self, line: MemoryLine) -> bool:
        return line.by != self._author or not is_untrusted(line)

    def _is_refused(self, raw: bytes, line: MemoryLine, left: bytes | None) -> bool:
        changed = left != raw
        if self._author is not None:
            return changed and any(map(self._is_foreign, _lost_parts(line, left)))
        if isinstance(line, RelationLine):
            return changed and is_protected(line, ())
        about = self._about.get(line.name)
        if about is None:
            return changed
        about.types.add(comparison_key(line.type))
        parts = deleted_parts(line, left) if changed else []
        if any(map(is_founders_word, parts)):
            return True
        about.parts += parts
        # a later line can tell that an earlier one is governed
        return any(is_protected(part, about.types) for part in about.parts)


def _lost_parts(line: MemoryLine, left: bytes | None) -> Sequence[MemoryLine]:
    return deleted_parts(line, left) if isinstance(line, EntityLine) else [line]


class _DeletedSoFar(Struct, kw_only=True):
    """What a deletion met of one name: its types, and the parts of lines that would go."""

    types: set[str]
    parts: list[EntityLine] = []


def deleted_parts(line: EntityLine, left: bytes | None) -> list[EntityLine]:
    """The parts of a line that a cut takes away, one for each source."""
    sources = [*split_by_source(line)]
    if left is None:
        return sources
    rest = line_in(left)
    kept = rest.observations if isinstance(rest, EntityLine) else ()
    parts: list[EntityLine] = []
    for source in sources:
        gone = tuple(text for text in source.observations if text not in kept)
        if gone:
            parts.append(replace(source, observations=gone))
    return parts
