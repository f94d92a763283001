"""What a store in memory holds: frozen values by their keys, in the order in which they came."""

from dataclasses import dataclass, field

from msgspec import Struct

from agentco.day.schedule_slots import Tick
from agentco.ports.stored_values import Halt, Restriction, UndoRecord, WrittenFile
from agentco.rules.audit import AuditLine
from agentco.rules.model_health import ModelHealth
from agentco.rules.read_context import LearnedContext
from agentco.runs.effects import EffectRecord
from agentco.runs.events import LedgerEntry
from agentco.runs.run import Run

FOREVER = "9"
"""Later than every time: when a run ends that has not ended."""


class StoredRun(Struct, frozen=True, kw_only=True):
    """A run, and what stands beside its head; `asked` and `base` are hashes of bodies."""

    head: Run
    asked: str
    base: str
    cap: int | None = None
    driver: str | None = None
    cancel: str | None = None
    ended: str | None = None

    @property
    def end(self) -> str:
        """When the run ended, later than every time if it has not."""
        return self.ended or FOREVER


class StoredBody(Struct, frozen=True):
    """A text, and since when it is kept."""

    data: bytes
    at: str


class StoredLine(Struct, frozen=True):
    """A line of the audit, its bytes and their hash."""

    line: AuditLine
    data: bytes
    hash: str


@dataclass(frozen=True)
class MemoryTables:
    """All tables of one state."""

    runs: dict[str, StoredRun] = field(default_factory=dict)
    effects: dict[tuple[str, int], EffectRecord] = field(default_factory=dict)
    bodies: dict[str, StoredBody] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    spent: dict[str, int] = field(default_factory=dict)
    audit: list[StoredLine] = field(default_factory=list)
    halts: dict[str, Halt] = field(default_factory=dict)
    restrictions: dict[str, Restriction] = field(default_factory=dict)
    slots: dict[tuple[str, str], Tick] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    health: dict[str, ModelHealth] = field(default_factory=dict)
    token_counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    learned_contexts: dict[str, LearnedContext] = field(default_factory=dict)
    agent_lines: dict[str, None] = field(default_factory=dict)
    written_files: dict[tuple[str, int, str], WrittenFile] = field(default_factory=dict)
    kept_versions: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    undos: dict[str, UndoRecord] = field(default_factory=dict)

    def copy(self) -> "MemoryTables":
        """Return tables that can be changed without changing these; the values are shared."""
        return MemoryTables(
            self.runs.copy(),
            self.effects.copy(),
            self.bodies.copy(),
            self.ledger.copy(),
            self.spent.copy(),
            self.audit.copy(),
            self.halts.copy(),
            self.restrictions.copy(),
            self.slots.copy(),
            self.notices.copy(),
            self.health.copy(),
            self.token_counts.copy(),
            self.learned_contexts.copy(),
            self.agent_lines.copy(),
            self.written_files.copy(),
            self.kept_versions.copy(),
            self.undos.copy(),
        )
