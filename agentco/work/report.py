"""What a standup says: the document of appendix B."""

from datetime import date

from msgspec import Struct

from agentco.company.settings import Budget
from agentco.memory.lines import EntityLine
from agentco.work.facts import StandupFacts
from agentco.work.plan import PlanLine

LONGEST = 20


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


class StandupReport(Struct, frozen=True, kw_only=True):
    """One standup, whole; its keys are those of `standup --json`."""

    date: date
    company: str
    facts: StandupFacts
    collectors: tuple[CollectorReport, ...]
    spend: Spend
    plan: tuple[PlanLine, ...]
    delegations: tuple[str, ...] = ()
    models_called: int = 0
    cost_usd: float = 0.0
    changed: tuple[str, ...] = ()


def spend_of(budget: Budget) -> Spend:
    """Nothing spent, against the caps of the settings."""
    return Spend(day_cap_usd=budget.company_day / 1e6, month_cap_usd=budget.company_month / 1e6)


def remembered(report: StandupReport, at: str) -> EntityLine:
    """The plan in short, as the memory keeps it for a week."""
    lines = [f"{line.rank}. {line.title} ({line.owner}; {line.rule})" for line in report.plan[:LONGEST]]
    if len(report.plan) > LONGEST:
        lines.append(f"and {len(report.plan) - LONGEST} more")
    return EntityLine(
        name=f"standup:{report.date}",
        type="standup",
        observations=tuple(lines) or ("Nothing is due.",),
        at=at,
        by="runtime",
    )
