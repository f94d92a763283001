"""What the state says of the schedule, inside one transaction: what became of each slot of each prompt."""

import sqlite3
from datetime import datetime
from typing import Any

import msgspec

from agentco.day.schedule_slots import Tick
from agentco.kernel.errors import WrongUsage


class ScheduleQueries:
    """The slots of all prompts; nothing here commits."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def fetch_rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return self.db.execute(sql, values).fetchall()

    def slot_history(
        self, job: str = "", *, since: str = "", before: str = "A", limit: int = -1
    ) -> list[Tick]:
        """What became of the slots of a prompt, or of all, between two local times; the latest first."""
        text, remember = "CAST(wanted AS TEXT)", '{"type":"remember"%'
        ended = f"SELECT json_extract({text}, '$.outcome') FROM effects WHERE run = ticks.run AND {text} LIKE ?"  # noqa: S608  ours
        found = self.fetch_rows(
            f"SELECT job, slot, at, outcome, run, why, coalesce(({ended}), '') FROM ticks"  # noqa: S608  ours
            " WHERE ? IN (job, '') AND slot >= ? AND slot < ? ORDER BY slot DESC LIMIT ?",
            *(remember, job, since, before, limit),
        )
        return [
            msgspec.convert(dict(zip(Tick.__struct_fields__, row, strict=True)), Tick)
            for row in found
        ]

    def save_slot(self, tick: Tick) -> None:
        """What became of a slot; what is no longer taken stays as it is."""
        self.db.execute(
            "INSERT INTO ticks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET (at, outcome, run, why) = (excluded.at, excluded.outcome, excluded.run, excluded.why)"
            " WHERE outcome = 'taken'",
            (
                tick.job,
                tick.slot.isoformat(),
                tick.at.isoformat(timespec="seconds"),
                tick.outcome,
                tick.run,
                tick.why,
            ),
        )

    def assign_run_to_slot(self, job: str, slot: datetime, run: str) -> None:
        """A slot that was taken has its run, in the transaction that begins it. Raises WrongUsage when it had one."""
        sql = "UPDATE ticks SET outcome = 'run', run = ? WHERE (job, slot, outcome) = (?, ?, 'taken')"
        if not self.db.execute(sql, (run, job, slot.isoformat())).rowcount:
            raise WrongUsage(
                f"{job!r} was begun for {slot} already, or that was given up",
                hint="agentco schedule",
            )

    def last_skipped_slots(self) -> dict[str, datetime]:
        """The last slot of each prompt at which nothing had changed."""
        sql = "SELECT job, slot FROM ticks WHERE outcome = 'skipped' ORDER BY at"
        return {job: datetime.fromisoformat(slot) for job, slot in self.fetch_rows(sql)}
