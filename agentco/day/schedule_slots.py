"""What becomes of each slot of a prompt: it runs once, is made up for once, or is skipped."""

from collections.abc import Callable, Iterable, Sequence
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
"""A slot at which nobody looked for so long was missed."""
GIVEN_UP = "its process ended, and nothing restarted it in time"
OVERTAKEN = "it waited for the run before it, and a later one replaced it"
COUNTED_FIELDS = {"days_late", "days_left", "age_days", "line"}


class SlotOutcome(StrEnum):
    """What became of a slot; only what is TAKEN or QUEUED can still become something else."""

    TAKEN = "taken"
    QUEUED = "queued"
    RUN = "run"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


class Tick(Struct, frozen=True, kw_only=True):
    """One slot of a prompt. `why` is the driver that took it and what it knew, or why none ran.

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

    @property
    def is_failed(self) -> bool:
        """Whether its run failed."""
        return self.ended == "failed"


def ticks_due(  # noqa: PLR0913  what one look at a prompt depends on
    job: ScheduledPrompt,
    known: Sequence[Tick],
    gone: Callable[[Tick], bool],
    *,
    now: datetime,
    since: datetime | None,
    why: str,
    busy: str = "",
) -> tuple[Tick, ...]:
    """What is to be written down now; a slot that is TAKEN is to be run, by whom `why` says.

    Only the latest slot since then that nobody has dealt with can run. A slot that was taken is
    free again when who took it is `gone` and nothing came of it. `busy` says which run of the
    prompt still works or waits: then nothing begins but by `overlap`.
    """
    now = now.astimezone(UTC)
    busy = "" if job.overlap == "allow" else busy
    past = [tick for tick in known if tick.slot <= now]
    free = [tick for tick in past if tick.outcome is SlotOutcome.TAKEN and gone(tick)]
    queued = [
        tick
        for tick in past
        if tick.outcome is SlotOutcome.QUEUED and job.overlap == "queue"
    ]
    slot = _latest_slot(job, [tick for tick in past if tick not in free], since, now)
    waited = max((tick.slot for tick in queued), default=None)
    if slot is None and not busy:
        slot = waited
    lost = _lost(free, GIVEN_UP, slot, now)
    if slot is None:
        return lost
    tick = Tick(job=job.name, slot=slot, at=now, outcome=SlotOutcome.TAKEN, why=why)
    if slot != waited and now - slot > MAX_DELAY and job.catch_up == "skip":
        missed = "nothing ran at that time"
        tick = replace(tick, outcome=SlotOutcome.MISSED, why=missed)
    elif busy:
        waits = job.overlap == "queue"
        outcome = SlotOutcome.QUEUED if waits else SlotOutcome.MISSED
        tick = replace(tick, outcome=outcome, why=busy)
    elif _is_old_news(past, why):
        unchanged = "nothing changed since its last run"
        tick = replace(tick, outcome=SlotOutcome.SKIPPED, why=unchanged)
    return (*lost, *_lost(queued, OVERTAKEN, slot, now), tick)


def _lost(
    ticks: Iterable[Tick], why: str, slot: datetime | None, now: datetime
) -> tuple[Tick, ...]:
    """These slots as missed, but for the one that runs or waits now."""
    missed = SlotOutcome.MISSED
    return tuple(
        replace(tick, at=now, outcome=missed, why=why)
        for tick in ticks
        if tick.slot != slot
    )


def _latest_slot(
    job: ScheduledPrompt,
    dealt_with: Iterable[Tick],
    since: datetime | None,
    now: datetime,
) -> datetime | None:
    """The last slot up to now that nobody has dealt with; its offset does not change any more."""
    moments = [tick.slot for tick in dealt_with]
    if since:
        moments.append(since)
    slot = last_slot(job.cron, max(moments, default=now), now, job.zone)
    return datetime.fromisoformat(slot.isoformat()) if slot else None


def _is_old_news(ticks: Iterable[Tick], why: str) -> bool:
    """Whether the last run did not fail and knew the same news."""
    _, _, news = why.partition(" ")
    runs = [tick for tick in ticks if tick.outcome is SlotOutcome.RUN]
    if not news or not runs:
        return False
    last = max(runs, key=lambda tick: tick.slot)
    return not last.is_failed and last.why.endswith(f" {news}")


def facts_fingerprint(facts: StandupFacts) -> str:
    """The same as long as nothing new happened, but for what clock, schedule and runs bring.

    Another day is no news, but what another day makes due, close, overdue or stale is. A task
    that comes close is none: it wakes somebody on its day.
    """
    kept = replace(
        facts,
        overdue_prompts=(),
        inbox=(),
        in_doubt=(),
        runs_failed=(),
        made=(),
        due_soon=(),
    )
    encoded: list[bytes] = []
    for name in kept.__struct_fields__:
        encoded += [json.encode(without_counters(fact)) for fact in getattr(kept, name)]
    rules = [line.rule for line in make_day_plan(kept)]
    return sha256(json.encode((sorted(encoded), rules))).hexdigest()[:16]


def without_counters(fact: Any) -> Any:
    """A fact without what another day, or another line above it, changes by itself."""
    fields = getattr(fact, "__struct_fields__", ())
    if not fields:
        return fact
    return {name: getattr(fact, name) for name in fields if name not in COUNTED_FIELDS}
