"""What a call of the board's tool changes, and which part of it waits for the delivery."""

from collections.abc import Iterator

from msgspec import UNSET

from agentco.board.document import is_done_column
from agentco.runs.actions import Action, Board, BoardAct, BoardChange

TICKED_LATER = "it is ticked when your work is delivered"
"""What an agent hears; the story knows a delayed tick by it."""


def changes_of(action: Board) -> tuple[BoardChange, ...]:
    """Every change of a call, in order; none for one that only looks."""
    if action.operation is BoardAct.SHOW:
        return ()
    if action.operation is BoardAct.SEVERAL:
        return () if action.changes is UNSET else action.changes
    return (action,)


def marks_done(change: BoardChange) -> bool:
    """Whether a change says that a task is done: a tick, or a move to where done ones are."""
    if change.operation is BoardAct.MOVE:
        return is_done_column(change.column)
    return change.operation is BoardAct.DONE


def ticks_of(action: Action) -> Iterator[Board]:
    """Yield what a call marks as done, each as a call of its own."""
    if not isinstance(action, Board):
        return
    for change in changes_of(action):
        if marks_done(change):
            yield Board(operation=change.operation, id=change.id, column=change.column)


def texts_of(action: Board) -> Iterator[str]:
    """Yield what a call says in words of its own."""
    for change in changes_of(action):
        yield change.title
        if change.waits_for is not UNSET:
            yield change.waits_for


def ruled_operations(action: Board) -> tuple[str, ...]:
    """The operations that rules are held against: of several changes those of each."""
    named = dict.fromkeys(change.operation for change in changes_of(action))
    if any(map(marks_done, changes_of(action))):
        named[BoardAct.DONE] = None
    return tuple(map(str, named)) or (str(action.operation),)
