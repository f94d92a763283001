"""A state that lives as long as its process: the shortest store there is, for demos and tests.

A transaction works on a copy of all tables, which takes their place if nothing fails.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from agentco.adapters.state.memory_records import MemoryRecords
from agentco.adapters.state.memory_runs import MemoryRuns
from agentco.adapters.state.memory_tables import MemoryTables
from agentco.adapters.state.memory_writings import MemoryWritings
from agentco.adapters.state.shared_transaction import SharedTransaction
from agentco.rules.audit import StoredRows

T = TypeVar("T")


class MemoryTransaction(MemoryRuns, MemoryRecords, MemoryWritings, SharedTransaction):
    """Every question and every change, on a copy of the tables."""

    def __init__(self, tables: MemoryTables) -> None:
        self.tables = tables

    def find_damage(self) -> str:
        """Say that nothing is wrong: there is no file that could be damaged."""
        return ""

    def stored_rows(self) -> StoredRows:
        """Read nothing: nobody changes rows past this program, and no line binds any."""
        return StoredRows()

    def change_mark(self) -> int:
        """Return the same always: no other process writes here."""
        return 0


@dataclass
class InMemoryStore:
    """The state of one company. Every method may be called from any thread."""

    tables: MemoryTables = field(default_factory=MemoryTables)
    writing: Lock = field(default_factory=Lock)

    def write(self, act: Callable[[MemoryTransaction], T]) -> Future[T]:
        """Do it in one transaction; a failing act leaves nothing."""
        with self.writing:
            copy = self.tables.copy()
            outcome = carry_out(act, copy)
            if outcome.exception() is None:
                self.tables = copy
        return outcome

    def read(self, act: Callable[[MemoryTransaction], T]) -> Future[T]:
        """Look at one moment of the state; what the act changes is lost."""
        return carry_out(act, self.tables.copy())


def carry_out(act: Callable[[MemoryTransaction], T], tables: MemoryTables) -> Future[T]:
    """Return what comes of an act, or its error, as a future that is done."""
    outcome: Future[T] = Future()
    try:
        outcome.set_result(act(MemoryTransaction(tables)))
    except Exception as error:  # noqa: BLE001  it belongs to whoever waits
        outcome.set_exception(error)
    return outcome
