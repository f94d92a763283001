"""What comes next in a run: the same run and event give the same result.

asked ──> ask the model ──> answered ──> use its tools ──> returned (all of them) ──> ask the model …
└──> a draft: review.py ──> deliver ──> delivered ──> what is learned, how a prompt ended ──> over
"""

from typing import assert_never

from msgspec.structs import replace

from agentco.kernel.errors import Trouble
from agentco.review.chain import crowd
from agentco.runs import actions, draft_decision, effects, events, model_messages
from agentco.runs.run import Job, Phase, Run
from agentco.runs.steps import MUST, Next, ask, callable_in, end, over, wants

AT_ONCE = 16
"""How many calls of one answer are taken up; the model is told that the others were not."""
LOSSES = 2
"""A call that was lost is made again once; when that is lost too, the run waits to be resumed."""


def advance(run: Run, event: events.Happened) -> Next:
    """The run after an event, and what it wants done. A run that is over wants nothing more.

    But one that is blocked can still be let go, or dropped, by the founder.
    """
    if (
        isinstance(event, events.Waived)
        and run.phase is Phase.BLOCKED
        and event.trigger in run.holds
    ):
        return draft_decision.waived(run, event)
    if isinstance(event, events.Cancelled) and run.undecided:
        return replace(
            run, phase=Phase.CANCELLED, reason=event.reason, waits_for=()
        ), []
    if run.over or (event.effect and event.effect not in run.waits_for):
        return run, []
    return last_words(run, event) if run.ending else happened(run, event)


def happened(run: Run, event: events.Happened) -> Next:  # noqa: PLR0911, C901  one for each event
    """What comes of an event while the work goes on."""
    match event:
        case events.Asked():
            return ask(run)
        case events.Answered():
            return answered(replace(run, turns=run.turns + 1, lost=0), event)
        case (
            events.ToolReturned()
            | events.ChildFinished()
            | events.Delegated()
            | events.Decided()
        ):
            return joined(run, event)
        case events.Examined():
            return draft_decision.examined(run, event)
        case events.Classified():
            return draft_decision.begin(draft_decision.with_due(run, event.due))
        case events.Reviewed():
            return draft_decision.reviewed(run, event)
        case events.Waived():
            return (
                draft_decision.waived(run, event)
                if event.trigger in run.holds
                else (run, [])
            )
        case events.Delivered():
            reason = "" if event.produced else "nothing changed of what it produces"
            return end(run, Phase.DONE, reason, learn=event.dear)
        case events.Refused():
            phase = (
                Phase.OUT_OF_BUDGET
                if event.limit is events.Limit.BUDGET
                else Phase.FAILED
            )
            silent = event.limit in {events.Limit.BUDGET, events.Limit.LOOP}
            return end(run, phase, event.reason, learn=not silent)
        case events.Failed():
            return failed(run, event)
        case events.Cancelled() | events.Remembered():
            return over(run)
        case _:
            assert_never(event)


def last_words(run: Run, event: events.Happened) -> Next:
    """The work has ended: a lesson is learned if there is one, a prompt's end is remembered."""
    if isinstance(event, events.Remembered):
        return replace(run, phase=run.ending or Phase.DONE, waits_for=()), []
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
            return wants(run, [effects.UseTool(number=run.next, call=lesson)])
    return over(run)


def answered(run: Run, event: events.Answered) -> Next:
    """An answer is cut, refused, empty, wants tools, or is what was asked for."""
    final = event.text.strip() and not (event.calls and run.round)
    run = replace(run, answer=event.effect) if final else run
    if event.stop is model_messages.Stop.REFUSED:
        return end(run, Phase.REFUSED, "the model refused to answer")
    if event.stop is model_messages.Stop.LENGTH:
        return end(
            run,
            Phase.FAILED,
            "the answer was cut at its longest allowed length",
            learn=True,
        )
    if event.calls:
        return called(run, event)
    if run.job in MUST and not run.pressed and run.turns < run.max_turns:
        return ask(replace(run, pressed=True))
    if not final:
        return end(run, Phase.FAILED, "the model answered nothing", learn=True)
    return draft_decision.drafted(run)


def called(run: Run, event: events.Answered) -> Next:
    """Take up as many calls as the caps leave; some of them end the work instead."""
    said = [actions.read_call(call, callable_in(run)) for call in event.calls]
    if run.job in {Job.REVIEW, Job.CLASSIFY} and any(
        isinstance(action, actions.GiveVerdict | actions.Consult) for action in said
    ):
        return end(replace(run, answer=event.effect), Phase.DONE, "")
    if run.round and any(isinstance(action, actions.Keep) for action in said):
        return draft_decision.drafted(run)
    left = min(AT_ONCE, run.max_tool_calls - run.tool_calls)
    if run.turns >= run.max_turns:
        return end(run, Phase.OUT_OF_BUDGET, f"it has had its {run.max_turns} turns")
    if left <= 0:
        return end(
            run, Phase.OUT_OF_BUDGET, f"it has had its {run.max_tool_calls} tool calls"
        )
    taken = event.calls[:left]
    orders = list[effects.Spoken]()
    for call in taken:
        made = order(run, call, run.next + len(orders))
        if isinstance(made, effects.Starts):
            run = replace(run, children=run.children + 1)
        orders.append(made)
    return wants(replace(run, tool_calls=run.tool_calls + len(taken)), orders)


def order(run: Run, call: model_messages.ToolCall, number: int) -> effects.Spoken:
    """What a call asks for. One that cannot be read, was not granted or is one too many is refused as a tool's."""
    action = actions.read_call(call, run.tools)
    crowded = bool(crowd(run.children, run.max_children))
    if isinstance(action, actions.Gather) and not crowded:
        return effects.StartTask(
            number=number, call=call, question=action.question, handle=action.handle
        )
    if isinstance(action, actions.AskTheFounder):
        return effects.AskFounder(number=number, call=call, question=action.question)
    if isinstance(action, actions.Improve) and not crowded:
        return effects.Improve(number=number, call=call, gap=action.gap)
    if isinstance(action, actions.Delegate) and not crowded:
        return effects.Delegate(
            number=number,
            call=call,
            agent=action.agent,
            task=action.task,
            what=action.what,
        )
    again = isinstance(action, actions.Misread) and known(run, call.name) in {
        "",
        *run.misread,
    }
    return effects.UseTool(number=number, call=call, again=again)


def known(run: Run, tool: str) -> str:
    """The run's own name for a tool, however a model spells it; empty for one that it does not have."""
    return next((name for name in run.tools if name.casefold() == tool.casefold()), "")


def joined(run: Run, event: events.Replied) -> Next:
    """One of several is back; the model is asked again when all of them are."""
    run = draft_decision.without(run, event.effect)
    if isinstance(event, events.Delegated):
        run = draft_decision.with_due(run, event.owed, anew=True)
    if isinstance(event, events.ToolReturned):
        tool = known(run, event.tool)
        others = tuple(name for name in run.misread if name != tool)
        run = replace(
            run, misread=(*others, tool) if event.misread and tool else others
        )
    return (run, []) if run.waits_for else ask(run)


def failed(run: Run, event: events.Failed) -> Next:
    """A lost call is made again once; everything else, and a second loss, waits until the run is resumed.

    A reviewer is not waited for: its review is owed.
    """
    again = event.trouble is Trouble.LOST and (run.lost + 1 < LOSSES or event.recovered)
    if not again and run.job in {Job.REVIEW, Job.CLASSIFY}:
        return end(run, Phase.FAILED, event.reason)
    if event.trouble is Trouble.LOST:
        run = replace(run, lost=LOSSES - 1)
    return ask(run, held=not again)
