"""`agentco standup --delegate`: tasks of the plan to their owners, side by side, each a run of its own."""

import asyncio
import os
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from agentco.company.offers import offers
from agentco.company.records import Agent
from agentco.edges.cli import screen
from agentco.edges.cli.state import listed, looked
from agentco.edges.cli.trust import standing
from agentco.edges.cli.working import outcome
from agentco.edges.models.models import Models
from agentco.edges.models.prices import shipped
from agentco.edges.office import OpenOffice, office_of
from agentco.edges.ports import Edges
from agentco.errors import AgentcoError
from agentco.governance.budget import at_most, dollars
from agentco.runtime.drive import drive
from agentco.runtime.route import why_not
from agentco.runtime.start import Wish, about, start
from agentco.work.delegation import Piece, pieces, told
from agentco.work.given import Assignment
from agentco.work.granted import pin_of, tier_of
from agentco.work.report import Delegation, StandupReport

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
    return replace(report, delegations=tuple(done), models_called=calls, cost_usd=usd, spend=spend)


def handed_out(edges: Edges, report: StandupReport, by: Agent) -> list[Piece] | str:
    """What can be delegated now; why nothing can."""
    settings, company = edges.company.settings().usable(), edges.company.load()
    if not standing(edges).trusted:
        return "the folder is not trusted with what it reaches: agentco trust"
    if halted := looked(lambda t: t.halted([by.id]), ""):
        return f"{halted}: agentco resume lifts it"
    zone, runs = settings.zone, [run for run, status in listed(everything=True) if status not in AGAIN]
    today = [r.title for r in runs if datetime.fromisoformat(r.started).astimezone(zone).date() == report.date]
    wanted = pieces(report.plan, report.facts, company, by, today)
    models, prices = Models(edges.company.root, os.environ), shipped()

    def able(agent: Agent) -> bool:
        ways = offers(settings, prices, tier=tier_of(agent), pin=pin_of(agent))
        return any(not why_not(way, models) for way in ways) and not looked(lambda t: t.halted([agent.id]), "")

    found = [piece for piece in wanted if able(piece.agent)]
    if wanted and not found:
        return "no model can be asked: agentco doctor"
    return found or "no task that is overdue or due today is still a department's"


async def carried_out(
    office: OpenOffice, edges: Edges, found: list[Piece], by: Agent, report: StandupReport
) -> list[Delegation]:
    """Begin a run for each and drive all of them at once; how each came out."""
    try:
        begun = [await begin(office, edges, piece, by, report) for piece in found]
        await asyncio.gather(*(drive(one.run, office) for one in begun if one.run))
        return [one if one.run is None else came_out(office, one) for one in begun]
    except asyncio.CancelledError:
        screen.note("\ninterrupted: agentco runs resume goes on with what was delegated")
        raise
    finally:
        await office.models.aclose()


async def begin(office: OpenOffice, edges: Edges, piece: Piece, by: Agent, report: StandupReport) -> Delegation:
    """A run for a task, not driven yet; one that cannot begin says why."""
    fate = Delegation(task=piece.name, agent=piece.agent.id, status="failed", reason="it is no longer on the board")
    if (task := told(piece, edges.board.read(), by, report.date)) is None:
        return fate
    work = Assignment(task=task, today=report.date, **about(office))
    try:
        name = await start(Wish(agent=piece.agent, work=work, title=piece.title, chain=(by.id,)), office)
    except AgentcoError as error:
        return replace(fate, reason=error.what)
    return replace(fate, run=name)


def came_out(office: OpenOffice, one: Delegation) -> Delegation:
    """What became of a task."""
    found = office.store.read(lambda t: outcome(t, one.run or "", office)).result()
    text = found.text if found.status == "done" else None
    cost = {"cost_usd": found.summary.usd / 1e6, "calls": found.summary.calls}
    return replace(one, status=found.status, text=text, reason=found.reason or None, **cost)
