"""What a standup says: the document of appendix B."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from agentco.company import settings
from agentco.day.facts import RunsOverview, StandupFacts
from agentco.day.memory_expiry import expired_today
from agentco.day.plan import PlanLine, tasks_by_source
from agentco.file_formats.amounts import Retention
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine
from agentco.memory.retention import ExpiringEntity

MAX_REMEMBERED_LINES = 20
MAX_TOLD_LINES = 40
MAX_ZONE_OFFSET = timedelta(days=1)
"""How far today somewhere on earth is at most from today in UTC."""
MICROS = 1e6


class CollectorReport(Struct, frozen=True, kw_only=True):
    """How one collector did; `error` says why its facts are missing, `hint` what to do."""

    name: str
    ok: bool
    ms: int
    error: str | None = None
    hint: str | None = None


class Spend(Struct, frozen=True, kw_only=True):
    """What was spent against the caps, in dollars.

    `day_plan_usd` and `month_plan_usd` of it are the list price of what plans answered.
    """

    day_usd: float = 0.0
    day_cap_usd: float
    month_usd: float = 0.0
    month_cap_usd: float
    day_plan_usd: float = 0.0
    month_plan_usd: float = 0.0

    @property
    def plan_note(self) -> str:
        """Which part of it nobody sends a bill for, in words; empty without a plan."""
        if not self.month_plan_usd:
            return ""
        day, month = f"${self.day_plan_usd:.2f}", f"${self.month_plan_usd:.2f}"
        return f", of it {day} and {month} at list price (plan)"


class DelegationResult(Struct, frozen=True, kw_only=True):
    """A task that was given to its owner; `text` is the deliverable, `reason` why there is none."""

    task: str
    agent: str
    run: str | None = None
    status: str
    text: str | None = None
    reason: str | None = None
    cost_usd: float = 0.0
    calls: int = 0


class StandupReport(Struct, frozen=True, kw_only=True):
    """One standup, whole; its keys are those of `standup --json`."""

    date: date
    company: str
    facts: StandupFacts
    collectors: tuple[CollectorReport, ...]
    spend: Spend
    plan: tuple[PlanLine, ...]
    delegations: tuple[DelegationResult, ...] = ()
    models_called: int = 0
    cost_usd: float = 0.0
    changed: tuple[str, ...] = ()


class MemoryWrites(Struct, frozen=True, kw_only=True):
    """What a standup changes in the memory, all at once."""

    expired: tuple[ExpiringEntity, ...] = ()
    superseded: tuple[str, ...] = ()
    records: tuple[EntityLine, ...] = ()


def spend_against_caps(budget: settings.Budget, runs: RunsOverview) -> Spend:
    """What was spent, against the caps of the settings."""
    return Spend(
        day_usd=runs.day / MICROS,
        day_cap_usd=budget.company_day / MICROS,
        month_usd=runs.month / MICROS,
        month_cap_usd=budget.company_month / MICROS,
        day_plan_usd=runs.day_plan / MICROS,
        month_plan_usd=runs.month_plan / MICROS,
    )


def standup_entity(report: StandupReport, at: str) -> EntityLine:
    """The plan in short, as the memory keeps it for a week."""
    lines = [
        f"{line.rank}. {line.title} ({line.owner}; {line.rule})"
        for line in report.plan[:MAX_REMEMBERED_LINES]
    ]
    lines += _lines_left_out(report.plan, MAX_REMEMBERED_LINES)
    return EntityLine(
        name=f"standup:{report.date}",
        type="standup",
        observations=tuple(lines) or ("Nothing is due.",),
        at=at,
        by="runtime",
    )


def _lines_left_out(plan: Sequence[PlanLine], most: int) -> tuple[str, ...]:
    """The line that says how many there are beyond `most`, if any."""
    return (f"and {len(plan) - most} more",) if len(plan) > most else ()


def plan_text(report: StandupReport) -> str:
    """The plan as whoever hands out work reads it: a line each, with the id to delegate it by."""
    tasks = tasks_by_source(report.facts)
    lines = [f"Plan of {report.date}: rank, task, owner, what, rule"]
    for line in report.plan[:MAX_TOLD_LINES]:
        task = tasks.get(line.source)
        task_id = task.id if task and task.id else "-"
        lines.append(f"{line.rank}. {task_id} @{line.owner} {line.title} ({line.rule})")
    lines += _lines_left_out(report.plan, MAX_TOLD_LINES)
    spend = report.spend
    day = f"${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today"
    month = f"${spend.month_usd:.2f} of ${spend.month_cap_usd:.2f} this month"
    return "\n".join([*lines, f"Spent: {day}, {month}{spend.plan_note}"])


def memory_writes(
    report: StandupReport,
    graph: MemoryGraph,
    rules: Mapping[str, Retention],
    at: datetime,
) -> MemoryWrites:
    """The plan in the place of an earlier one of the day, and what is too old to keep.

    The plan of a day that is over stays as it was written then.
    """
    line = standup_entity(report, at.isoformat(timespec="seconds"))
    expiries = expired_today(graph, rules, report.date)
    expired = tuple(expiry for expiry in expiries if expiry.name != line.name)
    before = graph.find_entity(line.name)
    if before is None:
        return MemoryWrites(expired=expired, records=(line,))
    texts = tuple(observation.text for observation in before.observations)
    is_over = report.date < at.date() - MAX_ZONE_OFFSET
    if is_over or texts == line.observations:
        return MemoryWrites(expired=expired)
    return MemoryWrites(expired=expired, superseded=(line.name,), records=(line,))


def new_trackers(
    prompts: Iterable[str], graph: MemoryGraph, at: datetime
) -> tuple[EntityLine, ...]:
    """An empty tracker for each scheduled prompt seen for the first time: its slots count now."""
    names = [f"prompt-run:{prompt}" for prompt in prompts]
    return tuple(
        EntityLine(
            name=name,
            type="prompt-run",
            observations=(),
            at=at.isoformat(timespec="seconds"),
            by="runtime",
        )
        for name in names
        if graph.find_entity(name) is None
    )
