"""How the company stands right now: what `agentco up` shows and `agentco status` tells."""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.edges.stores.state import reports
from agentco.edges.stores.state.transaction import Transaction
from agentco.governance.budget import dollars
from agentco.runtime.route import ready_at
from agentco.runtime.standup import scheduled
from agentco.work.run import Phase
from agentco.work.schedule import next_slot

SOON = 5


class Going(Struct, frozen=True, kw_only=True):
    """A piece of work that is not over.

    `held` says what keeps it from being done, such as a halt; `ready` is when the next model is tried again.
    """

    run: str
    agent: str
    prompt: str
    title: str
    status: str
    started: str
    usd: int
    held: str
    ready: datetime | None

    @property
    def root(self) -> str:
        """The root run that it is, or is part of."""
        return self.run.partition(".")[0]


class Department(Struct, frozen=True, kw_only=True):
    """A department, and why it may do less than it could."""

    agent: str
    status: str
    why: str = ""


class Slot(Struct, frozen=True, kw_only=True):
    """When a prompt is due next."""

    prompt: str
    at: str


class Day(Struct, frozen=True, kw_only=True):
    """All of it; amounts are micro-dollars."""

    departments: tuple[Department, ...] = ()
    runs: tuple[Going, ...] = ()
    next: tuple[Slot, ...] = ()
    inbox: int = 0
    day: int = 0
    day_cap: int = 0
    month: int = 0
    month_cap: int = 0

    def document(self) -> dict[str, object]:
        """What `agentco status --json` tells of it."""
        money = {f"{name}_usd": getattr(self, name) / 1e6 for name in ("day", "day_cap", "month", "month_cap")}
        return {
            "departments": [
                {"agent": one.agent, "status": one.status, "why": one.why or None} for one in self.departments
            ],
            "runs": [
                {"run": one.run, "agent": one.agent, "prompt": one.prompt or None, "title": one.title}
                | {"status": one.status, "held": one.held or None, "started": one.started, "cost_usd": one.usd / 1e6}
                for one in self.runs
            ],
            "next": [{"prompt": one.prompt, "at": one.at} for one in self.next],
            "inbox": self.inbox,
            "spend": money,
        }

    def lines(self) -> Iterator[str]:
        """The same in words."""
        width = max((len(one.agent) for one in self.departments), default=0)
        for one in self.departments:
            yield f"{one.agent:<{width}}  {one.status}{f': {one.why}' if one.why else ''}"
        for one in self.runs:
            yield f"{one.run}  {one.agent}  {one.held or one.status}  {dollars(one.usd)}  {one.title}"
        for one in self.next:
            yield f"{one.at[:16].replace('T', ' ')}  /{one.prompt}"
        month = f"{dollars(self.month)} of {dollars(self.month_cap)} this month"
        yield f"spent {dollars(self.day)} of {dollars(self.day_cap)} today, {month}"
        yield f"inbox: {self.inbox}"


def day(
    t: Transaction, company: Company, settings: Settings, now: datetime, alive: Callable[[str | None], bool]
) -> Day:
    """How the company stands at a moment."""
    stamp, today = now.isoformat(timespec="seconds"), now.astimezone(settings.zone).date()
    runs = reports.runs(t, now=stamp, limit=-1, since=stamp, everything=True)
    pieces = [run for run in reports.pieces(runs) if run.phase is Phase.WORKING]
    limited = {agent: (since, why) for agent, since, why in t.rows("SELECT agent, since, why FROM restricted")}
    going = tuple(
        Going(
            run=run.id,
            agent=run.agent,
            prompt=run.prompt,
            title=run.title,
            status=run.status(alive),
            started=run.started,
            usd=run.usd,
            held=t.halted(t.run(run.id).chain)
            or (f"{run.agent} is restricted" if run.started <= limited.get(run.agent, ("", ""))[0] else ""),
            ready=ready_at(t, run.root),
        )
        for run in pieces
    )

    def department(agent: str) -> Department:
        busy = any(one.agent == agent and one.status == "running" for one in going)
        if halted := t.halted([agent]):
            return Department(agent=agent, status="halted", why=halted)
        since, why = limited.get(agent, ("", ""))
        return Department(agent=agent, status="restricted" if since else "working" if busy else "idle", why=why)

    slots = [(job.name, next_slot(job.cron, now, job.zone)) for job in scheduled(company, settings.zone)]
    soon = sorted((at, name) for name, at in slots if at)[:SOON]
    return Day(
        departments=tuple(department(agent.id) for agent in company.agents),
        runs=going,
        next=tuple(Slot(prompt=name, at=at.isoformat()) for at, name in soon),
        inbox=len(reports.inbox(t, stamp)),
        day=t.spent(f"day:{today}"),
        day_cap=settings.budget.company_day,
        month=t.spent(f"month:{today:%Y-%m}"),
        month_cap=settings.budget.company_month,
    )
