"""What a standup says: the document of appendix B."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct

from agentco.company import settings
from agentco.company.amounts import Retention
from agentco.day.facts import RunsOverview, StandupFacts
from agentco.day.memory_expiry import expired_today
from agentco.day.plan import PlanLine, tasks_by_source
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine
from agentco.memory.retention import ExpiringEntity

MAX_REMEMBERED_LINES, MAX_TOLD_LINES = 20, 40
# Today somewhere on earth is at most this far from today in UTC.
MAX_ZONE_OFFSET = timedelta(days=1)


class CollectorReport(Struct, frozen=True, kw_only=True):
    """How one collector did; `error` says why its facts are missing."""

    name: str
    ok: bool
    ms: int
    error: str | None = None


class Spend(Struct, frozen=True, kw_only=True):
    """What was spent against the caps, in dollars."""

    day_usd: float = 0.0
    day_cap_usd: float
    month_usd: float = 0.0
    month_cap_usd: float


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


def spend_against_caps(budget: settings.Budget, standing: RunsOverview) -> Spend:
    """What was spent, against the caps of the settings."""
    day, month = budget.company_day / 1e6, budget.company_month / 1e6
    return Spend(
        day_usd=standing.day / 1e6,
        day_cap_usd=day,
        month_usd=standing.month / 1e6,
        month_cap_usd=month,
    )


def standup_entity(report: StandupReport, at: str) -> EntityLine:
    """The plan in short, as the memory keeps it for a week."""
    lines = [
        f"{line.rank}. {line.title} ({line.owner}; {line.rule})"
        for line in report.plan[:MAX_REMEMBERED_LINES]
    ]
    if len(report.plan) > MAX_REMEMBERED_LINES:
        lines.append(f"and {len(report.plan) - MAX_REMEMBERED_LINES} more")
    said = tuple(lines) or ("Nothing is due.",)
    return EntityLine(
        name=f"standup:{report.date}",
        type="standup",
        observations=said,
        at=at,
        by="runtime",
    )


def plan_text(report: StandupReport) -> str:
    """The plan as whoever hands out work reads it: a line each, with the id that a task is delegated by."""
    ids = {source: task.id for source, task in tasks_by_source(report.facts).items()}
    found, spend = report.plan[:MAX_TOLD_LINES], report.spend
    lines = [f"Plan of {report.date}: rank, task, owner, what, rule"]
    lines += [
        f"{p.rank}. {ids.get(p.source) or '-'} @{p.owner} {p.title} ({p.rule})"
        for p in found
    ]
    lines += [
        f"and {len(report.plan) - len(found)} more"
        for _ in report.plan[MAX_TOLD_LINES : MAX_TOLD_LINES + 1]
    ]
    day = f"${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today"
    return "\n".join(
        [
            *lines,
            f"Spent: {day}, ${spend.month_usd:.2f} of ${spend.month_cap_usd:.2f} this month",
        ]
    )


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
    before = graph.find_entity(line.name)
    same = (
        before is not None
        and tuple(o.text for o in before.observations) == line.observations
    )
    past = before is not None and report.date < at.date() - MAX_ZONE_OFFSET
    old = tuple(
        going
        for going in expired_today(graph, rules, report.date)
        if going.name != line.name
    )
    if same or past:
        return MemoryWrites(expired=old)
    return MemoryWrites(
        expired=old, superseded=(line.name,) if before else (), records=(line,)
    )


def new_trackers(
    names: Iterable[str], graph: MemoryGraph, at: datetime
) -> tuple[EntityLine, ...]:
    """An empty tracker for each scheduled prompt seen for the first time: from here on its slots count."""
    empty = partial(
        EntityLine,
        type="prompt-run",
        observations=(),
        at=at.isoformat(timespec="seconds"),
        by="runtime",
    )
    return tuple(
        empty(name=name)
        for prompt in names
        if graph.find_entity(name := f"prompt-run:{prompt}") is None
    )
