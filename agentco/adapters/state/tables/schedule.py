"""What became of each slot of each scheduled prompt."""

from datetime import datetime

from agentco.adapters.state.tables.statements import Statements
from agentco.day.schedule_slots import Tick


class ScheduleTable(Statements):
    """One row for each slot; whoever writes it first runs it."""

    def slot_history(
        self, job: str = "", *, since: str = "", before: str = "A", limit: int = -1
    ) -> list[Tick]:
        """Return the slots of a prompt, or of all, between two local times, the latest first."""
        return self.select_as(
            Tick, "slot_history", job=job, since=since, before=before, limit=limit
        )

    def save_slot(self, tick: Tick) -> None:
        """Add a slot, or replace it as long as it is TAKEN or QUEUED."""
        self.change(
            "save_slot",
            job=tick.job,
            slot=tick.slot.isoformat(),
            at=tick.at.isoformat(timespec="seconds"),
            outcome=tick.outcome,
            run=tick.run,
            why=tick.why,
        )

    def give_slot_its_run(self, job: str, slot: datetime, run: str) -> bool:
        """Give a slot that is TAKEN its run; False if it is not."""
        changed = self.change(
            "assign_run_to_slot", job=job, slot=slot.isoformat(), run=run
        )
        return changed > 0

    def last_skipped_slots(self) -> dict[str, datetime]:
        """Return for each prompt the last slot at which nothing had changed."""
        rows = self.select("last_skipped_slots")
        return {job: datetime.fromisoformat(slot) for job, slot in rows}

    def forget_slots(self, before: str, *, kept: int) -> None:
        """Delete slots before a local time, but never the last `kept` of a prompt."""
        self.change("forget_slots", before=before, kept=kept)
