"""What comes next in a run: the same run and event give the same result.

asked ──> ask the model ──> answered ──> use its tools ──> returned (all of them) ──> ask the model …
└──> deliver ──> delivered ──> remember how a prompt ended ──> over
"""

from typing import assert_never

from msgspec.structs import replace

from agentco.errors import Trouble
from agentco.work import actions, effects, events, talk
from agentco.work.run import Phase, Run

AT_ONCE = 16
"""How many calls of one answer are taken up; the model is told that the others were not."""
LOSSES = 2
"""A call that was lost is made again once; when that is lost too, the run waits to be resumed."""

Next = tuple[Run, list[effects.Wanted]]


def advance(run: Run, event: events.Happened) -> Next:  # noqa: PLR0911  one for each event
    """The run after an event, and what it wants done. A run that is over wants nothing."""
    if run.over or (event.effect and event.effect not in run.waits_for):
        return run, []
    match event:
        case events.Asked():
            return ask(run)
        case events.Answered():
            return answered(replace(run, turns=run.turns + 1, lost=0), event)
        case events.ToolReturned() | events.ChildFinished() | events.Decided():
            return joined(run, event)
        case events.Delivered():
            return end(run, Phase.DONE, "" if event.produced else "nothing changed of what it produces")
        case events.Remembered():
            return replace(run, phase=run.ending or Phase.DONE, waits_for=()), []
        case events.Refused():
            return end(run, Phase.OUT_OF_BUDGET if event.limit is events.Limit.BUDGET else Phase.FAILED, event.reason)
        case events.Failed():
            return failed(run, event)
        case events.Cancelled():
            return replace(run, phase=Phase.CANCELLED, reason=event.reason, waits_for=()), []
        case _:
            assert_never(event)


def ask(run: Run, *, held: bool = False) -> Next:
    """The next turn; the last one that the caps allow gets no tools."""
    last = run.turns + 1 >= run.max_turns or run.tool_calls >= run.max_tool_calls
    return wants(run, [effects.AskModel(number=run.next, held=held, last=last)])


def wants(run: Run, orders: list[effects.Wanted]) -> Next:
    """The run once it waits for these."""
    return replace(run, next=run.next + len(orders), waits_for=tuple(order.number for order in orders)), orders


def answered(run: Run, event: events.Answered) -> Next:
    """An answer is cut, refused, empty, wants tools, or is what was asked for."""
    run = replace(run, answer=event.effect) if event.text.strip() else run
    if event.stop is talk.Stop.REFUSED:
        return end(run, Phase.REFUSED, "the model refused to answer")
    if event.stop is talk.Stop.LENGTH:
        return end(run, Phase.FAILED, "the answer was cut at its longest allowed length")
    if event.calls:
        return called(run, event.calls)
    if not event.text.strip():
        return end(run, Phase.FAILED, "the model answered nothing")
    return wants(run, [effects.Deliver(number=run.next, answer=event.effect)])


def called(run: Run, calls: tuple[talk.ToolCall, ...]) -> Next:
    """Take up as many calls as the caps leave."""
    left = min(AT_ONCE, run.max_tool_calls - run.tool_calls)
    if run.turns >= run.max_turns:
        return end(run, Phase.OUT_OF_BUDGET, f"it has had its {run.max_turns} turns")
    if left <= 0:
        return end(run, Phase.OUT_OF_BUDGET, f"it has had its {run.max_tool_calls} tool calls")
    taken = calls[:left]
    run = replace(run, tool_calls=run.tool_calls + len(taken))
    return wants(run, [order(run, call, run.next + i) for i, call in enumerate(taken)])


def order(run: Run, call: talk.ToolCall, number: int) -> effects.Spoken:
    """What a call asks for. One that cannot be read or was not granted is a tool's to refuse."""
    action = actions.read_call(call, run.tools)
    if isinstance(action, actions.Gather):
        return effects.StartTask(number=number, call=call, question=action.question, handle=action.handle)
    if isinstance(action, actions.AskTheFounder):
        return effects.AskFounder(number=number, call=call, question=action.question)
    again = isinstance(action, actions.Misread) and known(run, call.name) in {"", *run.misread}
    return effects.UseTool(number=number, call=call, again=again)


def known(run: Run, tool: str) -> str:
    """The run's own name for a tool, however a model spells it; empty for one that it does not have."""
    return next((name for name in run.tools if name.casefold() == tool.casefold()), "")


def joined(run: Run, event: events.Replied) -> Next:
    """One of several is back; the model is asked again when all of them are."""
    run = replace(run, waits_for=tuple(n for n in run.waits_for if n != event.effect))
    if isinstance(event, events.ToolReturned):
        tool = known(run, event.tool)
        others = tuple(name for name in run.misread if name != tool)
        run = replace(run, misread=(*others, tool) if event.misread and tool else others)
    return (run, []) if run.waits_for else ask(run)


def failed(run: Run, event: events.Failed) -> Next:
    """A lost call is made again once; everything else, and a second loss, waits until the run is resumed."""
    if event.trouble is not Trouble.LOST:
        return ask(run, held=True)
    held = run.lost + 1 >= LOSSES and not event.recovered
    return ask(replace(run, lost=LOSSES - 1), held=held)


def end(run: Run, phase: Phase, reason: str) -> Next:
    """The run is over; one of a prompt first writes down how it ended."""
    run = replace(run, reason=reason, waits_for=())
    if not run.prompt:
        return replace(run, phase=phase), []
    outcome = "failed" if phase is not Phase.DONE else "no-result" if reason else "ok"
    return wants(replace(run, ending=phase), [effects.Remember(number=run.next, prompt=run.prompt, outcome=outcome)])
