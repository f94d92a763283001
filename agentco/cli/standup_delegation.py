"""`agentco standup --delegate`: tasks of the plan to their owners, side by side, each a run of its own."""

import asyncio
import os
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from agentco.adapters.models.clients import ModelClients
from agentco.adapters.models.prices import PriceTable
from agentco.adapters.state.transaction import Transaction
from agentco.cli import screen
from agentco.cli.run_at_terminal import build_outcome
from agentco.cli.state_access import read_state
from agentco.cli.trust import trust_status
from agentco.company.model_offers import offers_for_tier
from agentco.company.records import Agent
from agentco.day.delegation import AssignedTask, delegation_prompt, tasks_to_delegate
from agentco.day.report import DelegationResult, StandupReport
from agentco.engine.drive import drive_run
from agentco.engine.route import why_unusable
from agentco.engine.start import RunRequest, company_context, prepare_run
from agentco.kernel.errors import AgentcoError
from agentco.rules.budget import format_dollars, max_cost_of_runs
from agentco.runs.grants import pinned_model, tier_of
from agentco.runs.prompt_format import escape_tags
from agentco.runs.prompt_parts import Assignment
from agentco.wiring import CompanyOffice, CompanyPorts, open_office

RETRYABLE_STATUSES = {"failed", "refused", "out-of-budget", "cancelled"}
"""How a run of today may have ended for its task to be delegated again."""
MICRO_PER_CENT = 10_000


def delegate_due_tasks(
    edges: CompanyPorts, report: StandupReport, *, sure: bool
) -> StandupReport:
    """The report once its tasks were worked on; as it was when the founder does not want that, or nothing can be."""
    settings, company = edges.company.settings().require_valid(), edges.company.load()
    by = company.find_agent(settings.company.orchestrator or "")
    found = (
        find_delegable(edges, report, by) if by else "the company has no orchestrator"
    )
    if isinstance(found, str) or by is None:
        if sure:
            screen.print_note(f"nothing is delegated, no model is woken: {found}")
        return report
    owners = [(piece.agent.id, piece.agent.own.budget_day) for piece in found]
    most = partial(max_cost_of_runs, settings.budget, owners, report.date)
    usd = read_state(lambda tx: most(tx.spent_in_scope), most(lambda _: 0))
    named = ", ".join(f"{piece.name} to {piece.agent.id}" for piece in found)
    question = f"delegate {named} (at most {format_dollars(-(-usd // MICRO_PER_CENT) * MICRO_PER_CENT)})?"
    if not (sure or screen.ask_yes_no(question, yes=False)):
        return report
    with open_office(edges) as office:
        done = asyncio.run(run_delegations(office, edges, found, by, report))
    usd, spend = sum(one.cost_usd for one in done), report.spend
    spend = replace(spend, day_usd=spend.day_usd + usd, month_usd=spend.month_usd + usd)
    calls = sum(one.calls for one in done)
    return replace(
        report, delegations=tuple(done), models_called=calls, cost_usd=usd, spend=spend
    )


def find_delegable(
    edges: CompanyPorts, report: StandupReport, by: Agent
) -> list[AssignedTask] | str:
    """What can be delegated now; why nothing can."""
    settings, company = edges.company.settings().require_valid(), edges.company.load()
    if not trust_status(edges).is_trusted:
        return "the folder is not trusted with what it reaches: agentco trust"
    if halted := read_state(lambda tx: tx.halt_reason([by.id]), ""):
        return f"{halted}: agentco resume lifts it"
    today = read_state(
        lambda tx: titles_started_on(tx, report.date, settings.time_zone), []
    )
    wanted = tasks_to_delegate(report.plan, report.facts, company, by, today)
    models, prices = ModelClients(edges.company.root, os.environ), PriceTable()

    def able(agent: Agent) -> bool:
        ways = offers_for_tier(
            settings, prices, tier=tier_of(agent), pin=pinned_model(agent)
        )
        return any(not why_unusable(way, models) for way in ways) and not read_state(
            lambda tx: tx.halt_reason([agent.id]), ""
        )

    found = [piece for piece in wanted if able(piece.agent)]
    if wanted and not found:
        return "no model can be asked: agentco doctor"
    return found or "no task that is overdue or due today is still a department's"


def titles_started_on(
    tx: Transaction, day: date, zone: ZoneInfo, *, but: str = ""
) -> list[str]:
    """The titles of what was begun on a day, `but` for a driver's own, and for what may be delegated again."""
    since = f"{day - timedelta(days=1)}"  # stored in UTC
    rows = tx.fetch_rows(
        "SELECT title, phase, started FROM runs WHERE started >= ? AND driver IS NOT ?",
        since,
        but,
    )
    ours = (
        (title, datetime.fromisoformat(at))
        for title, phase, at in rows
        if phase not in RETRYABLE_STATUSES
    )
    return [title for title, at in ours if at.astimezone(zone).date() == day]


async def run_delegations(
    office: CompanyOffice,
    edges: CompanyPorts,
    found: list[AssignedTask],
    by: Agent,
    report: StandupReport,
) -> list[DelegationResult]:
    """Begin a run for each and drive all of them at once; how each came out."""
    try:
        ours = [
            one
            for piece in found
            if (one := await begin_delegation(office, edges, piece, by, report))
        ]
        await asyncio.gather(*(drive_run(one.run, office) for one in ours if one.run))
        return [
            one if one.run is None else delegation_result(office, one) for one in ours
        ]
    except asyncio.CancelledError:
        screen.print_note(
            "\ninterrupted: agentco runs resume goes on with what was delegated"
        )
        raise
    finally:
        await office.models.aclose()


async def begin_delegation(
    office: CompanyOffice,
    edges: CompanyPorts,
    piece: AssignedTask,
    by: Agent,
    report: StandupReport,
) -> DelegationResult | None:
    """A run for a task, not driven yet; one that cannot begin says why. None when another standup was faster."""
    fate = DelegationResult(
        task=piece.name,
        agent=piece.agent.id,
        status="failed",
        reason="it is no longer on the board",
    )
    if (
        task := delegation_prompt(
            piece, edges.board.read(), by, report.date, quote=escape_tags
        )
    ) is None:
        return fate
    work = Assignment(task=task, today=report.date, **company_context(office))
    try:
        name, begins = prepare_run(
            RunRequest(agent=piece.agent, work=work, title=piece.title, chain=(by.id,)),
            office,
        )

        def once(tx: Transaction) -> bool:
            free = not piece.already_started(
                titles_started_on(
                    tx, report.date, office.settings.time_zone, but=office.drivers.mine
                )
            )
            if free:
                begins(tx)
            return free

        if await asyncio.wrap_future(office.store.write(once)):
            return replace(fate, run=name)
    except AgentcoError as error:
        return replace(fate, reason=error.what)
    screen.print_note(f"{piece.name} was delegated by another standup just now")
    return None


def delegation_result(office: CompanyOffice, one: DelegationResult) -> DelegationResult:
    """What became of a task."""
    found = office.store.read(
        lambda tx: build_outcome(tx, one.run or "", office)
    ).result()
    text = found.text if found.status == "done" else None
    cost = {"cost_usd": found.summary.usd / 1e6, "calls": found.summary.calls}
    return replace(
        one, status=found.status, text=text, reason=found.reason or None, **cost
    )
