"""`agentco standup --delegate`: tasks of the plan to their owners, side by side, each a run of its own."""

import asyncio
import os
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from agentco.adapters.models.models import Models
from agentco.adapters.models.prices import Known
from agentco.adapters.state.transaction import Transaction
from agentco.cli import screen
from agentco.cli.run_at_terminal import outcome
from agentco.cli.state import looked
from agentco.cli.trust import standing
from agentco.company.model_offers import offers
from agentco.company.records import Agent
from agentco.day.delegation import Piece, pieces, told
from agentco.day.report import Delegation, StandupReport
from agentco.engine.drive import drive
from agentco.engine.route import why_not
from agentco.engine.start import Wish, about, beginning
from agentco.kernel.errors import AgentcoError
from agentco.rules.budget import at_most, dollars
from agentco.runs.grants import pin_of, tier_of
from agentco.runs.prompt_parts import Assignment
from agentco.wiring import Edges, OpenOffice, office_of

AGAIN = {"failed", "refused", "out-of-budget", "cancelled"}
"""How a run of today may have ended for its task to be delegated again."""
CENT = 10_000


def delegated(edges: Edges, report: StandupReport, *, sure: bool) -> StandupReport:
    """The report once its tasks were worked on; as it was when the founder does not want that, or nothing can be."""
    settings, company = edges.company.settings().usable(), edges.company.load()
    by = company.agent(settings.company.orchestrator or "")
    found = handed_out(edges, report, by) if by else "the company has no orchestrator"
    if isinstance(found, str) or by is None:
        if sure:
            screen.note(f"nothing is delegated, no model is woken: {found}")
        return report
    owners = [(piece.agent.id, piece.agent.own.budget_day) for piece in found]
    most = partial(at_most, settings.budget, owners, report.date)
    usd = looked(lambda t: most(t.spent), most(lambda _: 0))
    named = ", ".join(f"{piece.name} to {piece.agent.id}" for piece in found)
    question = f"delegate {named} (at most {dollars(-(-usd // CENT) * CENT)})?"
    if not (sure or screen.agreed(question, yes=False)):
        return report
    with office_of(edges) as office:
        done = asyncio.run(carried_out(office, edges, found, by, report))
    usd, spend = sum(one.cost_usd for one in done), report.spend
    spend = replace(spend, day_usd=spend.day_usd + usd, month_usd=spend.month_usd + usd)
    calls = sum(one.calls for one in done)
    return replace(
        report, delegations=tuple(done), models_called=calls, cost_usd=usd, spend=spend
    )


def handed_out(edges: Edges, report: StandupReport, by: Agent) -> list[Piece] | str:
    """What can be delegated now; why nothing can."""
    settings, company = edges.company.settings().usable(), edges.company.load()
    if not standing(edges).trusted:
        return "the folder is not trusted with what it reaches: agentco trust"
    if halted := looked(lambda t: t.halted([by.id]), ""):
        return f"{halted}: agentco resume lifts it"
    today = looked(lambda t: begun(t, report.date, settings.zone), [])
    wanted = pieces(report.plan, report.facts, company, by, today)
    models, prices = Models(edges.company.root, os.environ), Known()

    def able(agent: Agent) -> bool:
        ways = offers(settings, prices, tier=tier_of(agent), pin=pin_of(agent))
        return any(not why_not(way, models) for way in ways) and not looked(
            lambda t: t.halted([agent.id]), ""
        )

    found = [piece for piece in wanted if able(piece.agent)]
    if wanted and not found:
        return "no model can be asked: agentco doctor"
    return found or "no task that is overdue or due today is still a department's"


def begun(t: Transaction, day: date, zone: ZoneInfo, *, but: str = "") -> list[str]:
    """The titles of what was begun on a day, `but` for a driver's own, and for what may be delegated again."""
    since = f"{day - timedelta(days=1)}"  # stored in UTC
    rows = t.rows(
        "SELECT title, phase, started FROM runs WHERE started >= ? AND driver IS NOT ?",
        since,
        but,
    )
    ours = (
        (title, datetime.fromisoformat(at))
        for title, phase, at in rows
        if phase not in AGAIN
    )
    return [title for title, at in ours if at.astimezone(zone).date() == day]


async def carried_out(
    office: OpenOffice,
    edges: Edges,
    found: list[Piece],
    by: Agent,
    report: StandupReport,
) -> list[Delegation]:
    """Begin a run for each and drive all of them at once; how each came out."""
    try:
        ours = [
            one
            for piece in found
            if (one := await begin(office, edges, piece, by, report))
        ]
        await asyncio.gather(*(drive(one.run, office) for one in ours if one.run))
        return [one if one.run is None else came_out(office, one) for one in ours]
    except asyncio.CancelledError:
        screen.note(
            "\ninterrupted: agentco runs resume goes on with what was delegated"
        )
        raise
    finally:
        await office.models.aclose()


async def begin(
    office: OpenOffice, edges: Edges, piece: Piece, by: Agent, report: StandupReport
) -> Delegation | None:
    """A run for a task, not driven yet; one that cannot begin says why. None when another standup was faster."""
    fate = Delegation(
        task=piece.name,
        agent=piece.agent.id,
        status="failed",
        reason="it is no longer on the board",
    )
    if (task := told(piece, edges.board.read(), by, report.date)) is None:
        return fate
    work = Assignment(task=task, today=report.date, **about(office))
    try:
        name, begins = beginning(
            Wish(agent=piece.agent, work=work, title=piece.title, chain=(by.id,)),
            office,
        )

        def once(t: Transaction) -> bool:
            free = not piece.begun(
                begun(t, report.date, office.settings.zone, but=office.drivers.mine)
            )
            if free:
                begins(t)
            return free

        if await asyncio.wrap_future(office.store.write(once)):
            return replace(fate, run=name)
    except AgentcoError as error:
        return replace(fate, reason=error.what)
    screen.note(f"{piece.name} was delegated by another standup just now")
    return None


def came_out(office: OpenOffice, one: Delegation) -> Delegation:
    """What became of a task."""
    found = office.store.read(lambda t: outcome(t, one.run or "", office)).result()
    text = found.text if found.status == "done" else None
    cost = {"cost_usd": found.summary.usd / 1e6, "calls": found.summary.calls}
    return replace(
        one, status=found.status, text=text, reason=found.reason or None, **cost
    )
