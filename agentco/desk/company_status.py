"""How the company stands right now: what `agentco up` shows and `agentco status` tells."""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from agentco.adapters.state import reports
from agentco.adapters.state.transaction import Transaction
from agentco.company.amounts import MICRO
from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.day.report import Spend
from agentco.day.schedule import next_slot
from agentco.engine.route import ready_at
from agentco.engine.standup import scheduled
from agentco.runs.run import Phase

SOON = 5


class Going(Struct, frozen=True, kw_only=True):
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


class Department(Struct, frozen=True, kw_only=True):
    """A department, and why it may do less than it could."""

    agent: str
    status: str
    why: str | None = None


class Slot(Struct, frozen=True, order=True):
    """When a prompt is due next."""

    at: datetime
    prompt: str


class Day(Struct, frozen=True, kw_only=True):
    """All of it, as `agentco status --json` tells it."""

    departments: tuple[Department, ...] = ()
    runs: tuple[Going, ...] = ()
    next: tuple[Slot, ...] = ()
    inbox: int = 0
    spend: Spend | None = None

    def lines(self) -> Iterator[str]:
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


def day(
    t: Transaction,
    company: Company,
    settings: Settings,
    now: datetime,
    alive: Callable[[str | None], bool],
) -> Day:
    """How the company stands at a moment."""
    stamp, today, budget = (
        now.isoformat(timespec="seconds"),
        now.astimezone(settings.zone).date(),
        settings.budget,
    )
    runs = reports.runs(t, stamp, limit=-1, since=stamp, everything=True)
    limited = {one.agent: one for one in reports.restricted(t)}

    def going(run: reports.Summary) -> Going:
        limit = limited.get(run.agent)
        only_reads = (
            f"{run.agent} is restricted"
            if limit and run.started <= limit.since
            else None
        )
        return Going(
            run=run.id,
            agent=run.agent,
            prompt=run.prompt or None,
            title=run.title,
            status=run.status(alive),
            held=t.halted(t.run(run.id).chain) or only_reads,
            ready=ready_at(t, run.root),
            started=run.started,
            cost_usd=run.usd / MICRO,
        )

    pieces = tuple(
        going(run) for run in reports.pieces(runs) if run.phase is Phase.WORKING
    )
    busy = {one.agent for one in pieces if one.status == "running"}

    def department(agent: str) -> Department:
        if halted := t.halted([agent]):
            return Department(agent=agent, status="halted", why=halted)
        if agent in limited:
            return Department(agent=agent, status="restricted", why=limited[agent].why)
        return Department(agent=agent, status="working" if agent in busy else "idle")

    slots = (
        (next_slot(job.cron, now, job.zone), job.name)
        for job in scheduled(company, settings.zone)
    )
    return Day(
        departments=tuple(department(agent.id) for agent in company.agents),
        runs=pieces,
        next=tuple(sorted(Slot(at, name) for at, name in slots if at)[:SOON]),
        inbox=len(reports.inbox(t, stamp)),
        spend=Spend(
            day_usd=t.spent(f"day:{today}") / MICRO,
            day_cap_usd=budget.company_day / MICRO,
            month_usd=t.spent(f"month:{today:%Y-%m}") / MICRO,
            month_cap_usd=budget.company_month / MICRO,
        ),
    )
