"""When a prompt runs next, how its last runs ended, and what a month of it costs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from agentco.day.facts import ScheduledPrompt
from agentco.day.prompt_trackers import slots_run_from
from agentco.day.schedule import next_slot, slots_until
from agentco.day.schedule_slots import SlotOutcome, Tick
from agentco.memory.graph import MemoryEntity, parse_time

RESULTS_KEPT = 20
MONTH = timedelta(days=30)
RUN_RESULTS = frozenset({"ok", "failed", "no-result", "skipped", "missed"})


class SlotResult(Struct, frozen=True, kw_only=True):
    """How a slot of a prompt ended; `why` says why no run began."""

    at: str
    result: str
    why: str = ""


class ScheduledJob(Struct, frozen=True, kw_only=True):
    """A prompt with a schedule: its next slot, its last results, its cost in dollars.

    `usual_usd` is None before its first run.
    """

    prompt: ScheduledPrompt
    next: datetime | None
    results: tuple[SlotResult, ...]
    runs_a_month: int
    usual_usd: float | None

    @property
    def month_usd(self) -> float | None:
        """What a month costs: a usual run, as often as it comes due."""
        return None if self.usual_usd is None else self.usual_usd * self.runs_a_month


def scheduled_job(
    prompt: ScheduledPrompt,
    tracker: MemoryEntity | None,
    ticks: Sequence[Tick],
    usual_usd: float | None,
    now: datetime,
) -> ScheduledJob:
    """What a prompt did by the memory and the state, and what it will cost."""
    results = [*_run_results(tracker), *_idle_results(ticks)]
    results.sort(key=lambda result: parse_time(result.at))
    slots = slots_until(prompt.cron, now, now + MONTH, prompt.zone)
    runs_from = max(now, slots_run_from(tracker) or now)
    return ScheduledJob(
        prompt=prompt,
        next=next_slot(prompt.cron, runs_from, prompt.zone),
        results=tuple(results[-RESULTS_KEPT:]),
        runs_a_month=len(slots),
        usual_usd=usual_usd,
    )


def _run_results(tracker: MemoryEntity | None) -> list[SlotResult]:
    """The runs of a prompt, as the memory tells them."""
    results: list[SlotResult] = []
    for line in tracker.values_of("Run") if tracker else []:
        at, result, *_ = [*line.split(), "", ""]
        if result in RUN_RESULTS:
            results.append(SlotResult(at=at, result=result))
    return results


def _idle_results(ticks: Sequence[Tick]) -> list[SlotResult]:
    """The slots at which no run began, as the state tells them."""
    open_or_begun = {SlotOutcome.RUN, SlotOutcome.TAKEN, SlotOutcome.QUEUED}
    return [
        SlotResult(at=tick.slot.isoformat(), result=str(tick.outcome), why=tick.why)
        for tick in ticks
        if tick.outcome not in open_or_begun
    ]
