"""What comes next in a run: the same run and event give the same result.

asked ──> ask the model ──> answered ──> use its tools ──> all of them returned ──> ask the model …
└──> a draft: draft_decision.py ──> deliver ──> delivered ──> lesson ──> prompt's outcome ──> over
"""

from collections.abc import Sequence
from typing import assert_never

from msgspec.structs import replace

from agentco.kernel.errors import Trouble
from agentco.review.chain import too_many_children
from agentco.review.deliverable import says_nothing
from agentco.review.verdict import Verdict
from agentco.runs import actions, draft_decision, effects, events
from agentco.runs.actions import tool_of
from agentco.runs.cut_answers import on_cut, whole_again
from agentco.runs.model_messages import StopReason, ToolCall
from agentco.runs.run import Run, RunJob, RunPhase
from agentco.runs.steps import (
    REQUIRED_TOOL,
    NextStep,
    ask_model,
    callable_tools,
    end_run,
    finish_run,
    order_effects,
    remember_failure,
)
from agentco.runs.tool_calls import MisreadCall, read_call, verdicts_in_answer

MAX_CALLS_PER_ANSWER = 16
"""How many calls of one answer are taken up; the model is told that the others were not."""
MAX_LOSSES = 2
"""A call that was lost is made again once; when that is lost too, the run waits to be resumed."""


def advance(run: Run, event: events.AnyEvent) -> NextStep:
    """The run after an event, and what it wants done. A run that is over wants nothing more.

    But one that is blocked can still be let go, or dropped, by the founder.
    """
    if isinstance(event, events.Waived) and run.phase is RunPhase.BLOCKED:
        return on_waiver(run, event)
    if isinstance(event, events.Cancelled) and run.can_be_ended:
        return on_cancel(run, event)
    is_answer = not event.effect or event.effect in run.waits_for
    if run.is_over or not is_answer:
        return run, []
    run = with_outside(run, event)
    if run.ending:
        return finish_ending(run, event)
    return apply_event(run, event)


def with_outside(run: Run, event: events.AnyEvent) -> Run:
    """The run after it was told something that the founder did not write: it stays so."""
    if run.outside or not isinstance(event, events.FromOutside) or not event.outside:
        return run
    return replace(run, outside=event.outside)


def apply_event(  # noqa: PLR0911, PLR0912, C901  one for each event
    run: Run, event: events.AnyEvent
) -> NextStep:
    """What comes of an event while the work goes on."""
    match event:
        case events.TaskAsked():
            return ask_model(run)
        case events.Answered():
            turns = run.turns if run.repairs_answer else run.turns + 1
            return on_answer(replace(run, turns=turns, lost=0), event)
        case (
            events.ToolReturned()
            | events.ChildFinished()
            | events.Delegated()
            | events.Decided()
        ):
            return on_reply(run, event)
        case events.Examined():
            return draft_decision.on_examined(run, event)
        case events.Classified():
            run = draft_decision.with_due_reviews(run, event.due)
            return draft_decision.start_reviews(run)
        case events.Reviewed():
            return draft_decision.on_review(run, event)
        case events.Waived():
            return on_waiver(run, event)
        case events.Delivered():
            return on_delivery(run, event)
        case events.Saved(problem=problem, reason=reason, dear=dear):
            return end_run(run, RunPhase.DONE, problem or reason, learn=dear)
        case events.Refused():
            return on_refusal(run, event)
        case events.ModelFailed():
            return on_failure(run, event)
        case events.Cancelled() | events.Remembered():
            return finish_run(run)
        case _:
            assert_never(event)


def on_delivery(run: Run, event: events.Delivered) -> NextStep:
    """The deliverable is out; where its prompt wants it in a file, it is written there."""
    reason = "" if event.produced else "nothing changed of what it produces"
    if not event.save_to:
        return end_run(run, RunPhase.DONE, reason, learn=event.dear)
    order = effects.SaveDeliverable(
        number=run.next,
        answer=run.answer or 0,
        path=event.save_to,
        reason=reason,
        dear=event.dear,
    )
    return order_effects(run, order)


def finish_ending(run: Run, event: events.AnyEvent) -> NextStep:
    """The work has ended: a lesson is learned if there is one, a prompt's end is remembered."""
    match event:
        case events.Remembered():
            return replace(run, phase=run.ending or RunPhase.DONE, waits_for=()), []
        case events.Waived():
            return run, []  # what is blocked can be let go once it has ended
        case events.Answered():
            run = replace(run, turns=run.turns + 1)
            for call in event.calls:
                if isinstance(read_call(call, run.tools), actions.Lesson):
                    order = effects.UseTool(number=run.next, call=call)
                    return order_effects(run, order)
        case _:
            pass
    return finish_run(run)


def on_cancel(run: Run, event: events.Cancelled) -> NextStep:
    """Somebody ended it: it is over at once, and its prompt's end is remembered all the same.

    That of work which is blocked was remembered when it was.
    """
    was_blocked = run.is_over
    cancelled = RunPhase.CANCELLED
    run = replace(run, phase=cancelled, reason=event.reason, waits_for=())
    if was_blocked or not run.prompt or run.parent:
        return run, []
    return remember_failure(run)


def on_waiver(run: Run, event: events.Waived) -> NextStep:
    """The founder overruled something; that counts only for what holds the run back."""
    if event.trigger in run.waivable_holds:
        return draft_decision.on_waiver(run, event)
    return run, []


def on_refusal(run: Run, event: events.Refused) -> NextStep:
    """A call was not made; of a budget, a loop or a prompt that is too long nobody learns more."""
    phase = RunPhase.FAILED
    if event.limit is events.CallLimit.BUDGET:
        phase = RunPhase.OUT_OF_BUDGET
    learn = event.limit is events.CallLimit.REVIEWS
    return end_run(run, phase, event.reason, learn=learn)


def on_answer(run: Run, event: events.Answered) -> NextStep:
    """An answer is cut, refused, empty, wants tools, or is what was asked for."""
    is_draft = not says_nothing(event.text) and not (event.calls and run.round)
    if is_draft and run.job is not RunJob.REVIEW:
        run = replace(run, answer=event.effect)
    if event.stop is StopReason.REFUSED:
        return end_run(run, RunPhase.REFUSED, "the model refused to answer")
    if event.stop is StopReason.LENGTH:
        return on_cut(run, event)
    run = whole_again(run)
    if event.calls:
        return on_calls(run, event)
    if run.job is RunJob.REVIEW:
        return on_opinions(run, event)
    return on_text(run, event)


def on_text(run: Run, event: events.Answered) -> NextStep:
    """A text without a call is the draft, if there is one and nothing else was demanded."""
    if run.job in REQUIRED_TOOL and not run.pressed and run.turns < run.max_turns:
        return ask_model(replace(run, pressed=True))
    if says_nothing(event.text):
        return end_run(run, RunPhase.FAILED, "the model gave no answer", learn=True)
    if event.made_up and not run.pressed and run.turns + 1 < run.max_turns:
        return ask_model(replace(run, pressed=True))
    return draft_decision.on_draft(run)


def on_opinions(run: Run, event: events.Answered) -> NextStep:
    """A reviewer ends with a verdict under every trigger, or one that blocks.

    Else it is asked once more, then another model of its tier; what is left open then is owed.
    """
    said = verdicts_in_answer(event.text, event.calls, run.under)
    decided = dict.fromkeys((*run.decided, *(opinion.trigger for opinion in said)))
    if said:
        run = replace(run, answer=event.effect, decided=tuple(decided))
    blocks = any(opinion.verdict is Verdict.BLOCKING for opinion in said)
    is_through = blocks or (said and len(decided) >= len(run.under))
    if is_through or run.elsewhere or run.turns >= run.max_turns:
        return end_review(run, "it gave no verdict")
    if run.pressed:
        return ask_model(replace(run, elsewhere=run.next))
    return ask_model(replace(run, pressed=True))


def end_review(run: Run, why: str) -> NextStep:
    """What a reviewer said last counts; who never decided has failed."""
    if run.answer is None:
        return end_run(run, RunPhase.FAILED, why)
    return end_run(run, RunPhase.DONE, "")


def on_calls(run: Run, event: events.Answered) -> NextStep:
    """Take up as many calls as the caps leave; some of them end the work instead."""
    for call in event.calls:
        action = read_call(call, callable_tools(run))
        if isinstance(action, MisreadCall):
            continue
        if isinstance(action, actions.GiveVerdict) and run.job is RunJob.REVIEW:
            return on_opinions(run, event)
        if run.job in REQUIRED_TOOL and tool_of(action).ends_run:
            return end_run(replace(run, answer=event.effect), RunPhase.DONE, "")
        if run.round and isinstance(action, actions.Keep):
            return draft_decision.on_draft(run)
    if run.turns >= run.max_turns:
        reason = f"it used up its {run.max_turns} turns"
        return end_run(run, RunPhase.OUT_OF_BUDGET, reason)
    calls_left = run.max_tool_calls - run.tool_calls
    if calls_left <= 0:
        reason = f"it used up its {run.max_tool_calls} tool calls"
        return end_run(run, RunPhase.OUT_OF_BUDGET, reason)
    return order_calls(run, event.calls[: min(MAX_CALLS_PER_ANSWER, calls_left)])


def order_calls(run: Run, calls: Sequence[ToolCall]) -> NextStep:
    """Do what these calls ask for."""
    orders = list[effects.CallEffect]()
    for call in calls:
        order = effect_for_call(run, call, run.next + len(orders))
        if isinstance(order, effects.ChildEffect):
            run = replace(run, children=run.children + 1)
        orders.append(order)
    run = replace(run, tool_calls=run.tool_calls + len(calls))
    return order_effects(run, *orders)


def effect_for_call(run: Run, call: ToolCall, number: int) -> effects.CallEffect:
    """What a call asks for.

    One that cannot be read, was not granted or is one too many is refused as a tool's.
    """
    action = read_call(call, run.tools)
    may_start_run = not too_many_children(run.children, run.max_children)
    match action:
        case actions.AskTheFounder(question=question):
            return effects.AskFounder(number=number, call=call, question=question)
        case actions.Gather(question=question, handle=handle) if may_start_run:
            return effects.StartTask(
                number=number, call=call, question=question, handle=handle
            )
        case actions.Improve(gap=gap) if may_start_run:
            return effects.ProposeImprovement(number=number, call=call, gap=gap)
        case actions.Delegate(agent=agent, task=task, what=what) if may_start_run:
            return effects.DelegateWork(
                number=number, call=call, agent=agent, task=task, what=what
            )
        case MisreadCall():
            again = own_tool_name(run, call.name) in {"", *run.misread}
            return effects.UseTool(number=number, call=call, again=again)
        case _:
            return effects.UseTool(number=number, call=call)


def own_tool_name(run: Run, tool: str) -> str:
    """The run's own name for a tool, however a model spells it; empty for one it does not have."""
    for name in run.tools:
        if name.casefold() == tool.casefold():
            return name
    return ""


def on_reply(run: Run, event: events.ToolReply) -> NextStep:
    """One of several is back; the model is asked again when all of them are."""
    run = draft_decision.stop_waiting_for(run, event.effect)
    if isinstance(event, events.Delegated):
        run = draft_decision.with_due_reviews(run, event.owed, anew=True)
    if isinstance(event, events.ToolReturned):
        run = note_misread(run, own_tool_name(run, event.tool), misread=event.misread)
    if run.waits_for:
        return run, []
    return ask_model(run)


def note_misread(run: Run, tool: str, *, misread: bool) -> Run:
    """The run that knows whether its last call of a tool could be read."""
    tools = tuple(name for name in run.misread if name != tool)
    if tool and misread:
        tools = (*tools, tool)
    return replace(run, misread=tools)


def on_failure(run: Run, event: events.ModelFailed) -> NextStep:
    """A lost call is made again once; all else, and a second loss, waits until the run is resumed.

    A reviewer is not waited for: its review is owed.
    """
    may_repeat = run.lost + 1 < MAX_LOSSES or event.recovered
    again = event.trouble is Trouble.LOST and may_repeat
    if not again and run.job is RunJob.REVIEW:
        return end_review(run, event.reason)
    if not again and run.job in REQUIRED_TOOL:
        return end_run(run, RunPhase.FAILED, event.reason)
    if event.trouble is Trouble.LOST:
        run = replace(run, lost=MAX_LOSSES - 1)
    return ask_model(run, held=not again)
