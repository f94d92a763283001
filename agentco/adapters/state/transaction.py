"""The SQLite state, for the length of one transaction; nothing here commits."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import cached_property

from msgspec.structs import replace

from agentco.adapters.state.shared_transaction import SharedTransaction
from agentco.adapters.state.tables.agent_lines import AgentLineTable
from agentco.adapters.state.tables.audit import AuditTable
from agentco.adapters.state.tables.bodies import BodyTable
from agentco.adapters.state.tables.controls import ControlTables
from agentco.adapters.state.tables.effects import EffectTable
from agentco.adapters.state.tables.ledger import LedgerTable
from agentco.adapters.state.tables.models import ModelTables
from agentco.adapters.state.tables.notices import NoticeTable
from agentco.adapters.state.tables.runs import RunTable
from agentco.adapters.state.tables.schedule import ScheduleTable
from agentco.adapters.state.tables.undos import UndoTables
from agentco.adapters.state.tables.written_files import WrittenFileTable
from agentco.ports.stored_values import Halt
from agentco.rules.audit import StoredRows, encode_and_hash


def no_halts() -> Sequence[Halt]:
    """No halt is kept outside the state."""
    return ()


class SqliteTransaction(
    RunTable,
    EffectTable,
    BodyTable,
    LedgerTable,
    AuditTable,
    ControlTables,
    ScheduleTable,
    NoticeTable,
    ModelTables,
    AgentLineTable,
    WrittenFileTable,
    UndoTables,
    SharedTransaction,
):
    """Every table, and what every store does the same way.

    `kept_halts` are those that are kept outside the state as well, and hold although it lost them.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        kept_halts: Callable[[], Sequence[Halt]] = no_halts,
    ) -> None:
        super().__init__(db)
        self._read_kept_halts = kept_halts

    @cached_property
    def _kept_halts(self) -> Sequence[Halt]:
        return self._read_kept_halts()

    def stored_rows(self) -> StoredRows:
        """Read every row, to compare it with what the audit bound."""
        from agentco.adapters.state.row_watch import read_stored_rows

        return read_stored_rows(self)

    def bind_last_line(self, rows: dict[str, str], state: str) -> None:
        """Let the last line that this transaction wrote tell of the rows that it changed."""
        if self.last_line:
            self.last_line = replace(self.last_line, rows=rows, state=state)
            self.rewrite_audit(self.last_line, *encode_and_hash(self.last_line))

    def halts(self) -> list[Halt]:
        """Return every halt, by scope."""
        halts = {halt.scope: halt for halt in self._kept_halts}
        halts.update({halt.scope: halt for halt in super().halts()})
        return [halts[scope] for scope in sorted(halts)]

    def state_name(self) -> str:
        """Return the name under which the user's trust file knows this state."""
        [(name,)] = self.select("find_fact", key="name")
        return name

    def find_damage(self) -> str:
        """Say what is wrong with the file; empty if nothing is."""
        [(answer,)] = self.fetch_rows("PRAGMA quick_check(1)")
        return "" if answer == "ok" else answer

    def change_mark(self) -> int:
        """Return a number that changes whenever another process has written."""
        [(version,)] = self.fetch_rows("PRAGMA data_version")
        return version
