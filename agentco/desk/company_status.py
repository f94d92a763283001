"""How the company stands right now: what `agentco up` shows and `agentco status` tells."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.day.facts import MadeFact, RestrictedFact
from agentco.day.report import Spend
from agentco.day.schedule import next_slot
from agentco.desk.open_company import OpenCompany
from agentco.engine.route import ready_at
from agentco.kernel.documents import in_dollars
from agentco.kernel.run_ids import root_of
from agentco.overview.inbox_items import collect_inbox, restricted_agents
from agentco.overview.made_files import made_files
from agentco.overview.standup import scheduled_prompts
from agentco.ports.daemon import RunningDaemon
from agentco.ports.store import Transaction
from agentco.runs.run import RunPhase
from agentco.runs.run_summary import RunSummary, work_roots

MAX_UPCOMING = 5
NAMELESS = "running, but its lock does not name the process"


class ActiveRun(Struct, frozen=True, kw_only=True):
    """A piece of work that is not over.

    `held` says what keeps it from being done, such as a halt; `ready` is when the next model is
    tried again. One that `is_left` goes on only when the founder resumes it.
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
    is_left: bool = False

    @property
    def root(self) -> str:
        """The root run that it is, or is part of."""
        return root_of(self.run)


class DepartmentStatus(Struct, frozen=True, kw_only=True):
    """A department, and why it may do less than it could."""

    agent: str
    status: str
    why: str | None = None


class UpcomingPrompt(Struct, frozen=True, order=True):
    """When a prompt is due next; `overlap` says what becomes of that while it `waits_for` a run."""

    at: datetime
    prompt: str
    overlap: str = "allow"
    waits_for: str | None = None


class CompanyStatus(Struct, frozen=True, kw_only=True):
    """All of it, as `agentco status --json` tells it."""

    departments: tuple[DepartmentStatus, ...] = ()
    runs: tuple[ActiveRun, ...] = ()
    next: tuple[UpcomingPrompt, ...] = ()
    made: tuple[MadeFact, ...] = ()
    inbox: int = 0
    spend: Spend | None = None

    def text_lines(self) -> Iterator[str]:
        """The same in words."""
        width = max((len(one.agent) for one in self.departments), default=0)
        for department in self.departments:
            reason = f": {department.why}" if department.why else ""
            yield f"{department.agent:<{width}}  {department.status}{reason}"
        for run in self.runs:
            status = run.held or run.status
            yield f"{run.run}  {run.agent}  {status}  ${run.cost_usd:.2f}  {run.title}"
        for upcoming in self.next:
            line = f"{upcoming.at:%Y-%m-%d %H:%M}  /{upcoming.prompt}"
            if upcoming.waits_for:
                line += f" ({upcoming.overlap} while run {upcoming.waits_for} goes on)"
            yield line
        for made in self.made:
            yield f"{made.file}  by /{made.prompt}, run {made.run}"
        spent = self.spend
        if spent is None:
            return
        month = f"${spent.month_usd:.2f} of ${spent.month_cap_usd:.2f} this month"
        day = f"${spent.day_usd:.2f} of ${spent.day_cap_usd:.2f} today"
        yield f"spent {day}, {month}{spent.plan_note}"
        yield f"inbox: {self.inbox}"


class DayScreen(Protocol):
    """What shows the founder the company while it is up, for the length of a `with`."""

    def __enter__(self) -> object:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Leave what was shown."""
        ...

    def print_line(self, line: str) -> None:
        """Show one line of what happens."""
        ...

    def show_day(self, day: CompanyStatus) -> None:
        """Show how things stand."""
        ...


def daemon_line(daemon: RunningDaemon | None) -> str:
    """Whether the company is up, since when and where, in one line."""
    if daemon is None:
        return "not running: agentco up starts it"
    if not daemon.pid:
        return NAMELESS
    return f"up since {daemon.since}: process {daemon.pid} on {daemon.host}"


def load_status(company: OpenCompany) -> CompanyStatus:
    """How the company stands now; empty if nothing ever ran."""
    records = company.files.load()
    settings = company.settings
    now = company.now()
    alive = company.state.is_driver_alive
    return company.read_state(
        lambda tx: company_status(tx, records, settings, now, alive), CompanyStatus()
    )


def company_status(
    tx: Transaction,
    company: Company,
    settings: Settings,
    now: datetime,
    alive: Callable[[str | None], bool],
) -> CompanyStatus:
    """How the company stands at a moment; `alive` says whether a driver runs."""
    now_iso = now.isoformat(timespec="seconds")
    restrictions = {fact.agent: fact for fact in restricted_agents(tx)}
    runs = tx.list_runs(now_iso, limit=-1, since=now_iso, everything=True)
    active = [
        active_run(tx, run, restrictions.get(run.agent), alive)
        for run in work_roots(runs)
        if run.phase is RunPhase.WORKING
    ]
    busy = {run.agent for run in active if run.status == "running"}
    departments = [
        department_status(tx, agent.id, restrictions, busy) for agent in company.agents
    ]
    return CompanyStatus(
        departments=tuple(departments),
        runs=tuple(active),
        next=tuple(upcoming_prompts(company, settings, now, active)),
        made=made_files(tx, now),
        inbox=collect_inbox(tx, now_iso, alive).count,
        spend=current_spend(tx, settings, now),
    )


def active_run(
    tx: Transaction,
    run: RunSummary,
    restriction: RestrictedFact | None,
    alive: Callable[[str | None], bool],
) -> ActiveRun:
    """A piece of work that is not over, with what holds it back."""
    held = tx.halt_reason(tx.load_run(run.id).chain)
    if not held and restriction and run.started <= restriction.since:
        held = f"{run.agent} is restricted"
    return ActiveRun(
        run=run.id,
        agent=run.agent,
        prompt=run.prompt or None,
        title=run.title,
        status=run.status(alive),
        held=held or None,
        ready=ready_at(tx, run.root),
        started=run.started,
        cost_usd=in_dollars(run.usd),
        is_left=run.is_left,
    )


def department_status(
    tx: Transaction,
    agent: str,
    restrictions: Mapping[str, RestrictedFact],
    busy: Collection[str],
) -> DepartmentStatus:
    """What a department does, or why it may do less than it could."""
    halt = tx.halt_reason([agent])
    if halt:
        return DepartmentStatus(agent=agent, status="halted", why=halt)
    if agent in restrictions:
        why = restrictions[agent].why
        return DepartmentStatus(agent=agent, status="restricted", why=why)
    status = "working" if agent in busy else "idle"
    return DepartmentStatus(agent=agent, status=status)


def upcoming_prompts(
    company: Company, settings: Settings, now: datetime, active: Iterable[ActiveRun]
) -> list[UpcomingPrompt]:
    """The prompts that come due next, the first one first."""
    going_on = {run.prompt: run.root for run in active if not run.is_left}
    upcoming: list[UpcomingPrompt] = []
    for job in scheduled_prompts(company, settings.time_zone):
        slot = next_slot(job.cron, now, job.zone)
        if slot:
            run = None if job.overlap == "allow" else going_on.get(job.name)
            upcoming.append(UpcomingPrompt(slot, job.name, job.overlap, run))
    return sorted(upcoming)[:MAX_UPCOMING]


def current_spend(tx: Transaction, settings: Settings, now: datetime) -> Spend:
    """What was spent today and this month, against the caps."""
    today = now.astimezone(settings.time_zone).date()
    budget = settings.budget
    return Spend(
        day_usd=in_dollars(tx.spent_in_scope(f"day:{today}")),
        day_cap_usd=in_dollars(budget.company_day),
        month_usd=in_dollars(tx.spent_in_scope(f"month:{today:%Y-%m}")),
        month_cap_usd=in_dollars(budget.company_month),
        day_plan_usd=in_dollars(tx.spent_by_plans(f"{today}", f"{today}")),
        month_plan_usd=in_dollars(tx.spent_by_plans(f"{today:%Y-%m}-01", f"{today}")),
    )
