"""What becomes of each slot of a prompt: it runs once, is made up for once, or is passed over; never twice."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from msgspec import Struct, json
from msgspec.structs import replace

from agentco.day.facts import ScheduledPrompt, StandupFacts
from agentco.day.plan import make_day_plan
from agentco.day.schedule import last_slot

MAX_DELAY = timedelta(minutes=5)
"""A slot that nobody looked at for so long was missed."""
GIVEN_UP = "its process ended, and nobody began it in time"
COUNTED_FIELDS = {"days_late", "days_left", "age_days", "line"}


class SlotOutcome(StrEnum):
    """What became of a slot; only what is TAKEN can still become something else."""

    TAKEN = "taken"
    RUN = "run"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


class Tick(Struct, frozen=True, kw_only=True):
    """One slot of a prompt. `why` is the driver that took it and what it knew, or why nothing ran.

    `ended` is how its run ended: ok, failed or no-result; empty as long as it has not.
    """

    job: str
    slot: datetime
    at: datetime
    outcome: SlotOutcome
    run: str | None = None
    why: str = ""
    ended: str = ""

    @property
    def driver(self) -> str:
        """Who took it."""
        return self.why.partition(" ")[0]


def ticks_due(
    job: ScheduledPrompt,
    known: Sequence[Tick],
    gone: Callable[[Tick], bool],
    *,
    now: datetime,
    since: datetime | None,
    why: str,
) -> tuple[Tick, ...]:
    """What is to be written down now; a slot that is TAKEN is to be run, by whom `why` says.

    Only the latest slot since then that nobody has dealt with can run. A slot that was taken is free again when
    who took it is `gone` and nothing came of it.
    """
    now = now.astimezone(UTC)
    past = [tick for tick in known if tick.slot <= now]
    free = [tick for tick in past if tick.outcome is SlotOutcome.TAKEN and gone(tick)]
    counts = [
        moment
        for moment in (since, *(tick.slot for tick in past if tick not in free))
        if moment
    ]
    found = last_slot(job.cron, max(counts, default=now), now, job.zone)
    slot = (
        datetime.fromisoformat(found.isoformat()) if found else None
    )  # its offset does not change any more
    lost = [
        replace(tick, at=now, outcome=SlotOutcome.MISSED, why=GIVEN_UP)
        for tick in free
        if tick.slot != slot
    ]
    if slot is None:
        return tuple(lost)
    tick, news = (
        Tick(job=job.name, slot=slot, at=now, outcome=SlotOutcome.TAKEN, why=why),
        why.partition(" ")[2],
    )
    last = max(
        (t for t in past if t.outcome is SlotOutcome.RUN),
        key=lambda t: t.slot,
        default=None,
    )
    if now - slot > MAX_DELAY and job.catch_up == "skip":
        tick = replace(tick, outcome=SlotOutcome.MISSED, why="nothing ran at that time")
    elif news and last and last.ended != "failed" and last.why.endswith(f" {news}"):
        tick = replace(
            tick, outcome=SlotOutcome.SKIPPED, why="nothing changed since its last run"
        )
    return (*lost, tick)


def facts_fingerprint(facts: StandupFacts) -> str:
    """The same as long as nothing new happened: of all but what the clock, the schedule and the runs themselves bring.

    Another day is no news, but what another day makes due, close, overdue or stale is.
    """
    kept = replace(facts, overdue_prompts=(), inbox=(), in_doubt=(), runs_failed=())
    every: list[Any] = [
        fact for name in kept.__struct_fields__ for fact in getattr(kept, name)
    ]
    told = sorted(json.encode(without_counters(fact)) for fact in every)
    return sha256(
        json.encode((told, [line.rule for line in make_day_plan(kept)]))
    ).hexdigest()[:16]


def without_counters(fact: Any) -> Any:
    """A fact without what another day, or another line above it, changes by itself."""
    return {
        n: getattr(fact, n)
        for n in getattr(fact, "__struct_fields__", ())
        if n not in COUNTED_FIELDS
    } or fact
