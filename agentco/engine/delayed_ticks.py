"""Tasks that are ticked with the delivery: work that can still be blocked marks nothing done."""

from collections.abc import Iterable

from agentco.ports.store import Transaction
from agentco.runs.actions import Board
from agentco.runs.board_changes import TICKED_LATER, ticks_of
from agentco.runs.effects import UseTool
from agentco.runs.events import ToolReturned
from agentco.runs.run import Run, RunJob
from agentco.runs.run_record import StoryEntry
from agentco.runs.tool_calls import MisreadCall, read_call, without_note


def ticks_wait(run: Run) -> bool:
    """Whether a run can still be blocked: what it marks as done is marked with its delivery."""
    return run.job is RunJob.WORK and not run.quick


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
        if isinstance(entry.effect, UseTool) and is_delayed_tick(entry.effect, entry):
            action = read_call(entry.effect.call, run.tools)
            if not isinstance(action, MisreadCall):
                ticks += ticks_of(action)
    return tuple(ticks)


def is_delayed_tick(order: UseTool, entry: StoryEntry) -> bool:
    """Whether an agent was told that what it called for is ticked later."""
    if not isinstance(entry.event, ToolReturned) or not entry.event.ok:
        return False
    said = without_note(order.call, entry.event.text)
    return said.partition("\n")[0] == TICKED_LATER
