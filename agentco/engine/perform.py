"""The only way to act on the world: rule on an effect, mark it sent, do it."""

from asyncio import to_thread

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.records import Permissions
from agentco.engine.ask_model import ask_model
from agentco.engine.children import Child, child_of
from agentco.engine.examine import examine, words_of
from agentco.engine.office import Office, Transaction
from agentco.engine.ports import Act, Returned
from agentco.engine.settle import Done, audit_line, begun, expiry, settled
from agentco.rules.permissions import Ruled, Ruling
from agentco.rules.redaction import redacted
from agentco.rules.rule import CHAIN, HALT, Context, forbidden, rule
from agentco.runs.actions import (
    KINDS,
    Board,
    BoardAct,
    Doable,
    Misread,
    read_call,
    spec,
    use_of,
)
from agentco.runs.effects import (
    AskModel,
    Classify,
    Deliver,
    Examine,
    Image,
    OweReview,
    Remember,
    Row,
    StartReview,
    State,
    UseTool,
)
from agentco.runs.events import (
    Classified,
    Delivered,
    Happened,
    Limit,
    Refused,
    Remembered,
    Reviewed,
    ToolReturned,
)
from agentco.runs.prompt_parts import skills_on_demand
from agentco.runs.run import Job, Run

MEMORY = "memory"
LATER = "it is ticked when your work is delivered"
DENIALS = 3
"""A department that is forbidden so much in one run may only read until the founder lifts it."""
MISREAD = "{problem}. Nothing was done. Its arguments follow this schema: {schema}. Send the call again."
MISREAD_AGAIN = "{problem}. Nothing was done; do not try it again, go on without it."


class Ready(Struct, frozen=True, kw_only=True):
    """What an effect needs to be ruled on: its run, what the ruling depends on, what would be done.

    `event` is what comes of an effect that only looks: it is settled together with its ruling.
    """

    run: Run
    context: Context
    image: Image | None
    child: Child | None
    event: Happened | None


async def perform(row: Row, office: Office) -> Done | None:
    """What came of an effect; None when it now waits for the founder, a child, or the end of a halt."""
    if isinstance(row.wanted, AskModel):
        return await ask_model(row, lambda run: context_of(run, None, office), office)
    run, words = await office.read(seen, row)
    action = (
        read_call(row.wanted.call, run.tools)
        if isinstance(row.wanted, UseTool)
        else None
    )
    child = await child_of(row, office)
    context = context_of(
        run, action, office, refused=child if isinstance(child, str) else ""
    )
    image = await imaged(row, action, office)
    made, event = child if isinstance(child, Child) else None, await looked(row, office)
    if ticks_later(run, action, image):
        event = ToolReturned(effect=row.number, tool="Board", text=LATER)
    ready = Ready(run=run, context=context, image=image, child=made, event=event)
    ruled = await office.write(mark, row, ready, office)
    if ruled is None:
        return None
    if ruled.ruling is Ruling.DENY:
        return Done(row=row, event=denied(row, ruled))
    return await act(
        row, action, replace(act_of(row, office), words=words), image, office
    )


def seen(t: Transaction, row: Row) -> tuple[Run, tuple[str, ...]]:
    """The run of an effect, and what an agent may repeat as true when it writes into the memory."""
    writes = (
        isinstance(row.wanted, UseTool) and row.wanted.call.name.casefold() == MEMORY
    )
    return t.run(row.run), words_of(t, row.run) if writes else ()


def context_of(
    run: Run, action: Doable | Misread | None, office: Office, *, refused: str = ""
) -> Context:
    """What a ruling depends on, but for what the state says."""
    agent = office.company.agent(run.agent)
    doable = action if not isinstance(action, Misread) else None
    return Context(
        untrusted=office.untrusted,
        rules=office.settings.permissions,
        own=agent.own.permissions if agent else Permissions(),
        action=action,
        ignored=bool(doable and office.ignored(use_of(doable)[1])),
        reviewer=run.job in {Job.REVIEW, Job.IMPROVE},
        refused=refused,
        holds=run.blockers if run.passes_on else run.holds,
    )


def mark(t: Transaction, row: Row, ready: Ready, office: Office) -> Ruled | None:
    """Rule on an effect, and store what was ruled before anything is done; None when nothing is to be done now."""
    at = office.stamp()
    approved = row.ruling == "approved"
    stands = {
        "halted": t.halted(ready.run.chain),
        "restricted": t.restricted(row.agent),
    }
    ruled = rule(row.wanted, replace(ready.context, approved=approved, **stands))
    t.note(
        audit_line(
            row, at, "ruled", ruling=ruled.ruling, rule=ruled.rule, why=ruled.why
        )
    )
    if ruled.ruling is Ruling.ASK:
        expires = None if isinstance(row.wanted, OweReview) else expiry(at)
        t.keep(replace(row, state=State.PARKED, expires=expires, ruling=ruled.rule))
        return None
    if ruled.rule == HALT:
        return None
    if ruled.ruling is Ruling.ALLOW and ready.child:
        t.keep(replace(row, state=State.STARTED))
        begun(t, ready.child.run, ready.child.asked, at=at, cap=None, driver=None)
        return None
    if ruled.ruling is Ruling.ALLOW and ready.event:
        settled(t, Done(row=row, event=ready.event), at)
        return None
    if ruled.ruling is Ruling.ALLOW:
        t.keep(
            replace(
                row, state=State.SENT, driver=office.drivers.mine, image=ready.image
            )
        )
    if forbidden(ruled):
        t.keep(replace(row, ruling=Ruling.DENY))
        denials = sum(
            one.run == row.run and one.ruling == Ruling.DENY
            for one in t.effects(row.root)
        )
        if denials >= DENIALS:
            t.restrict(
                row.agent,
                at,
                f"in run {row.run} it wanted {denials} times what is denied, last by {ruled.rule}",
            )
    return ruled


def denied(row: Row, ruled: Ruled) -> Happened:
    """What a run hears of what may not be."""
    match row.wanted:
        case StartReview(agent=agent, due=due):
            return Reviewed(
                effect=row.number,
                agent=agent,
                under=tuple(d.trigger for d in due),
                failed=ruled.why,
            )
        case Classify():
            return Classified(effect=row.number)
        case Deliver():
            return Refused(effect=row.number, limit=Limit.REVIEWS, reason=ruled.why)
        case _:
            text = ruled.why if ruled.rule == CHAIN else f"not allowed: {ruled.why}"
            return ToolReturned(effect=row.number, text=text, ok=False)


async def imaged(
    row: Row, action: Doable | Misread | None, office: Office
) -> Image | None:
    """What a file will become; what it was to become already, when this is done again."""
    if row.image or action is None or isinstance(action, Misread):
        return row.image
    async with office.at_tools:
        return await to_thread(office.tools.image, action, act_of(row, office))


async def act(
    row: Row,
    action: Doable | Misread | None,
    who: Act,
    image: Image | None,
    office: Office,
) -> Done | None:
    """Do what was ruled on and marked."""
    match row.wanted:
        case UseTool() as effect:
            returned = await used(effect, action, who, image, office)
            event = ToolReturned(
                effect=row.number,
                tool=effect.call.name,
                text=returned.text,
                ok=returned.ok,
                misread=isinstance(action, Misread),
            )
            return Done(
                row=row,
                event=event,
                doubtful=returned.doubtful,
                proposals=returned.proposals,
            )
        case Remember() as effect:
            async with office.at_tools:
                await to_thread(office.tools.track, effect.prompt, effect.outcome, who)
            return Done(row=row, event=Remembered(effect=row.number))
        case Deliver():
            for tick in await office.read(ticks, row.run):
                async with office.at_tools:
                    await to_thread(office.tools.do, tick, who, None)
            return Done(row=row, event=await delivered(row, office))
        case _:
            return None


async def looked(row: Row, office: Office) -> Happened | None:
    """What comes of an effect that changes nothing outside the state; None for every other one."""
    match row.wanted:
        case Examine() as effect:
            return await examine(row, effect, office)
        case Deliver() if not await office.read(ticks, row.run):
            return await delivered(row, office)
        case _:
            return None


async def delivered(row: Row, office: Office) -> Delivered:
    """What is known of work once it is out."""
    dear = row.run == row.root and await office.read(lambda t: t.dear(row.root))
    return Delivered(effect=row.number, produced=await produced(row, office), dear=dear)


def ticks_later(run: Run, action: Doable | Misread | None, image: Image | None) -> bool:
    """Whether a task is ticked only with the delivery: of work that can still be blocked, nothing is marked done."""
    done = isinstance(action, Board) and action.operation is BoardAct.DONE
    return (
        done
        and image is not None
        and image.before != image.after
        and run.job is Job.WORK
        and not run.quick
    )


def ticks(t: Transaction, name: str) -> list[Board]:
    """What is ticked with the delivery of a run: nothing when a review is still owed, or the agent may only read."""
    run = t.run(name)
    if run.quick or run.holds or t.restricted(run.agent):
        return []
    later = (
        one.effect
        for one in t.story(name)
        if isinstance(one.event, ToolReturned) and one.event.text == LATER
    )
    said = (
        read_call(effect.call, run.tools)
        for effect in later
        if isinstance(effect, UseTool)
    )
    return [action for action in said if isinstance(action, Board)]


async def used(
    effect: UseTool,
    action: Doable | Misread | None,
    who: Act,
    image: Image | None,
    office: Office,
) -> Returned:
    """What a tool says. A call that cannot be read is told how once, then only that it failed."""
    if isinstance(action, Misread) or action is None:
        problem = action.problem if action else "nothing was asked for"
        return Returned(text=misread(problem, effect), ok=False)
    async with office.at_tools:
        returned = await to_thread(office.tools.do, action, who, image)
    return replace(returned, text=redacted(returned.text, office.secrets))


def misread(problem: str, effect: UseTool) -> str:
    """What a model hears whose call cannot be read: the schema once, then no more."""
    known = next(
        (name for name in KINDS if name.casefold() == effect.call.name.casefold()), None
    )
    if effect.again or known is None:
        return MISREAD_AGAIN.format(problem=problem)
    return MISREAD.format(problem=problem, schema=spec(known).parameters)


async def produced(row: Row, office: Office) -> bool:
    """Whether anything changed of what the prompt should change."""
    asked = await office.read(lambda t: t.asked(row.run))
    if not asked or not asked.produces:
        return True
    async with office.at_tools:
        return (
            await to_thread(office.tools.prints, tuple(asked.produces))
            != asked.produces
        )


def act_of(row: Row, office: Office) -> Act:
    """Who acts, for which effect; a driver in the row tells that one has begun it before."""
    agent = office.company.agent(row.agent)
    return Act(
        effect=row.id,
        agent=row.agent,
        at=office.clock.now(),
        skills=tuple(skill.id for skill in skills_on_demand(office.company, agent))
        if agent
        else (),
        again=bool(row.driver),
    )
