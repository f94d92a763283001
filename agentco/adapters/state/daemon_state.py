"""What the daemon asks of the state beside its runs."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from zoneinfo import ZoneInfo

from agentco.adapters.state import notice_queries
from agentco.adapters.state.database import Database
from agentco.adapters.state.report_queries import find_run
from agentco.adapters.state.transaction import Transaction
from agentco.rules.budget import Cap
from agentco.rules.notices import Notice
from agentco.runs.run import Run


class DaemonState:
    """The questions of one daemon to the state of its company."""

    def __init__(self, store: Database) -> None:
        self.store = store

    def find_damage(self) -> Future[str]:
        """What is damaged, in words; empty if nothing is."""

        def check(tx: Transaction) -> str:
            [(answer,)] = tx.fetch_rows("PRAGMA quick_check(1)")
            return "" if answer == "ok" else str(answer)

        return self.store.read(check)

    def change_count(self) -> Future[int]:
        """A number that differs once another process wrote something."""

        def count(tx: Transaction) -> int:
            [(version,)] = tx.fetch_rows("PRAGMA data_version")
            return version

        return self.store.read(count)

    def restrict_from_now(self, agent: str, at: str, why: str) -> Future[None]:
        """Let an agent only read from `at` on, whatever restricted it before."""

        def restrict(tx: Transaction) -> None:
            tx.lift_restriction(agent, at)
            tx.restrict_agent(agent, at, why)

        return self.store.write(restrict)

    def ended_run(self, name: str, at: str) -> Future[tuple[Run, int]]:
        """A run and what it cost, in micro-dollars."""
        return self.store.read(
            lambda tx: (tx.load_run(name), find_run(tx, name, at).usd)
        )

    def current_notices(
        self, now: datetime, caps: Sequence[Cap]
    ) -> Future[list[Notice]]:
        """Everything that the founder should know of now, whether they do or not."""
        return self.store.read(lambda tx: notice_queries.current_notices(tx, now, caps))

    def claim_notices(
        self,
        notices: Iterable[Notice],
        now: datetime,
        quiet_hours: str | None,
        zone: ZoneInfo,
    ) -> Future[tuple[list[Notice], datetime | None]]:
        """What this process is to tell now, and when to look again; no other tells the same."""
        return self.store.write(
            lambda tx: notice_queries.claim_notices(tx, notices, now, quiet_hours, zone)
        )

    def unclaim_notices(self, notices: Iterable[Notice]) -> Future[None]:
        """Make news again of what nobody could be told."""
        return self.store.write(lambda tx: notice_queries.unclaim_notices(tx, notices))
