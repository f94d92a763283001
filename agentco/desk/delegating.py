"""Give the day plan's due tasks to their owners, side by side, each a run of its own."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from agentco.briefing.prompt_format import escape_tags
from agentco.briefing.prompt_parts import Assignment
from agentco.company.model_offers import offers_for_tier
from agentco.company.records import Agent
from agentco.day.delegation import AssignedTask, delegation_prompt, tasks_to_delegate
from agentco.day.report import DelegationResult, StandupReport
from agentco.desk.listener import Listener
from agentco.desk.open_company import OpenCompany
from agentco.desk.working import drive_shown
from agentco.engine.drive import leave_to_founder
from agentco.engine.office import Office
from agentco.engine.route import why_unusable
from agentco.engine.start import RunRequest, company_context, prepare_run
from agentco.kernel.documents import in_dollars
from agentco.kernel.errors import AgentcoError
from agentco.overview.run_outcome import load_outcome
from agentco.overview.work_side_by_side import TeamReader
from agentco.ports.store import Transaction
from agentco.rules.budget import max_cost_of_runs
from agentco.runs.grants import pinned_model, tier_of

RETRYABLE_STATUSES = {"failed", "refused", "out-of-budget", "cancelled"}
"""How a run of today may have ended for its task to be delegated again."""


@dataclass(frozen=True, kw_only=True)
class _Shift:
    """What all delegations of one standup share."""

    company: OpenCompany
    office: Office
    orchestrator: Agent
    report: StandupReport


class _StateNow(Struct, frozen=True, kw_only=True):
    """Why the orchestrator is halted, which agents are, and what was begun on the day."""

    halt: str = ""
    halted: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()


class DelegationOffer(Struct, frozen=True, kw_only=True):
    """What could be delegated now, by whom, and at most for how much (micro-dollars).

    `why_not` says why there is nothing, empty if there is something.
    """

    tasks: tuple[AssignedTask, ...] = ()
    orchestrator: Agent | None = None
    worst_case: int = 0
    why_not: str = ""


def offer_delegation(company: OpenCompany, report: StandupReport) -> DelegationOffer:
    """What of the plan can go to its owners now, or why nothing can."""
    settings = company.settings
    records = company.files.load()
    orchestrator = records.find_agent(settings.company.orchestrator or "")
    if orchestrator is None:
        return DelegationOffer(why_not="the company has no orchestrator")
    if not company.trust.status().is_trusted:
        untrusted = "the folder is not trusted with what it reaches: agentco trust"
        return DelegationOffer(why_not=untrusted)
    now = _read_state_now(company, orchestrator, report.date)
    if now.halt:
        return DelegationOffer(why_not=f"{now.halt}: agentco resume lifts it")
    wanted = tasks_to_delegate(
        report.plan, report.facts, records, orchestrator, now.titles
    )
    tasks = _tasks_somebody_can_do(company, wanted, now.halted)
    if wanted and not tasks:
        return DelegationOffer(why_not="no model can be asked: agentco doctor")
    if not tasks:
        nothing = "no department has a task that is overdue or due today"
        return DelegationOffer(why_not=nothing)
    return DelegationOffer(
        tasks=tuple(tasks),
        orchestrator=orchestrator,
        worst_case=_worst_case(company, tasks, report.date),
    )


def delegate(
    company: OpenCompany,
    report: StandupReport,
    offer: DelegationOffer,
    listener: Listener,
) -> StandupReport:
    """Have the offered tasks worked on; return the report with what came of each."""
    if offer.orchestrator is None:
        return report
    with company.open_office(wait=listener.wait) as office:
        shift = _Shift(
            company=company,
            office=office,
            orchestrator=offer.orchestrator,
            report=report,
        )
        try:
            results = asyncio.run(_carry_out_all(shift, offer.tasks, listener))
        finally:
            listener.pause()
    cost = sum(result.cost_usd for result in results)
    spend = replace(
        report.spend,
        day_usd=report.spend.day_usd + cost,
        month_usd=report.spend.month_usd + cost,
    )
    return replace(
        report,
        delegations=tuple(results),
        models_called=sum(result.calls for result in results),
        cost_usd=cost,
        spend=spend,
    )


def titles_started_on(
    tx: Transaction, day: date, zone: ZoneInfo, *, but: str = ""
) -> list[str]:
    """Titles of the runs begun on a day, but not of those that may be tried again.

    `but` leaves out what a driver began.
    """
    since = f"{day - timedelta(days=1)}"  # stored in UTC
    titles: list[str] = []
    for run in tx.runs_started_since(since, but_driver=but):
        started = datetime.fromisoformat(run.started).astimezone(zone)
        if run.phase not in RETRYABLE_STATUSES and started.date() == day:
            titles.append(run.title)
    return titles


def _read_state_now(company: OpenCompany, orchestrator: Agent, day: date) -> _StateNow:
    """What an offer depends on, in one look: opening the state asks git."""
    zone = company.settings.time_zone
    agents = [agent.id for agent in company.files.load().agents]

    def look(tx: Transaction) -> _StateNow:
        return _StateNow(
            halt=tx.halt_reason([orchestrator.id]),
            halted=frozenset(agent for agent in agents if tx.halt_reason([agent])),
            titles=tuple(titles_started_on(tx, day, zone)),
        )

    return company.read_state(look, _StateNow())


def _tasks_somebody_can_do(
    company: OpenCompany, tasks: Iterable[AssignedTask], halted: Collection[str]
) -> list[AssignedTask]:
    models = company.models()
    able: list[AssignedTask] = []
    for task in tasks:
        agent = task.agent
        offers = offers_for_tier(
            company.settings,
            company.prices(),
            tier=tier_of(agent),
            pin=pinned_model(agent),
        )
        has_model = any(not why_unusable(offer, models) for offer in offers)
        if has_model and agent.id not in halted:
            able.append(task)
    return able


def _worst_case(company: OpenCompany, tasks: Iterable[AssignedTask], day: date) -> int:
    budget = company.settings.budget
    owners = [(task.agent.id, task.agent.own.budget_day) for task in tasks]
    nothing_spent = max_cost_of_runs(budget, owners, day, lambda _scope: 0)
    return company.read_state(
        lambda tx: max_cost_of_runs(budget, owners, day, tx.spent_in_scope),
        nothing_spent,
    )


async def _carry_out_all(
    shift: _Shift, tasks: Iterable[AssignedTask], listener: Listener
) -> list[DelegationResult]:
    """Begin a run for each task and drive all of them at once."""
    begun: list[DelegationResult] = []
    try:
        for task in tasks:
            result = await _begin(shift, task)
            if result is None:
                listener.tell(f"{task.name} was delegated by another standup just now")
            else:
                begun.append(result)
        roots = [result.run for result in begun if result.run]
        for root in roots:
            listener.begin(root)
        if roots:
            budget = shift.office.settings.budget.run
            reader = TeamReader(roots, shift.orchestrator.id, budget)
            await drive_shown(reader.read, shift.office, listener, *roots)
        return [_result(shift.office, result) for result in begun]
    except asyncio.CancelledError:
        for result in begun:
            if result.run:
                await shift.office.write(leave_to_founder, result.run)
        listener.tell("\ninterrupted: agentco runs resume continues what was delegated")
        raise
    finally:
        await shift.office.models.aclose()


async def _begin(shift: _Shift, task: AssignedTask) -> DelegationResult | None:
    """Begin a run for a task; return None if another standup was faster.

    A task that cannot begin says why in its result.
    """
    office = shift.office
    day = shift.report.date
    result = DelegationResult(
        task=task.name,
        agent=task.agent.id,
        status="failed",
        reason="it is no longer on the board",
    )
    board = shift.company.board.read()
    prompt = delegation_prompt(task, board, shift.orchestrator, day, quote=escape_tags)
    if prompt is None:
        return result
    request = RunRequest(
        agent=task.agent,
        work=Assignment(task=prompt, today=day, **company_context(office)),
        title=task.title,
        chain=(shift.orchestrator.id,),
    )
    zone = office.settings.time_zone
    ours = office.drivers.mine
    try:
        run_id, begin = prepare_run(request, office)

        def begin_once(tx: Transaction) -> bool:
            titles = titles_started_on(tx, day, zone, but=ours)
            is_free = not task.already_started(titles)
            if is_free:
                begin(tx)
            return is_free

        has_begun = await office.write(begin_once)
    except AgentcoError as error:
        return replace(result, reason=error.what)
    return replace(result, run=run_id) if has_begun else None


def _result(office: Office, begun: DelegationResult) -> DelegationResult:
    """What became of a task that was begun, or why it was not."""
    run = begun.run
    if run is None:
        return begun
    outcome = office.store.read(lambda tx: load_outcome(tx, run, office)).result()
    return replace(
        begun,
        status=outcome.status,
        text=outcome.text if outcome.status == "done" else None,
        reason=outcome.reason or None,
        cost_usd=in_dollars(outcome.summary.usd),
        calls=outcome.summary.calls,
    )
