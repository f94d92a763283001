"""The only way to act on the world: load what an effect needs, rule, mark it sent, act.

    row ──load, prepare──▶ PreparedEffect ──rule_and_mark──▶ allowed ──act──▶ EffectResult

A model call goes the same way in ask_model, once for each model that is tried.
"""

from msgspec import UNSET
from msgspec.structs import replace

from agentco.engine.ask_model import ask_models
from agentco.engine.children import ChildRun, prepare_child
from agentco.engine.effect_input import EffectInput, load_effect_input
from agentco.engine.examine import examine_draft
from agentco.engine.office import Office
from agentco.engine.outside import (
    founders_texts,
    marks_of_act,
    marks_of_texts,
    outside_of_result,
    strange_in_act,
)
from agentco.engine.ruling import (
    PreparedEffect,
    denial_event,
    rule_and_mark,
    ruling_context,
)
from agentco.engine.saving import plan_deliverable, tool_caller
from agentco.engine.settle import EffectResult
from agentco.engine.written_files import not_saved
from agentco.file_formats.redaction import redact_secrets
from agentco.kernel.names import FOUNDER
from agentco.permissions.ruling import Ruling
from agentco.ports.outside import ToolResult
from agentco.review.deliverable import split_answer
from agentco.runs import effects
from agentco.runs.actions import Action, Board
from agentco.runs.effects import APPROVED, EffectRecord, FileImage
from agentco.runs.events import AnyEvent, Delivered, Remembered, Saved, ToolReturned
from agentco.runs.model_messages import ToolCall
from agentco.runs.tool_calls import MisreadCall, read_call, tool_specs, with_note

MISREAD_ONCE = (
    "{problem}. Nothing was done. Its arguments follow this schema: {schema}. "
    "Send the call again."
)
MISREAD_AGAIN = "{problem}. Nothing was done; do not try it again, go on without it."


async def perform_effect(row: EffectRecord, office: Office) -> EffectResult | None:
    """Perform one effect.

    Returns None if it now waits for the founder, for a child run or for the end of a halt.
    """
    if isinstance(row.wanted, effects.AskModel):
        return await ask_models(row, office)
    effect = await prepare_effect(row, office)
    ruling = await office.write(rule_and_mark, effect, office)
    if ruling is None:
        return None
    if ruling.ruling is Ruling.DENY:
        return EffectResult(row=row, event=denial_event(row, ruling))
    return await act(effect, office)


async def prepare_effect(row: EffectRecord, office: Office) -> PreparedEffect:
    """Load an effect, and work out what it would do."""
    loaded = await office.read(load_effect_input, row)
    if loaded.run.outside:
        founders = await office.read(founders_texts, loaded.run)
        loaded = replace(loaded, founders=founders)
    action = None
    if isinstance(row.wanted, effects.UseTool):
        action = read_call(row.wanted.call, loaded.run.tools)
    planned = await plan_image(loaded, action, office)
    image = planned if isinstance(planned, FileImage) else None
    child = await prepare_child(loaded, office)
    refused = child if isinstance(child, str) else ""
    event = await event_without_acting(loaded, office)
    if isinstance(planned, ToolResult):
        event = impossible_event(row, planned, office)
    context = ruling_context(
        loaded.run,
        action,
        office,
        refused=refused,
        approved=row.ruling == APPROVED,
        planned=None if loaded.ticks else planned,
    )
    versions = tuple[bytes, ...]()
    if image and image.before != image.after and not context.ignored:
        caller = tool_caller(row, office, loaded.run if action else None)
        acts = (action,) if isinstance(action, Action) else loaded.ticks
        versions = await office.tools.versions_to_keep(image, acts, caller)
    return PreparedEffect(
        input=loaded,
        context=replace(context, strange=strange_in_act(loaded, action)),
        action=action,
        image=image,
        child=child if isinstance(child, ChildRun) else None,
        versions=versions,
        event=event,
    )


async def plan_image(
    loaded: EffectInput, action: Action | MisreadCall | None, office: Office
) -> FileImage | ToolResult | None:
    """Return what a file will become, or why not; what was planned before stays so.

    A change of the board that the founder was shown is made on the board as it is by now.
    """
    row = loaded.row
    if isinstance(row.wanted, effects.SaveDeliverable) and not row.image:
        return await plan_deliverable(loaded, row.wanted, office)
    if loaded.ticks and not row.image:
        return await office.tools.planned_image(loaded.ticks, tool_caller(row, office))
    if action is None or isinstance(action, MisreadCall):
        return row.image
    if row.image and (row.driver or not isinstance(action, Board)):
        return row.image
    caller = tool_caller(row, office, loaded.run)
    return await office.tools.planned_image((action,), caller)


async def event_without_acting(loaded: EffectInput, office: Office) -> AnyEvent | None:
    """Return the result of an effect that only looks; None for every other one."""
    match loaded.row.wanted:
        case effects.Examine():
            return await examine_draft(loaded, office)
        case effects.Deliver() if not loaded.ticks:
            return await delivered_event(loaded, office)
        case _:
            return None


async def act(effect: PreparedEffect, office: Office) -> EffectResult | None:
    """Do what was allowed and marked, by its kind."""
    row = effect.row
    match row.wanted:
        case effects.UseTool(call=call):
            returned = await use_tool(effect, office)
            misread = isinstance(effect.action, MisreadCall)
            return EffectResult(
                row=row,
                event=returned_event(row, call, returned, office, misread=misread),
                doubtful=returned.doubtful,
                proposals=returned.proposals,
                lines=marks_of_act(effect.input, effect.action, effect.image),
            )
        case effects.SaveDeliverable() as order:
            event = await save_deliverable(effect.input, order, effect.image, office)
            text = split_answer(effect.input.text or "").text
            lines = marks_of_texts(effect.input, (text,))
            return EffectResult(row=row, event=event, lines=lines)
        case effects.CarryOutProposal():
            event = await carry_out_proposal(row, row.wanted, office)
        case effects.Remember(prompt=prompt, outcome=outcome):
            caller = tool_caller(row, office)
            await office.tools.record_outcome(prompt, outcome, caller)
            event = Remembered(effect=row.number)
        case effects.Deliver():
            caller = tool_caller(row, office)
            for tick in effect.input.ticks:
                await office.tools.carry_out(tick, caller, None)
            event = await delivered_event(effect.input, office)
        case _:
            return None
    return EffectResult(row=row, event=event)


async def save_deliverable(
    loaded: EffectInput,
    order: effects.SaveDeliverable,
    image: FileImage | None,
    office: Office,
) -> Saved:
    """Write a deliverable, once however often it is tried."""
    if image is None or loaded.text is None:
        return not_saved(order, "the deliverable is no longer kept")
    text, caller = split_answer(loaded.text).text, tool_caller(loaded.row, office)
    returned = await office.tools.save_deliverable(text, image, caller)
    if not returned.ok:
        return not_saved(order, returned.text)
    return Saved(
        effect=order.number,
        file=image.file,
        kept=image.kept,
        reason=order.reason,
        dear=order.dear,
    )


def impossible_event(
    row: EffectRecord, planned: ToolResult, office: Office
) -> AnyEvent | None:
    """Return what a run hears of a file that cannot be written."""
    match row.wanted:
        case effects.UseTool(call=call):
            return returned_event(row, call, planned, office)
        case effects.SaveDeliverable() as order:
            return not_saved(order, planned.text)
        case _:
            return None


def returned_event(
    row: EffectRecord,
    call: ToolCall,
    returned: ToolResult,
    office: Office,
    *,
    misread: bool = False,
) -> ToolReturned:
    """Return what a run hears of its call, without anything that is secret."""
    return ToolReturned(
        effect=row.number,
        tool=call.name,
        text=redact_secrets(with_note(call, returned.text), office.secrets),
        ok=returned.ok,
        misread=misread,
        outside=returned.outside or UNSET,
    )


async def use_tool(effect: PreparedEffect, office: Office) -> ToolResult:
    """Use a tool. A call that cannot be read is explained once, then only refused."""
    action = effect.action
    if action is None or isinstance(action, MisreadCall):
        problem = action.problem if action else "nothing was asked for"
        return ToolResult(text=explain_misread(problem, effect), ok=False)
    caller = replace(
        tool_caller(effect.row, office, effect.input.run),
        words=effect.input.words,
        untrusted=bool(effect.input.run.outside),
    )
    returned = await office.tools.carry_out(action, caller, effect.image)
    if returned.outside or not returned.ok:
        return returned
    outside = await office.read(outside_of_result, action, returned.text)
    return replace(returned, outside=outside)


async def carry_out_proposal(
    row: EffectRecord, proposal: effects.CarryOutProposal, office: Office
) -> ToolReturned:
    """Do what the founder approved, with their authority, and once however often it is tried."""
    returned = await office.tools.perform_approved(
        proposal.action, by=FOUNDER, run=row.id, at=office.clock.now()
    )
    text = redact_secrets(returned.text, office.secrets)
    return ToolReturned(effect=row.number, text=text, ok=returned.ok)


async def delivered_event(loaded: EffectInput, office: Office) -> Delivered:
    """Return what is known of a piece of work that is delivered."""
    produced = await outputs_changed(loaded, office)
    return Delivered(
        effect=loaded.row.number,
        produced=produced,
        dear=loaded.is_costly,
        save_to=loaded.asked.deliver_to if loaded.asked else UNSET,
    )


async def outputs_changed(loaded: EffectInput, office: Office) -> bool:
    """Whether anything changed that the prompt should change; True if nothing should."""
    before = loaded.asked.produces if loaded.asked else {}
    if not before:
        return True
    return await office.tools.take_fingerprints(tuple(before)) != before


def explain_misread(problem: str, effect: PreparedEffect) -> str:
    """Return what a model hears of a call that cannot be read: the tool's schema only once."""
    order = effect.row.wanted
    if isinstance(order, effects.UseTool) and not order.again:
        for spec in tool_specs([order.call.name]):
            return MISREAD_ONCE.format(problem=problem, schema=spec.parameters)
    return MISREAD_AGAIN.format(problem=problem)
