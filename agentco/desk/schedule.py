"""When each prompt runs next, how its last runs ended, and what a month of it costs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from agentco.day.company_check import costly_schedules, schedule_problems
from agentco.day.facts import ScheduledPrompt
from agentco.day.schedule import next_slot, slots_until
from agentco.day.schedule_slots import SlotOutcome, Tick
from agentco.desk.open_company import OpenCompany
from agentco.engine.run_costs import usual_cost_usd
from agentco.engine.standup import scheduled_prompts
from agentco.engine.store import Transaction
from agentco.kernel.errors import Diagnostic
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


class Schedule(Struct, frozen=True, kw_only=True):
    """All scheduled prompts, and what is wrong with their schedules."""

    jobs: tuple[ScheduledJob, ...]
    problems: tuple[Diagnostic, ...]


class _History(Struct, frozen=True):
    ticks: Sequence[Tick] = ()
    usual_usd: float | None = None


def load_schedule(company: OpenCompany) -> Schedule:
    """Read the schedules, what came of them, and what they cost."""
    now = company.now()
    settings = company.settings
    records = company.files.load()
    graph = company.memory.load_graph().trusted_part
    prompts = scheduled_prompts(records, settings.time_zone)

    def look(tx: Transaction) -> dict[str, _History]:
        return {prompt.name: _history(tx, prompt.name) for prompt in prompts}

    histories = company.read_state(look, {})
    jobs: list[ScheduledJob] = []
    for prompt in prompts:
        tracker = graph.find_entity(f"prompt-run:{prompt.name}")
        history = histories.get(prompt.name, _History())
        jobs.append(_job(prompt, tracker, history, now))
    problems = [
        *schedule_problems(records.prompts),
        *costly_schedules(records.prompts, settings.budget, now.date()),
    ]
    return Schedule(jobs=tuple(jobs), problems=tuple(problems))


def _history(tx: Transaction, name: str) -> _History:
    ticks = tx.slot_history(name, limit=RESULTS_KEPT)
    return _History(ticks, usual_cost_usd(tx, name))


def _job(
    prompt: ScheduledPrompt,
    tracker: MemoryEntity | None,
    history: _History,
    now: datetime,
) -> ScheduledJob:
    results = [*_run_results(tracker), *_idle_results(history.ticks)]
    results.sort(key=lambda result: parse_time(result.at))
    slots = slots_until(prompt.cron, now, now + MONTH, prompt.zone)
    return ScheduledJob(
        prompt=prompt,
        next=next_slot(prompt.cron, now, prompt.zone),
        results=tuple(results[-RESULTS_KEPT:]),
        runs_a_month=len(slots),
        usual_usd=history.usual_usd,
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
    began = {SlotOutcome.RUN, SlotOutcome.TAKEN}
    return [
        SlotResult(at=tick.slot.isoformat(), result=str(tick.outcome), why=tick.why)
        for tick in ticks
        if tick.outcome not in began
    ]
