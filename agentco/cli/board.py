"""`agentco board`: show the sprint board, and change it one task at a time."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import (
    DueOption,
    JsonOption,
    print_answer,
    problem_location,
)
from agentco.kernel.date_words import date_from_words
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentco.desk.board import BoardChange
    from agentco.kernel.errors import Diagnostic


app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

TASK_HELP = "The task's id, or part of its title."
TaskName = Annotated[
    str, typer.Argument(metavar="ID", help=TASK_HELP, autocompletion=names_of("task"))
]
OWNER_HELP = "Show only this owner's tasks."
OwnerFilter = Annotated[
    str | None, typer.Option(help=OWNER_HELP, autocompletion=names_of("owner"))
]
ColumnFilter = Annotated[
    str | None,
    typer.Option(help="Show only this column.", autocompletion=names_of("column")),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Show every task, including done ones.")
]
TITLE_HELP = (
    "What to do, in one line; @owner, due:friday, pri:1 and #tags as on the board."
)
NewTitle = Annotated[str, typer.Argument(metavar="TITLE", help=TITLE_HELP)]
NEW_OWNER_HELP = "An agent's id, or founder."
NewOwner = Annotated[
    str | None, typer.Option(help=NEW_OWNER_HELP, autocompletion=names_of("owner"))
]
NewPriority = Annotated[int | None, typer.Option(min=0, help="1 is the highest.")]
COLUMN_HELP = "Default: This week, then Backlog, then the first column."
NewColumn = Annotated[
    str | None, typer.Option(help=COLUMN_HELP, autocompletion=names_of("column"))
]
UndoOption = Annotated[bool, typer.Option("--undo", help="Undo the change.")]
TargetColumn = Annotated[
    str | None,
    typer.Argument(help="The column's name.", autocompletion=names_of("column")),
]
RESCOPE_HELP = "Change the task to this, due by --due."
Rescope = Annotated[str | None, typer.Option(metavar="TITLE", help=RESCOPE_HELP)]
DEMOTE_HELP = "Move it back to Backlog, without a date."
Demote = Annotated[bool, typer.Option("--demote", help=DEMOTE_HELP)]
Kill = Annotated[bool, typer.Option("--kill", help="Drop it.")]
Cause = Annotated[
    str | None, typer.Option(metavar="WHY", help="Keep it, and record why it is late.")
]


@app.callback()
def show_board(
    ctx: typer.Context,
    owner: OwnerFilter = None,
    column: ColumnFilter = None,
    everything: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show or change the sprint board, BOARD.md.

    Tasks can be due, overdue, blocked or chronic. A chronic task has missed two dates and
    needs a decision.

    Examples:
      agentco board
      agentco board --owner marketing
      agentco board done T12
    """
    from agentco.desk.board import view_board
    from agentco.documents.board import board_document
    from agentco.terminal.board_screen import print_board

    if ctx.invoked_subcommand:
        return
    view = view_board(current_company.open_current(), owner=owner, column=column)
    if as_json:
        screen.print_json(board_document(view))
        return
    print_problems(view.problems)
    filtered = owner is not None or column is not None
    print_board(view, everything=everything, filtered=filtered)


@app.command()
def add(
    title: NewTitle,
    owner: NewOwner = None,
    due: DueOption = None,
    pri: NewPriority = None,
    column: NewColumn = None,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Add a task to the end of a column.

    Examples:
      agentco board add "Call the bank @cto due:friday"
      agentco board add "Sort the support mail" --column Backlog --pri 3
      agentco board add "Sort the support mail" --undo
    """
    from agentco.desk.board import add_task

    company = current_company.open_current()
    if undo:
        undo_change("add", title, as_json=as_json)
        return
    day = date_from_words(due, company.today()) if due else None
    change = add_task(company, title, owner=owner, due=day, pri=pri, column=column)
    print_change(change, as_json=as_json)


@app.command()
def done(name: TaskName, undo: UndoOption = False, as_json: JsonOption = False) -> None:
    """Mark a task as done today.

    Examples:
      agentco board done T12
      agentco board done T12 --undo
    """
    from agentco.desk.board import mark_done, reopen_task

    act = reopen_task if undo else mark_done
    print_change(act(current_company.open_current(), name), as_json=as_json)


@app.command()
def edit(undo: UndoOption = False, as_json: JsonOption = False) -> None:
    """Open the board in your editor, then say what on it cannot be read.

    The editor is VISUAL, else EDITOR, else the first one that is installed.

    Examples:
      agentco board edit
      agentco board edit --undo
    """
    from agentco.desk.board import begin_editing, end_editing
    from agentco.documents.board import edit_document
    from agentco.terminal.editor import edit_file

    if undo:
        undo_change("edit", "", as_json=as_json)
        return
    company = current_company.open_current()
    before = begin_editing(company)
    try:
        edit_file(company.board.path)
    finally:
        edited = end_editing(company, before)
    print_problems(edited.problems)
    line = "nothing changed"
    if edited.lines:
        lines = "1 line" if edited.lines == 1 else f"{edited.lines} lines"
        line = f"{lines} changed (take it back: agentco board edit --undo)"
    print_answer(edit_document(edited), line, as_json=as_json)


@app.command()
def move(
    name: TaskName,
    column: TargetColumn = None,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Move a task, with its notes and sub-items, to the end of a column.

    Examples:
      agentco board move T12 "In progress"
      agentco board move T12 --undo
    """
    from agentco.desk.board import move_task

    if undo:
        undo_change("move", name, as_json=as_json)
        return
    if column is None:
        hint = 'agentco board move T12 "In progress"'
        raise WrongUsage("name the column to move it to", hint=hint)
    change = move_task(current_company.open_current(), name, column)
    print_change(change, as_json=as_json)


@app.command()
def decide(
    name: TaskName,
    *,
    rescope: Rescope = None,
    due: DueOption = None,
    demote: Demote = False,
    kill: Kill = False,
    cause: Cause = None,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Decide what to do with a task that keeps missing its dates.

    Examples:
      agentco board decide T12 --rescope "Only the headline" --due friday
      agentco board decide T12 --demote
      agentco board decide T12 --cause "waits for the price"
      agentco board decide T12 --undo
    """
    from agentco.desk import board

    if undo:
        undo_change("decide", name, as_json=as_json)
        return
    if [rescope is not None, demote, kill, cause is not None].count(True) != 1:
        hint = "--rescope, --demote, --kill or --cause"
        raise WrongUsage("choose exactly one decision", hint=hint)
    if (rescope is None) != (due is None):
        hint = '--rescope "…" --due friday'
        raise WrongUsage("--rescope and --due go together", hint=hint)
    company = current_company.open_current()
    if rescope is not None and due is not None:
        day = date_from_words(due, company.today())
        change = board.rescope_task(company, name, rescope, day)
    elif cause is not None:
        change = board.keep_task(company, name, cause)
    elif demote:
        change = board.demote_task(company, name)
    else:
        change = board.kill_task(company, name)
    print_change(change, as_json=as_json)


def print_problems(problems: "Iterable[Diagnostic]") -> None:
    """Say on stderr what on the board cannot be read."""
    for problem in problems:
        where = problem_location(problem)
        screen.print_note(
            f"{where}: {problem.level}: {problem.message} ({problem.hint})"
        )


def undo_change(did: str, name: str, *, as_json: bool) -> None:
    """Take back the last change of a kind, and say which."""
    from agentco.desk.board import take_back
    from agentco.documents.board import taken_back_document

    back = take_back(current_company.open_current(), did, name)
    title = " ".join(filter(None, (back.task, back.title))) or "your edit"
    print_answer(taken_back_document(back), f"taken back: {title}", as_json=as_json)


def print_change(change: "BoardChange", *, as_json: bool) -> None:
    """Say what changed, and how to take it back."""
    from agentco.documents.board import change_document

    title = " ".join(filter(None, (change.task.id, change.task.title)))
    line = f"{change.done}: {title}"
    if change.undo:
        line = f"{line} (take it back: {change.undo})"
    print_answer(change_document(change), line, as_json=as_json)
