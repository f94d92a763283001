"""What a standup says: the document of appendix B."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct

from agentco.company import settings
from agentco.company.amounts import Retention
from agentco.day.facts import Standing, StandupFacts
from agentco.day.memory_expiry import expired
from agentco.day.plan import PlanLine, tasks_of
from agentco.memory.graph import Graph
from agentco.memory.lines import EntityLine
from agentco.memory.retention import Going

LONGEST, MOST_TOLD = 20, 40
# Today somewhere on earth is at most this far from today in UTC.
ZONES = timedelta(days=1)


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


class Delegation(Struct, frozen=True, kw_only=True):
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
    delegations: tuple[Delegation, ...] = ()
    models_called: int = 0
    cost_usd: float = 0.0
    changed: tuple[str, ...] = ()


class Writes(Struct, frozen=True, kw_only=True):
    """What a standup changes in the memory, all at once."""

    expired: tuple[Going, ...] = ()
    superseded: tuple[str, ...] = ()
    records: tuple[EntityLine, ...] = ()


def spend_of(budget: settings.Budget, standing: Standing) -> Spend:
    """What was spent, against the caps of the settings."""
    day, month = budget.company_day / 1e6, budget.company_month / 1e6
    return Spend(
        day_usd=standing.day / 1e6,
        day_cap_usd=day,
        month_usd=standing.month / 1e6,
        month_cap_usd=month,
    )


def remembered(report: StandupReport, at: str) -> EntityLine:
    """The plan in short, as the memory keeps it for a week."""
    lines = [
        f"{line.rank}. {line.title} ({line.owner}; {line.rule})"
        for line in report.plan[:LONGEST]
    ]
    if len(report.plan) > LONGEST:
        lines.append(f"and {len(report.plan) - LONGEST} more")
    said = tuple(lines) or ("Nothing is due.",)
    return EntityLine(
        name=f"standup:{report.date}",
        type="standup",
        observations=said,
        at=at,
        by="runtime",
    )


def told(report: StandupReport) -> str:
    """The plan as whoever hands out work reads it: a line each, with the id that a task is delegated by."""
    ids = {source: task.id for source, task in tasks_of(report.facts).items()}
    found, spend = report.plan[:MOST_TOLD], report.spend
    lines = [f"Plan of {report.date}: rank, task, owner, what, rule"]
    lines += [
        f"{p.rank}. {ids.get(p.source) or '-'} @{p.owner} {p.title} ({p.rule})"
        for p in found
    ]
    lines += [
        f"and {len(report.plan) - len(found)} more"
        for _ in report.plan[MOST_TOLD : MOST_TOLD + 1]
    ]
    day = f"${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today"
    return "\n".join(
        [
            *lines,
            f"Spent: {day}, ${spend.month_usd:.2f} of ${spend.month_cap_usd:.2f} this month",
        ]
    )


def to_remember(
    report: StandupReport, graph: Graph, rules: Mapping[str, Retention], at: datetime
) -> Writes:
    """The plan in the place of an earlier one of the day, and what is too old to keep.

    The plan of a day that is over stays as it was written then.
    """
    line = remembered(report, at.isoformat(timespec="seconds"))
    before = graph.entity(line.name)
    same = (
        before is not None
        and tuple(o.text for o in before.observations) == line.observations
    )
    past = before is not None and report.date < at.date() - ZONES
    old = tuple(
        going for going in expired(graph, rules, report.date) if going.name != line.name
    )
    if same or past:
        return Writes(expired=old)
    return Writes(
        expired=old, superseded=(line.name,) if before else (), records=(line,)
    )


def new_trackers(
    names: Iterable[str], graph: Graph, at: datetime
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
        if graph.entity(name := f"prompt-run:{prompt}") is None
    )
