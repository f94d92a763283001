"""What comes of an answer that was cut at its longest length: it goes on where it stopped.

cut in a text ──> go on, three times at most ──> whole, or failed with what there is of it
cut in a call, or before a word was said ──> once more from there, with twice the room
"""

from msgspec.structs import replace

from agentco.runs import events
from agentco.runs.run import Run, RunPhase
from agentco.runs.steps import (
    REQUIRED_TOOL,
    NextStep,
    ask_model,
    callable_tools,
    end_run,
)
from agentco.runs.tool_calls import begins_call

MAX_CONTINUATIONS = 3


def on_cut(run: Run, event: events.Answered) -> NextStep:
    """Have the model go on, or begin again with more room; else the run fails."""
    said = len(event.text.rstrip())
    is_stuck = bool(run.goes_on) and said <= run.said
    if event.calls or not said or _is_in_call(run, event):
        if run.longer:
            return fail_cut(run, event, "and again with twice the room")
        return ask_model(replace(run, longer=True))
    if is_stuck:
        return fail_cut(run, event, "and nothing was added when it was asked to go on")
    if run.cuts >= MAX_CONTINUATIONS:
        return fail_cut(run, event, f"{run.cuts + 1} times in a row")
    going_on = replace(
        run, goes_on=event.effect, cuts=run.cuts + 1, said=said, longer=False
    )
    return ask_model(going_on)


def fail_cut(run: Run, event: events.Answered, how: str) -> NextStep:
    """End a run whose answer cannot be made whole; the reason says where the rest is kept."""
    reason = f"the answer was cut at its longest allowed length, {how}"
    if event.text.strip():
        reason += f"; what arrived is kept: agentco runs show {run.id}"
    return end_run(whole_again(run), RunPhase.FAILED, reason, learn=True)


def whole_again(run: Run) -> Run:
    """The run whose last answer is not to be gone on with."""
    return replace(run, goes_on=0, cuts=0, said=0, longer=False)


def _is_in_call(run: Run, event: events.Answered) -> bool:
    """Whether the cut went through a call of a tool that was written as text."""
    is_demanded = run.pressed and run.job in REQUIRED_TOOL
    return is_demanded or begins_call(event.text, callable_tools(run))
