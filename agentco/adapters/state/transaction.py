"""The SQLite state, for the length of one transaction; nothing here commits."""

from agentco.adapters.state.shared_transaction import SharedTransaction
from agentco.adapters.state.tables.audit import AuditTable
from agentco.adapters.state.tables.bodies import BodyTable
from agentco.adapters.state.tables.controls import ControlTables
from agentco.adapters.state.tables.effects import EffectTable
from agentco.adapters.state.tables.ledger import LedgerTable
from agentco.adapters.state.tables.models import ModelTables
from agentco.adapters.state.tables.notices import NoticeTable
from agentco.adapters.state.tables.runs import RunTable
from agentco.adapters.state.tables.schedule import ScheduleTable


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
    SharedTransaction,
):
    """Every table, and what every store does the same way."""

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
