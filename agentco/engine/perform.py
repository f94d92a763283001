"""The only way to act on the world: rule on an effect, mark it sent, do it."""

from asyncio import to_thread

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.records import Permissions
from agentco.engine.ask_model import ask_model
from agentco.engine.children import ChildRun, prepare_child
from agentco.engine.examine import examine_draft, trusted_words
from agentco.engine.office import Office
from agentco.engine.ports import ToolCaller, ToolResult
from agentco.engine.run_costs import is_unusually_costly
from agentco.engine.settle import (
    EffectResult,
    begin_run,
    decision_deadline,
    effect_audit_line,
    settle_effect,
)
from agentco.engine.store import Transaction
from agentco.rules.permissions import Ruling, RulingDetails
from agentco.rules.redaction import redact_secrets
from agentco.rules.rule import CHAIN, HALT, RulingContext, denied_by_permission, rule
from agentco.runs.actions import (
    ACTIONS_BY_NAME,
    AnyAction,
    Board,
    BoardAct,
    MisreadCall,
    read_call,
    tool_and_target,
    tool_spec,
)
from agentco.runs.effects import (
    AskModel,
    Classify,
    Deliver,
    EffectRecord,
    EffectState,
    Examine,
    FileImage,
    OweReview,
    Remember,
    StartReview,
    UseTool,
)
from agentco.runs.events import (
    AnyEvent,
    CallLimit,
    Classified,
    Delivered,
    Refused,
    Remembered,
    Reviewed,
    ToolReturned,
)
from agentco.runs.prompt_parts import skills_on_demand
from agentco.runs.run import Run, RunJob

MEMORY_TOOL = "memory"
TICKED_LATER = "it is ticked when your work is delivered"
MAX_DENIALS = 3
"""A department that is forbidden so much in one run may only read until the founder lifts it."""
MISREAD_ONCE = "{problem}. Nothing was done. Its arguments follow this schema: {schema}. Send the call again."
MISREAD_AGAIN = "{problem}. Nothing was done; do not try it again, go on without it."


class PreparedEffect(Struct, frozen=True, kw_only=True):
    """What an effect needs to be ruled on: its run, what the ruling depends on, what would be done.

    `event` is what comes of an effect that only looks: it is settled together with its ruling.
    """

    run: Run
    context: RulingContext
    image: FileImage | None
    child: ChildRun | None
    event: AnyEvent | None


async def perform_effect(row: EffectRecord, office: Office) -> EffectResult | None:
    """What came of an effect; None when it now waits for the founder, a child, or the end of a halt."""
    if isinstance(row.wanted, AskModel):
        return await ask_model(
            row, lambda run: ruling_context(run, None, office), office
        )
    run, words = await office.read(load_run_and_words, row)
    action = (
        read_call(row.wanted.call, run.tools)
        if isinstance(row.wanted, UseTool)
        else None
    )
    child = await prepare_child(row, office)
    context = ruling_context(
        run, action, office, refused=child if isinstance(child, str) else ""
    )
    image = await plan_image(row, action, office)
    made, event = (
        child if isinstance(child, ChildRun) else None,
        await read_only_event(row, office),
    )
    if is_ticked_on_delivery(run, action, image):
        event = ToolReturned(effect=row.number, tool="Board", text=TICKED_LATER)
    ready = PreparedEffect(
        run=run, context=context, image=image, child=made, event=event
    )
    ruled = await office.write(rule_and_mark, row, ready, office)
    if ruled is None:
        return None
    if ruled.ruling is Ruling.DENY:
        return EffectResult(row=row, event=denial_event(row, ruled))
    return await execute_effect(
        row, action, replace(tool_caller(row, office), words=words), image, office
    )


def load_run_and_words(
    tx: Transaction, row: EffectRecord
) -> tuple[Run, tuple[str, ...]]:
    """The run of an effect, and what an agent may repeat as true when it writes into the memory."""
    writes = (
        isinstance(row.wanted, UseTool)
        and row.wanted.call.name.casefold() == MEMORY_TOOL
    )
    return tx.load_run(row.run), trusted_words(tx, row.run) if writes else ()


def ruling_context(
    run: Run,
    action: AnyAction | MisreadCall | None,
    office: Office,
    *,
    refused: str = "",
) -> RulingContext:
    """What a ruling depends on, but for what the state says."""
    agent = office.company.find_agent(run.agent)
    doable = action if not isinstance(action, MisreadCall) else None
    return RulingContext(
        untrusted=office.untrusted,
        rules=office.settings.permissions,
        own=agent.own.permissions if agent else Permissions(),
        action=action,
        ignored=bool(doable and office.ignored(tool_and_target(doable)[1])),
        reviewer=run.job in {RunJob.REVIEW, RunJob.IMPROVE},
        refused=refused,
        holds=run.blockers if run.parent_handles_reviews else run.waivable_holds,
    )


def rule_and_mark(
    tx: Transaction, row: EffectRecord, ready: PreparedEffect, office: Office
) -> RulingDetails | None:
    """Rule on an effect, and store what was ruled before anything is done; None when nothing is to be done now."""
    at = office.now_iso()
    approved = row.ruling == "approved"
    stands = {
        "halted": tx.halt_reason(ready.run.chain),
        "restricted": tx.restriction_reason(row.agent),
    }
    ruled = rule(row.wanted, replace(ready.context, approved=approved, **stands))
    tx.append_audit(
        effect_audit_line(
            row, at, "ruled", ruling=ruled.ruling, rule=ruled.rule, why=ruled.why
        )
    )
    if ruled.ruling is Ruling.ASK:
        expires = None if isinstance(row.wanted, OweReview) else decision_deadline(at)
        tx.save_effect(
            replace(row, state=EffectState.PARKED, expires=expires, ruling=ruled.rule)
        )
        return None
    if ruled.rule == HALT:
        return None
    if ruled.ruling is Ruling.ALLOW and ready.child:
        tx.save_effect(replace(row, state=EffectState.STARTED))
        begin_run(tx, ready.child.run, ready.child.asked, at=at, cap=None, driver=None)
        return None
    if ruled.ruling is Ruling.ALLOW and ready.event:
        settle_effect(tx, EffectResult(row=row, event=ready.event), at)
        return None
    if ruled.ruling is Ruling.ALLOW:
        tx.save_effect(
            replace(
                row,
                state=EffectState.SENT,
                driver=office.drivers.mine,
                image=ready.image,
            )
        )
    if denied_by_permission(ruled):
        tx.save_effect(replace(row, ruling=Ruling.DENY))
        denials = sum(
            one.run == row.run and one.ruling == Ruling.DENY
            for one in tx.load_effects(row.root)
        )
        if denials >= MAX_DENIALS:
            tx.restrict_agent(
                row.agent,
                at,
                f"in run {row.run} it wanted {denials} times what is denied, last by {ruled.rule}",
            )
    return ruled


def denial_event(row: EffectRecord, ruled: RulingDetails) -> AnyEvent:
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
            return Refused(effect=row.number, limit=CallLimit.REVIEWS, reason=ruled.why)
        case _:
            text = ruled.why if ruled.rule == CHAIN else f"not allowed: {ruled.why}"
            return ToolReturned(effect=row.number, text=text, ok=False)


async def plan_image(
    row: EffectRecord, action: AnyAction | MisreadCall | None, office: Office
) -> FileImage | None:
    """What a file will become; what it was to become already, when this is done again."""
    if row.image or action is None or isinstance(action, MisreadCall):
        return row.image
    async with office.at_tools:
        return await to_thread(
            office.tools.planned_image, action, tool_caller(row, office)
        )


async def execute_effect(
    row: EffectRecord,
    action: AnyAction | MisreadCall | None,
    who: ToolCaller,
    image: FileImage | None,
    office: Office,
) -> EffectResult | None:
    """Do what was ruled on and marked."""
    match row.wanted:
        case UseTool() as effect:
            returned = await use_tool(effect, action, who, image, office)
            event = ToolReturned(
                effect=row.number,
                tool=effect.call.name,
                text=returned.text,
                ok=returned.ok,
                misread=isinstance(action, MisreadCall),
            )
            return EffectResult(
                row=row,
                event=event,
                doubtful=returned.doubtful,
                proposals=returned.proposals,
            )
        case Remember() as effect:
            async with office.at_tools:
                await to_thread(
                    office.tools.record_outcome, effect.prompt, effect.outcome, who
                )
            return EffectResult(row=row, event=Remembered(effect=row.number))
        case Deliver():
            for tick in await office.read(pending_ticks, row.run):
                async with office.at_tools:
                    await to_thread(office.tools.carry_out, tick, who, None)
            return EffectResult(row=row, event=await delivery_event(row, office))
        case _:
            return None


async def read_only_event(row: EffectRecord, office: Office) -> AnyEvent | None:
    """What comes of an effect that changes nothing outside the state; None for every other one."""
    match row.wanted:
        case Examine() as effect:
            return await examine_draft(row, effect, office)
        case Deliver() if not await office.read(pending_ticks, row.run):
            return await delivery_event(row, office)
        case _:
            return None


async def delivery_event(row: EffectRecord, office: Office) -> Delivered:
    """What is known of work once it is out."""
    dear = row.run == row.root and await office.read(is_unusually_costly, row.root)
    return Delivered(
        effect=row.number, produced=await outputs_changed(row, office), dear=dear
    )


def is_ticked_on_delivery(
    run: Run, action: AnyAction | MisreadCall | None, image: FileImage | None
) -> bool:
    """Whether a task is ticked only with the delivery: of work that can still be blocked, nothing is marked done."""
    done = isinstance(action, Board) and action.operation is BoardAct.DONE
    return (
        done
        and image is not None
        and image.before != image.after
        and run.job is RunJob.WORK
        and not run.quick
    )


def pending_ticks(tx: Transaction, name: str) -> list[Board]:
    """What is ticked with the delivery of a run: nothing when a review is still owed, or the agent may only read."""
    run = tx.load_run(name)
    if run.quick or run.waivable_holds or tx.restriction_reason(run.agent):
        return []
    later = (
        one.effect
        for one in tx.load_story(name)
        if isinstance(one.event, ToolReturned) and one.event.text == TICKED_LATER
    )
    said = (
        read_call(effect.call, run.tools)
        for effect in later
        if isinstance(effect, UseTool)
    )
    return [action for action in said if isinstance(action, Board)]


async def use_tool(
    effect: UseTool,
    action: AnyAction | MisreadCall | None,
    who: ToolCaller,
    image: FileImage | None,
    office: Office,
) -> ToolResult:
    """What a tool says. A call that cannot be read is told how once, then only that it failed."""
    if isinstance(action, MisreadCall) or action is None:
        problem = action.problem if action else "nothing was asked for"
        return ToolResult(text=misread_message(problem, effect), ok=False)
    async with office.at_tools:
        returned = await to_thread(office.tools.carry_out, action, who, image)
    return replace(returned, text=redact_secrets(returned.text, office.secrets))


def misread_message(problem: str, effect: UseTool) -> str:
    """What a model hears whose call cannot be read: the schema once, then no more."""
    known = next(
        (
            name
            for name in ACTIONS_BY_NAME
            if name.casefold() == effect.call.name.casefold()
        ),
        None,
    )
    if effect.again or known is None:
        return MISREAD_AGAIN.format(problem=problem)
    return MISREAD_ONCE.format(problem=problem, schema=tool_spec(known).parameters)


async def outputs_changed(row: EffectRecord, office: Office) -> bool:
    """Whether anything changed of what the prompt should change."""
    asked = await office.read(lambda tx: tx.load_asked(row.run))
    if not asked or not asked.produces:
        return True
    async with office.at_tools:
        return (
            await to_thread(office.tools.take_fingerprints, tuple(asked.produces))
            != asked.produces
        )


def tool_caller(row: EffectRecord, office: Office) -> ToolCaller:
    """Who acts, for which effect; a driver in the row tells that one has begun it before."""
    agent = office.company.find_agent(row.agent)
    return ToolCaller(
        effect=row.id,
        agent=row.agent,
        at=office.clock.now(),
        skills=tuple(skill.id for skill in skills_on_demand(office.company, agent))
        if agent
        else (),
        again=bool(row.driver),
    )
