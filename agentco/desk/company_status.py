"""How the company stands right now: what `agentco up` shows and `agentco status` tells."""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from agentco.adapters.state import report_queries
from agentco.adapters.state.transaction import Transaction
from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.day.report import Spend
from agentco.day.schedule import next_slot
from agentco.engine.route import ready_at
from agentco.engine.standup import scheduled_prompts
from agentco.kernel.money import MICROS_PER_USD
from agentco.runs.run import RunPhase

MAX_UPCOMING = 5


class ActiveRun(Struct, frozen=True, kw_only=True):
    """A piece of work that is not over.

    `held` says what keeps it from being done, such as a halt; `ready` is when the next model is tried again.
    """

    run: str
    agent: str
    prompt: str | None
    title: str
    status: str
    held: str | None
    ready: datetime | None
    started: str
    cost_usd: float

    @property
    def root(self) -> str:
        """The root run that it is, or is part of."""
        return self.run.partition(".")[0]


class DepartmentStatus(Struct, frozen=True, kw_only=True):
    """A department, and why it may do less than it could."""

    agent: str
    status: str
    why: str | None = None


class UpcomingPrompt(Struct, frozen=True, order=True):
    """When a prompt is due next."""

    at: datetime
    prompt: str


class CompanyStatus(Struct, frozen=True, kw_only=True):
    """All of it, as `agentco status --json` tells it."""

    departments: tuple[DepartmentStatus, ...] = ()
    runs: tuple[ActiveRun, ...] = ()
    next: tuple[UpcomingPrompt, ...] = ()
    inbox: int = 0
    spend: Spend | None = None

    def text_lines(self) -> Iterator[str]:
        """The same in words."""
        width = max((len(one.agent) for one in self.departments), default=0)
        for one in self.departments:
            yield f"{one.agent:<{width}}  {one.status}{f': {one.why}' if one.why else ''}"
        for one in self.runs:
            yield f"{one.run}  {one.agent}  {one.held or one.status}  ${one.cost_usd:.2f}  {one.title}"
        for one in self.next:
            yield f"{one.at:%Y-%m-%d %H:%M}  /{one.prompt}"
        if not (spent := self.spend):
            return
        month = f"${spent.month_usd:.2f} of ${spent.month_cap_usd:.2f} this month"
        yield f"spent ${spent.day_usd:.2f} of ${spent.day_cap_usd:.2f} today, {month}"
        yield f"inbox: {self.inbox}"


def company_status(
    tx: Transaction,
    company: Company,
    settings: Settings,
    now: datetime,
    alive: Callable[[str | None], bool],
) -> CompanyStatus:
    """How the company stands at a moment."""
    stamp, today, budget = (
        now.isoformat(timespec="seconds"),
        now.astimezone(settings.time_zone).date(),
        settings.budget,
    )
    runs = report_queries.list_runs(tx, stamp, limit=-1, since=stamp, everything=True)
    limited = {one.agent: one for one in report_queries.restricted_agents(tx)}

    def going(run: report_queries.RunSummary) -> ActiveRun:
        limit = limited.get(run.agent)
        only_reads = (
            f"{run.agent} is restricted"
            if limit and run.started <= limit.since
            else None
        )
        return ActiveRun(
            run=run.id,
            agent=run.agent,
            prompt=run.prompt or None,
            title=run.title,
            status=run.status(alive),
            held=tx.halt_reason(tx.load_run(run.id).chain) or only_reads,
            ready=ready_at(tx, run.root),
            started=run.started,
            cost_usd=run.usd / MICROS_PER_USD,
        )

    pieces = tuple(
        going(run)
        for run in report_queries.work_roots(runs)
        if run.phase is RunPhase.WORKING
    )
    busy = {one.agent for one in pieces if one.status == "running"}

    def department(agent: str) -> DepartmentStatus:
        if halted := tx.halt_reason([agent]):
            return DepartmentStatus(agent=agent, status="halted", why=halted)
        if agent in limited:
            return DepartmentStatus(
                agent=agent, status="restricted", why=limited[agent].why
            )
        return DepartmentStatus(
            agent=agent, status="working" if agent in busy else "idle"
        )

    slots = (
        (next_slot(job.cron, now, job.zone), job.name)
        for job in scheduled_prompts(company, settings.time_zone)
    )
    return CompanyStatus(
        departments=tuple(department(agent.id) for agent in company.agents),
        runs=pieces,
        next=tuple(
            sorted(UpcomingPrompt(at, name) for at, name in slots if at)[:MAX_UPCOMING]
        ),
        inbox=len(report_queries.inbox_items(tx, stamp)),
        spend=Spend(
            day_usd=tx.spent_in_scope(f"day:{today}") / MICROS_PER_USD,
            day_cap_usd=budget.company_day / MICROS_PER_USD,
            month_usd=tx.spent_in_scope(f"month:{today:%Y-%m}") / MICROS_PER_USD,
            month_cap_usd=budget.company_month / MICROS_PER_USD,
        ),
    )
