"""What one change of a call makes of the board: the arguments of a model, read with care."""

from collections.abc import Callable
from datetime import date

from msgspec import UNSET, Struct

from agentco.adapters.tools import board_names
from agentco.board import changes, task_edits
from agentco.board.document import TaskBoard, is_done_column
from agentco.board.task import Task
from agentco.board.typed_task import NewTask
from agentco.company.company import Company
from agentco.file_formats.api_keys import require_no_key
from agentco.kernel.dates import parse_iso_date
from agentco.kernel.errors import WrongUsage
from agentco.ports.outside import ToolCaller
from agentco.runs.actions import BoardAct, BoardChange
from agentco.runs.board_changes import marks_done

MAX_TITLE_CHARS = 1_000
CLEARED = "none"
"""What a model writes to take an owner, a date or a reason away."""
OWN_TASKS_ONLY = frozenset(
    {
        BoardAct.TITLE,
        BoardAct.OWNER,
        BoardAct.DUE,
        BoardAct.PRIORITY,
        BoardAct.BLOCKED,
        BoardAct.DELETE,
    }
)
"""What rules are asked about again, with the owner, where the task is somebody else's."""


class BoardDesk(Struct, frozen=True, kw_only=True):
    """Who changes the board of which company, on which of its days."""

    company: Company
    caller: ToolCaller
    today: date


def change_board(board: TaskBoard, change: BoardChange, desk: BoardDesk) -> TaskBoard:
    """A board after one change."""
    if change.operation is BoardAct.ADD:
        return add_task(board, change, desk.company)
    if change.operation in {BoardAct.SHOW, BoardAct.SEVERAL}:
        what = f"{change.operation} is no change"
        raise WrongUsage(what, hint="call it alone, with its own arguments")
    task = named_task(board, change)
    edit = EDITS[change.operation]
    return edit(board, task, change, desk)


def named_task(board: TaskBoard, change: BoardChange) -> Task:
    """The task that a change is about; a part of a title is enough to tick or move it."""
    may_be_part = change.operation in {BoardAct.DONE, BoardAct.MOVE}
    return board_names.find_task(board, change.id, may_be_part=may_be_part)


def others_target(
    before: TaskBoard, after: TaskBoard, change: BoardChange, desk: BoardDesk
) -> tuple[str, ...]:
    """How rules name a change of somebody else's task; empty if it is none."""
    if change.operation not in OWN_TASKS_ONLY or before == after:
        return ()
    owner = named_task(before, change).owner
    if owner is None:
        return ()
    agent = desk.company.find_agent(owner)
    name = agent.id if agent else owner
    if name.casefold() == desk.caller.agent.casefold():
        return ()
    return (f"{change.operation} @{name}",)


def add_task(board: TaskBoard, change: BoardChange, company: Company) -> TaskBoard:
    """A board with a new task."""
    if is_done_column(change.column):
        what = "a new task is not done"
        raise WrongUsage(what, hint="add it to another column; done ticks it")
    task = NewTask(
        title=require_text(change.title, "title"),
        owner=board_names.resolve_owner(change.owner, company),
        due=read_date(change.due),
        pri=None if change.priority is UNSET else change.priority,
    )
    return changes.add_task(board, task, change.column or None)


def edit_title(
    board: TaskBoard, task: Task, change: BoardChange, _: BoardDesk
) -> TaskBoard:
    """A board on which a task has another title."""
    return task_edits.set_title(board, task, require_text(change.title, "title"))


def edit_owner(
    board: TaskBoard, task: Task, change: BoardChange, desk: BoardDesk
) -> TaskBoard:
    """A board on which a task has another owner, or none."""
    name = require_value(change.owner, "owner", "an agent's id, founder, or none")
    owner = None if is_cleared(name) else board_names.resolve_owner(name, desk.company)
    return task_edits.set_owner(board, task, owner)


def edit_due(
    board: TaskBoard, task: Task, change: BoardChange, desk: BoardDesk
) -> TaskBoard:
    """A board on which a task has another date, or none."""
    text = require_value(change.due, "due", "a date such as 2026-11-25, or none")
    day = None if is_cleared(text) else read_date(text)
    return task_edits.set_due(board, task, day, desk.today)


def edit_priority(
    board: TaskBoard, task: Task, change: BoardChange, _: BoardDesk
) -> TaskBoard:
    """A board on which a task has another priority; 0 takes it away."""
    if change.priority is UNSET:
        what = "there is no priority"
        raise WrongUsage(what, hint="give one, 1 is the highest, 0 is none")
    return task_edits.set_priority(board, task, change.priority or None)


def edit_blocked(
    board: TaskBoard, task: Task, change: BoardChange, _: BoardDesk
) -> TaskBoard:
    """A board on which a task is blocked, or no longer."""
    text = "" if change.waits_for is UNSET else change.waits_for
    reason = require_value(text, "waits_for", "whom or what it waits for, or none")
    if is_cleared(reason):
        return task_edits.unblock_task(board, task)
    return task_edits.block_task(board, task, require_text(reason, "waits_for"))


def edit_done(
    board: TaskBoard, task: Task, _: BoardChange, desk: BoardDesk
) -> TaskBoard:
    """A board on which a task is ticked."""
    return changes.tick_task(board, task, desk.today)


def edit_place(
    board: TaskBoard, task: Task, change: BoardChange, desk: BoardDesk
) -> TaskBoard:
    """A board on which a task is in another column; in that for done ones it is ticked."""
    if marks_done(change):
        return task_edits.finish_task(board, task, change.column, desk.today)
    return changes.move_to_end(board, task, change.column)


def delete_task(
    board: TaskBoard, task: Task, _: BoardChange, _desk: BoardDesk
) -> TaskBoard:
    """A board without a task."""
    return task_edits.delete_task(board, task)


TaskEdit = Callable[[TaskBoard, Task, BoardChange, BoardDesk], TaskBoard]
EDITS: dict[BoardAct, TaskEdit] = {
    BoardAct.DONE: edit_done,
    BoardAct.MOVE: edit_place,
    BoardAct.TITLE: edit_title,
    BoardAct.OWNER: edit_owner,
    BoardAct.DUE: edit_due,
    BoardAct.PRIORITY: edit_priority,
    BoardAct.BLOCKED: edit_blocked,
    BoardAct.DELETE: delete_task,
}
"""What each operation does to a task that is there."""


def is_cleared(text: str) -> bool:
    """Whether a value is to be taken away."""
    return text.strip().casefold() == CLEARED


def require_value(text: str, field: str, what: str) -> str:
    """A value that was given. Raises WrongUsage without one."""
    if not text.strip():
        raise WrongUsage(f"there is no {field}", hint=f"give {what}")
    return text


def require_text(text: str, field: str) -> str:
    """A text that may stand on the board. Raises WrongUsage for a secret, or a page."""
    require_no_key([text], f"the {field}")
    if len(text) > MAX_TITLE_CHARS:
        what = f"the {field} has {len(text):,} characters"
        hint = f"{MAX_TITLE_CHARS:,} are the most: say the rest in a file"
        raise WrongUsage(what, hint=hint)
    return text


def read_date(text: str) -> date | None:
    """A date, None without one."""
    if not text:
        return None
    day = parse_iso_date(text)
    if day is None:
        raise WrongUsage(f"{text!r} is not a date", hint="write it as 2026-11-25")
    return day
