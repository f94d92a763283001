"""Tasks that are ticked with the delivery: work that can still be blocked marks nothing done."""

from collections.abc import Iterable

from agentco.ports.store import Transaction
from agentco.runs.actions import Action, Board, BoardAct
from agentco.runs.effects import FileImage, UseTool
from agentco.runs.events import ToolReturned
from agentco.runs.run import Run, RunJob
from agentco.runs.run_record import StoryEntry
from agentco.runs.tool_calls import MisreadCall, read_call

TICKED_LATER = "it is ticked when your work is delivered"
"""What an agent hears; the story knows a delayed tick by it."""


def is_ticked_on_delivery(
    run: Run, action: Action | MisreadCall | None, image: FileImage | None
) -> bool:
    """Whether an action ticks a task, and its run can still be blocked."""
    if not isinstance(action, Board) or action.operation is not BoardAct.DONE:
        return False
    changes = image is not None and image.before != image.after
    return changes and run.job is RunJob.WORK and not run.quick


def pending_ticks(
    tx: Transaction, run: Run, story: Iterable[StoryEntry]
) -> tuple[Board, ...]:
    """Return what is ticked with the delivery of a run.

    Nothing is if a review is still owed, or the agent may only read by now.
    """
    if run.quick or run.waivable_holds or tx.restriction_reason(run.agent):
        return ()
    ticks = list[Board]()
    for entry in story:
        if isinstance(entry.effect, UseTool) and is_delayed_tick(entry):
            action = read_call(entry.effect.call, run.tools)
            if isinstance(action, Board):
                ticks.append(action)
    return tuple(ticks)


def is_delayed_tick(entry: StoryEntry) -> bool:
    """Whether an agent was told that a task is ticked later."""
    return isinstance(entry.event, ToolReturned) and entry.event.text == TICKED_LATER
