"""What comes next in a run: the same run and event give the same result.

asked ──> ask the model ──> answered ──> use its tools ──> returned (all of them) ──> ask the model …
└──> a draft: review.py ──> deliver ──> delivered ──> what is learned, how a prompt ended ──> over
"""

from typing import assert_never

from msgspec.structs import replace

from agentco.kernel.errors import Trouble
from agentco.review.chain import too_many_children
from agentco.runs import actions, draft_decision, effects, events, model_messages
from agentco.runs.run import Run, RunJob, RunPhase
from agentco.runs.steps import (
    REQUIRED_TOOL,
    NextStep,
    ask_model,
    callable_tools,
    end_run,
    finish_run,
    order_effects,
)

MAX_CALLS_PER_ANSWER = 16
"""How many calls of one answer are taken up; the model is told that the others were not."""
MAX_LOSSES = 2
"""A call that was lost is made again once; when that is lost too, the run waits to be resumed."""


def advance(run: Run, event: events.AnyEvent) -> NextStep:
    """The run after an event, and what it wants done. A run that is over wants nothing more.

    But one that is blocked can still be let go, or dropped, by the founder.
    """
    if (
        isinstance(event, events.Waived)
        and run.phase is RunPhase.BLOCKED
        and event.trigger in run.waivable_holds
    ):
        return draft_decision.on_waiver(run, event)
    if isinstance(event, events.Cancelled) and run.can_be_ended:
        return replace(
            run, phase=RunPhase.CANCELLED, reason=event.reason, waits_for=()
        ), []
    if run.is_over or (event.effect and event.effect not in run.waits_for):
        return run, []
    return finish_ending(run, event) if run.ending else apply_event(run, event)


def apply_event(run: Run, event: events.AnyEvent) -> NextStep:  # noqa: PLR0911, C901  one for each event
    """What comes of an event while the work goes on."""
    match event:
        case events.TaskAsked():
            return ask_model(run)
        case events.Answered():
            return on_answer(replace(run, turns=run.turns + 1, lost=0), event)
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
            return draft_decision.start_reviews(
                draft_decision.with_due_reviews(run, event.due)
            )
        case events.Reviewed():
            return draft_decision.on_review(run, event)
        case events.Waived():
            return (
                draft_decision.on_waiver(run, event)
                if event.trigger in run.waivable_holds
                else (run, [])
            )
        case events.Delivered():
            reason = "" if event.produced else "nothing changed of what it produces"
            return end_run(run, RunPhase.DONE, reason, learn=event.dear)
        case events.Refused():
            phase = (
                RunPhase.OUT_OF_BUDGET
                if event.limit is events.CallLimit.BUDGET
                else RunPhase.FAILED
            )
            silent = event.limit in {events.CallLimit.BUDGET, events.CallLimit.LOOP}
            return end_run(run, phase, event.reason, learn=not silent)
        case events.ModelFailed():
            return on_failure(run, event)
        case events.Cancelled() | events.Remembered():
            return finish_run(run)
        case _:
            assert_never(event)


def finish_ending(run: Run, event: events.AnyEvent) -> NextStep:
    """The work has ended: a lesson is learned if there is one, a prompt's end is remembered."""
    if isinstance(event, events.Remembered):
        return replace(run, phase=run.ending or RunPhase.DONE, waits_for=()), []
    if isinstance(
        event, events.Waived
    ):  # what is blocked can be let go once it has ended
        return run, []
    if isinstance(event, events.Answered):
        run = replace(run, turns=run.turns + 1)
        lesson = next(
            (
                c
                for c in event.calls
                if isinstance(actions.read_call(c, run.tools), actions.Lesson)
            ),
            None,
        )
        if lesson:
            return order_effects(run, [effects.UseTool(number=run.next, call=lesson)])
    return finish_run(run)


def on_answer(run: Run, event: events.Answered) -> NextStep:
    """An answer is cut, refused, empty, wants tools, or is what was asked for."""
    final = event.text.strip() and not (event.calls and run.round)
    run = replace(run, answer=event.effect) if final else run
    if event.stop is model_messages.StopReason.REFUSED:
        return end_run(run, RunPhase.REFUSED, "the model refused to answer")
    if event.stop is model_messages.StopReason.LENGTH:
        return end_run(
            run,
            RunPhase.FAILED,
            "the answer was cut at its longest allowed length",
            learn=True,
        )
    if event.calls:
        return on_calls(run, event)
    if run.job in REQUIRED_TOOL and not run.pressed and run.turns < run.max_turns:
        return ask_model(replace(run, pressed=True))
    if not final:
        return end_run(run, RunPhase.FAILED, "the model answered nothing", learn=True)
    return draft_decision.on_draft(run)


def on_calls(run: Run, event: events.Answered) -> NextStep:
    """Take up as many calls as the caps leave; some of them end the work instead."""
    said = [actions.read_call(call, callable_tools(run)) for call in event.calls]
    if run.job in {RunJob.REVIEW, RunJob.CLASSIFY} and any(
        isinstance(action, actions.GiveVerdict | actions.Consult) for action in said
    ):
        return end_run(replace(run, answer=event.effect), RunPhase.DONE, "")
    if run.round and any(isinstance(action, actions.Keep) for action in said):
        return draft_decision.on_draft(run)
    left = min(MAX_CALLS_PER_ANSWER, run.max_tool_calls - run.tool_calls)
    if run.turns >= run.max_turns:
        return end_run(
            run, RunPhase.OUT_OF_BUDGET, f"it has had its {run.max_turns} turns"
        )
    if left <= 0:
        return end_run(
            run,
            RunPhase.OUT_OF_BUDGET,
            f"it has had its {run.max_tool_calls} tool calls",
        )
    taken = event.calls[:left]
    orders = list[effects.CallEffect]()
    for call in taken:
        made = effect_for_call(run, call, run.next + len(orders))
        if isinstance(made, effects.ChildEffect):
            run = replace(run, children=run.children + 1)
        orders.append(made)
    return order_effects(replace(run, tool_calls=run.tool_calls + len(taken)), orders)


def effect_for_call(
    run: Run, call: model_messages.ToolCall, number: int
) -> effects.CallEffect:
    """What a call asks for. One that cannot be read, was not granted or is one too many is refused as a tool's."""
    action = actions.read_call(call, run.tools)
    crowded = bool(too_many_children(run.children, run.max_children))
    if isinstance(action, actions.Gather) and not crowded:
        return effects.StartTask(
            number=number, call=call, question=action.question, handle=action.handle
        )
    if isinstance(action, actions.AskTheFounder):
        return effects.AskFounder(number=number, call=call, question=action.question)
    if isinstance(action, actions.Improve) and not crowded:
        return effects.ProposeImprovement(number=number, call=call, gap=action.gap)
    if isinstance(action, actions.Delegate) and not crowded:
        return effects.DelegateWork(
            number=number,
            call=call,
            agent=action.agent,
            task=action.task,
            what=action.what,
        )
    again = isinstance(action, actions.MisreadCall) and own_tool_name(
        run, call.name
    ) in {"", *run.misread}
    return effects.UseTool(number=number, call=call, again=again)


def own_tool_name(run: Run, tool: str) -> str:
    """The run's own name for a tool, however a model spells it; empty for one that it does not have."""
    return next((name for name in run.tools if name.casefold() == tool.casefold()), "")


def on_reply(run: Run, event: events.ToolReply) -> NextStep:
    """One of several is back; the model is asked again when all of them are."""
    run = draft_decision.stop_waiting_for(run, event.effect)
    if isinstance(event, events.Delegated):
        run = draft_decision.with_due_reviews(run, event.owed, anew=True)
    if isinstance(event, events.ToolReturned):
        tool = own_tool_name(run, event.tool)
        others = tuple(name for name in run.misread if name != tool)
        run = replace(
            run, misread=(*others, tool) if event.misread and tool else others
        )
    return (run, []) if run.waits_for else ask_model(run)


def on_failure(run: Run, event: events.ModelFailed) -> NextStep:
    """A lost call is made again once; everything else, and a second loss, waits until the run is resumed.

    A reviewer is not waited for: its review is owed.
    """
    again = event.trouble is Trouble.LOST and (
        run.lost + 1 < MAX_LOSSES or event.recovered
    )
    if not again and run.job in {RunJob.REVIEW, RunJob.CLASSIFY}:
        return end_run(run, RunPhase.FAILED, event.reason)
    if event.trouble is Trouble.LOST:
        run = replace(run, lost=MAX_LOSSES - 1)
    return ask_model(run, held=not again)
