"""The sprint board as the founder sees it, and changes it one task at a time."""

from collections.abc import Callable
from datetime import date
from difflib import get_close_matches

from msgspec import Struct
from msgspec.structs import replace

from agentco.board import changes, taking_back
from agentco.board.document import TaskBoard
from agentco.board.taking_back import BoardRecord
from agentco.board.task import Task
from agentco.board.typed_task import read_typed_task
from agentco.day.decisions import decision_entity
from agentco.desk.open_company import OpenCompany
from agentco.file_formats.api_keys import require_no_key
from agentco.kernel.errors import Diagnostic, WrongUsage
from agentco.kernel.names import FOUNDER
from agentco.kernel.words import shell_quote

Change = Callable[[TaskBoard], TaskBoard]
OWNER_LIKENESS = 0.75
"""Less than that is another name: cfo is not a slip of cto."""
UNDO_HINT = "agentco board edit opens the board in your editor"


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


class BoardTakenBack(Struct, frozen=True, kw_only=True):
    """Which change was taken back, and of which task; both empty for an edit by hand."""

    did: str
    task: str
    title: str


class BoardEdited(Struct, frozen=True, kw_only=True):
    """How many lines an edit by hand changed, and what on the board cannot be read now."""

    lines: int
    problems: tuple[Diagnostic, ...]


class _Edit(Struct, frozen=True, kw_only=True):
    changed: bool
    before: TaskBoard
    after: TaskBoard
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
    text: str,
    *,
    owner: str | None = None,
    due: date | None = None,
    pri: int | None = None,
    column: str | None = None,
) -> BoardChange:
    """Add a task at the end of a column: "This week", else Backlog, else the first.

    `@owner`, `due:`, `pri:` and `#tags` in the text mean what they mean on the board; what is
    given beside it counts more. Raises WrongUsage for an owner that is nearly one of ours.
    """
    require_no_key([text])
    typed = read_typed_task(text, company.today())
    owner = owner or typed.owner
    _require_likely_owner(company, owner)

    task = replace(
        typed, owner=owner, due=due or typed.due, pri=typed.pri if pri is None else pri
    )
    edit = _edit(company, lambda board: changes.add_task(board, task, column))
    place = edit.task.column or "the board"
    return _change(company, edit, "add", f"added to {place}")


def _require_likely_owner(company: OpenCompany, owner: str | None) -> None:
    """Refuse an owner who is nobody, where one who works here has nearly that name."""
    if owner is None:
        return
    name = owner.removeprefix("@").casefold()
    names = [FOUNDER, *(agent.id for agent in company.files.load().agents)]
    names += [task.owner for task in company.board.read().tasks if task.owner]
    if name in {known.casefold() for known in names}:
        return
    close = get_close_matches(name, names, n=1, cutoff=OWNER_LIKENESS)
    if close:
        raise WrongUsage(
            f"no agent is called {owner!r}", hint=f"did you mean @{close[0]}?"
        )


def take_back(company: OpenCompany, did: str, name: str = "") -> BoardTakenBack:
    """Take back the last change of a kind, of the task with this id or title if one is named.

    Raises WrongUsage where there is none, or its lines were changed since.
    """
    company.require_writable()
    record = _find_record(company, did, name)
    company.board.update(lambda board: taking_back.take_back(board, record))
    company.board.forget_change(record)
    return BoardTakenBack(did=did, task=record.task, title=record.title)


def _find_record(company: OpenCompany, did: str, name: str) -> BoardRecord:
    wanted = name.strip().casefold()
    for record in reversed(company.board.last_changes()):
        is_named = wanted in {"", record.task.casefold(), record.title.casefold()}
        if record.did == did and is_named:
            return record
    what = f"no 'board {did}' of {name!r}" if wanted else f"no 'board {did}'"
    raise WrongUsage(f"{what} to take back", hint=UNDO_HINT)


def begin_editing(company: OpenCompany) -> TaskBoard:
    """The board before the founder edits it, made if there is none."""
    company.require_writable()
    company.board.update(
        lambda board: board if board.lines else changes.with_backlog(board)
    )
    return company.board.read()


def end_editing(company: OpenCompany, before: TaskBoard) -> BoardEdited:
    """What an edit came to, and what on the board cannot be read now."""
    after = company.board.read()
    record = _record(company, "edit", before, after)
    if record.changes:
        company.board.keep_change(record)
    return BoardEdited(
        lines=sum(max(len(c.before), len(c.after)) for c in record.changes),
        problems=tuple(after.problems),
    )


def _record(
    company: OpenCompany,
    did: str,
    before: TaskBoard,
    after: TaskBoard,
    task: Task | None = None,
) -> BoardRecord:
    return BoardRecord(
        did=did,
        task=(task and task.id) or "",
        title=task.title if task else "",
        at=company.now_iso(),
        changes=taking_back.find_line_changes(before, after),
    )


def mark_done(company: OpenCompany, name: str) -> BoardChange:
    """Tick a task, with today's date. Raises WrongUsage for an unknown task."""
    on = company.today()
    edit = _edit(company, lambda board: changes.mark_done(board, name, on), name)
    return _change(company, edit, "done", "done")


def reopen_task(company: OpenCompany, name: str) -> BoardChange:
    """Take a tick back. Raises WrongUsage for an unknown task."""
    edit = _edit(company, lambda board: changes.reopen_task(board, name), name)
    again = f"agentco board done {_reference(edit.task)}"
    return _change(company, edit, "", "reopened", undo=again)


def move_task(company: OpenCompany, name: str, column: str) -> BoardChange:
    """Move a task, with its notes and sub-items, to the end of a column."""
    edit = _edit(company, lambda board: changes.move_task(board, name, column), name)
    return _change(company, edit, "move", f"moved to {edit.task.column}")


def rescope_task(company: OpenCompany, name: str, title: str, due: date) -> BoardChange:
    """Decide that a task becomes another one, by another date.

    Raises WrongUsage for a date that is over.
    """
    require_no_key([title])
    on = company.today()
    if due < on:
        hint = "choose a future day, such as +7d"
        raise WrongUsage(f"{due} is in the past", hint=hint)
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
    require_no_key([why])
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
    return _Edit(changed=changed, before=before, after=after, was=was, task=task)


def _decide(company: OpenCompany, name: str, change: Change, done: str) -> BoardChange:
    edit = _edit(company, change, name)
    return _change(company, edit, "decide", done)


def _change(
    company: OpenCompany, edit: _Edit, did: str, done: str, undo: str = ""
) -> BoardChange:
    """Say what was done. What a command `did` is kept, so that it can be taken back."""
    if did and edit.changed:
        record = _record(company, did, edit.before, edit.after, edit.task)
        if company.board.keep_change(record):
            undo = f"agentco board {did} {_reference(edit.task)} --undo"
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
