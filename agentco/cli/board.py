"""`agentco board`: show the sprint board, and change it one task at a time."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company
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
    from agentco.desk.board import BoardChange


app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

TASK_HELP = "The task's id, or part of its title."
TaskName = Annotated[str, typer.Argument(metavar="ID", help=TASK_HELP)]
OwnerFilter = Annotated[str | None, typer.Option(help="Show only this owner's tasks.")]
ColumnFilter = Annotated[str | None, typer.Option(help="Show only this column.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="Show every task, including done ones.")
]
NewTitle = Annotated[str, typer.Argument(help="What to do, in one line.")]
NewOwner = Annotated[str | None, typer.Option(help="An agent's id, or founder.")]
NewPriority = Annotated[int | None, typer.Option(min=0, help="1 is the highest.")]
COLUMN_HELP = "Default: This week, then Backlog, then the first column."
NewColumn = Annotated[str | None, typer.Option(help=COLUMN_HELP)]
UndoOption = Annotated[bool, typer.Option("--undo", help="Reopen it.")]
TargetColumn = Annotated[str, typer.Argument(help="The column's name.")]
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
    for problem in view.problems:
        where = problem_location(problem)
        screen.print_note(
            f"{where}: {problem.level}: {problem.message} ({problem.hint})"
        )
    print_board(view, everything=everything)


@app.command()
def add(
    title: NewTitle,
    owner: NewOwner = None,
    due: DueOption = None,
    pri: NewPriority = None,
    column: NewColumn = None,
    as_json: JsonOption = False,
) -> None:
    """Add a task to the end of a column.

    Examples:
      agentco board add "Call the bank" --owner founder --due friday
      agentco board add "Sort the support mail" --column Backlog --pri 3
    """
    from agentco.desk.board import add_task

    company = current_company.open_current()
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
def move(name: TaskName, column: TargetColumn, as_json: JsonOption = False) -> None:
    """Move a task, with its notes and sub-items, to the end of a column.

    Examples:
      agentco board move T12 "In progress"
    """
    from agentco.desk.board import move_task

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
    as_json: JsonOption = False,
) -> None:
    """Decide what to do with a task that keeps missing its dates.

    Examples:
      agentco board decide T12 --rescope "Only the headline" --due friday
      agentco board decide T12 --demote
      agentco board decide T12 --cause "waits for the price"
    """
    from agentco.desk import board

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


def print_change(change: "BoardChange", *, as_json: bool) -> None:
    """Say what changed, and how to take it back."""
    from agentco.documents.board import change_document

    title = " ".join(filter(None, (change.task.id, change.task.title)))
    line = f"{change.done}: {title}"
    if change.undo:
        line = f"{line} (take it back: {change.undo})"
    print_answer(change_document(change), line, as_json=as_json)
