"""The sprint board as the founder sees it, and changes it one task at a time."""

from collections.abc import Callable
from datetime import date

from msgspec import Struct

from agentco.board import changes
from agentco.board.document import TaskBoard
from agentco.board.task import Task
from agentco.day.decisions import decision_entity
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import Diagnostic, WrongUsage
from agentco.kernel.words import shell_quote

Change = Callable[[TaskBoard], TaskBoard]


class ColumnView(Struct, frozen=True, kw_only=True):
    """A column with those of its tasks that were asked for."""

    name: str
    tasks: tuple[Task, ...]


class BoardView(Struct, frozen=True, kw_only=True):
    """What was asked for of the board, as of `today`, and what is wrong with its file."""

    columns: tuple[ColumnView, ...]
    problems: tuple[Diagnostic, ...]
    today: date


class BoardChange(Struct, frozen=True, kw_only=True):
    """What was done to a task, and how to take it back.

    `changed` is False, and `undo` empty, where it was so already.
    """

    changed: bool
    done: str
    undo: str
    task: Task
    today: date


class _Edit(Struct, frozen=True, kw_only=True):
    changed: bool
    before: TaskBoard
    was: Task
    task: Task


def view_board(
    company: OpenCompany, *, owner: str | None = None, column: str | None = None
) -> BoardView:
    """Look at the board, or only at one owner's tasks or one column.

    Raises WrongUsage for an unknown column, StateBroken if the file cannot be read.
    """
    board = company.board.read()
    columns = board.columns
    if column:
        columns = (changes.require_column(board, column),)
    views: list[ColumnView] = []
    for part in columns:
        tasks = (task for task in part.tasks if _is_owned_by(task, owner))
        views.append(ColumnView(name=part.name, tasks=tuple(tasks)))
    return BoardView(
        columns=tuple(views), problems=tuple(board.problems), today=company.today()
    )


def add_task(
    company: OpenCompany,
    title: str,
    *,
    owner: str | None = None,
    due: date | None = None,
    pri: int | None = None,
    column: str | None = None,
) -> BoardChange:
    """Add a task at the end of a column: "This week", else Backlog, else the first."""

    def change(board: TaskBoard) -> TaskBoard:
        return changes.add_task(
            board, title=title, column=column, owner=owner, due=due, pri=pri
        )

    edit = _edit(company, change)
    place = edit.task.column or "the board"
    undo = f"delete line {edit.task.line} of BOARD.md"
    return _change(company, edit, f"added to {place}", undo)


def mark_done(company: OpenCompany, name: str) -> BoardChange:
    """Tick a task, with today's date. Raises WrongUsage for an unknown task."""
    on = company.today()
    edit = _edit(company, lambda board: changes.mark_done(board, name, on), name)
    undo = f"agentco board done {_reference(edit.task)} --undo"
    return _change(company, edit, "done", undo)


def reopen_task(company: OpenCompany, name: str) -> BoardChange:
    """Take a tick back. Raises WrongUsage for an unknown task."""
    edit = _edit(company, lambda board: changes.reopen_task(board, name), name)
    undo = f"agentco board done {_reference(edit.task)}"
    return _change(company, edit, "open again", undo)


def move_task(company: OpenCompany, name: str, column: str) -> BoardChange:
    """Move a task, with its notes and sub-items, to the end of a column."""
    edit = _edit(company, lambda board: changes.move_task(board, name, column), name)
    place = shell_quote(edit.was.column)
    undo = f"agentco board move {_reference(edit.task)} {place}"
    return _change(company, edit, f"moved to {edit.task.column}", undo)


def rescope_task(company: OpenCompany, name: str, title: str, due: date) -> BoardChange:
    """Decide that a task becomes another one, by another date.

    Raises WrongUsage for a date that is over.
    """
    on = company.today()
    if due < on:
        hint = "choose a day that is still to come, such as +7d"
        raise WrongUsage(f"{due} is over", hint=hint)
    return _decide(
        company,
        name,
        lambda board: changes.rescope(board, name, title, due, on),
        f"rescoped to {due}",
    )


def demote_task(company: OpenCompany, name: str) -> BoardChange:
    """Decide that a task goes back to Backlog, without a date."""
    on = company.today()
    return _decide(
        company,
        name,
        lambda board: changes.demote(board, name, on),
        "demoted to Backlog",
    )


def kill_task(company: OpenCompany, name: str) -> BoardChange:
    """Decide to give a task up."""
    on = company.today()
    return _decide(company, name, lambda board: changes.kill(board, name, on), "killed")


def keep_task(company: OpenCompany, name: str, why: str) -> BoardChange:
    """Decide that a task stays as it is; the memory keeps why.

    Raises WrongUsage without a reason.
    """
    on = company.today()
    if not why.strip():
        hint = '--cause "the supplier is late until May"'
        raise WrongUsage("a cause needs words", hint=hint)
    company.require_writable()
    task = changes.find_task(company.board.read(), name)
    # The memory comes first: after a crash in between, deciding again mends it.
    company.memory.add([decision_entity(task, why, on, company.now_iso())])
    return _decide(
        company,
        name,
        lambda board: changes.cause(board, name, on),
        "kept, with its cause in the memory",
    )


def _is_owned_by(task: Task, owner: str | None) -> bool:
    if owner is None:
        return True
    return (task.owner or "").casefold() == owner.removeprefix("@").casefold()


def _edit(company: OpenCompany, change: Change, name: str | None = None) -> _Edit:
    """Change the board; without the name of a task, the one that changed is meant."""
    company.require_writable()
    tries: list[tuple[TaskBoard, TaskBoard]] = []

    def watch(board: TaskBoard) -> TaskBoard:
        after = change(board)
        tries.append((board, after))
        return after

    changed = company.board.update(watch)
    before, after = tries[-1]
    touched = changes.changed_tasks(before, after)
    was = touched[0] if name is None else changes.find_task(before, name)
    task = touched[0] if touched else was
    return _Edit(changed=changed, before=before, was=was, task=task)


def _decide(company: OpenCompany, name: str, change: Change, done: str) -> BoardChange:
    edit = _edit(company, change, name)
    line = edit.before.lines[edit.was.line - 1].strip()
    return _change(company, edit, done, f"in BOARD.md it was {line!r}")


def _change(company: OpenCompany, edit: _Edit, done: str, undo: str) -> BoardChange:
    return BoardChange(
        changed=edit.changed,
        done=done if edit.changed else "nothing to do",
        undo=undo if edit.changed else "",
        task=edit.task,
        today=company.today(),
    )


def _reference(task: Task) -> str:
    """How a command names a task."""
    return task.id or shell_quote(task.title)
