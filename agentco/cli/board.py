"""`agentco board`: show the sprint board, and change it one task at a time."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Annotated

import typer
from msgspec import Struct, to_builtins

from agentco.board import changes
from agentco.board.document import Column, TaskBoard
from agentco.board.task import Task, count_misses_now, is_chronic, is_overdue
from agentco.cli import current_company, screen
from agentco.cli.date_input import parse_date
from agentco.cli.shared_options import (
    DueOption,
    JsonOption,
    print_answer,
    problem_location,
)
from agentco.day.decisions import decision_entity
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import days_in_words, shell_quote

MAX_OPEN_SHOWN, MAX_DONE_SHOWN = 60, 5
TABLE_COLUMNS = ("ID", "Task", "Owner", "Due", "Pri", "Missed")
# How far a task reaches in the file, and which dates were counted, is nobody's business outside.
HIDDEN_FIELDS = {"own", "last", "missed_on"}

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

TaskName = Annotated[
    str, typer.Argument(metavar="ID", help="The task's id, or a part of its title.")
]


@app.callback()
def show_board(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option(help="Only this owner's tasks.")] = None,
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every task, done ones too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the sprint board, BOARD.md, or change it.

    A task is due, overdue, blocked, or chronic: two dates missed, so it needs a decision.

    Examples:
      agentco board
      agentco board --owner marketing
      agentco board done T12
    """
    if ctx.invoked_subcommand:
        return

    board = current_company.open_current().board.read()
    columns = (changes.require_column(board, column),) if column else board.columns
    chosen = [
        (part, [task for task in part.tasks if is_owned_by(task, owner)])
        for part in columns
    ]
    if as_json:
        screen.print_json(board_document(board, chosen, current_company.today()))
        return
    for problem in board.problems:
        screen.print_note(
            f"{problem_location(problem)}: {problem.level}: {problem.message} ({problem.hint})"
        )
    print_board(chosen, current_company.today(), everything=everything)


def is_owned_by(task: Task, owner: str | None) -> bool:
    """Whether a task is this owner's, or nobody was asked for."""
    return (
        owner is None
        or (task.owner or "").casefold() == owner.removeprefix("@").casefold()
    )


def task_document(task: Task, on: date) -> Mapping[str, object]:
    """A task as the document of appendix C has it, with what its dates come to on a day."""
    said = {
        key: value
        for key, value in to_builtins(task).items()
        if key not in HIDDEN_FIELDS
    }
    return said | {
        "misses": count_misses_now(task, on),
        "overdue": is_overdue(task, on),
        "chronic": is_chronic(task, on),
    }


def board_document(
    board: TaskBoard, chosen: list[tuple[Column, list[Task]]], on: date
) -> dict[str, object]:
    """The whole document; nothing is left out of it."""
    columns = [
        {"name": c.name, "tasks": [task_document(task, on) for task in tasks]}
        for c, tasks in chosen
    ]
    return {"columns": columns, "diagnostics": to_builtins(board.problems)}


def print_board(
    chosen: list[tuple[Column, list[Task]]], on: date, *, everything: bool
) -> None:
    """One table with a line for each column, and below it how to see what it leaves out."""
    tasks = [task for _, some in chosen for task in some]
    active, over = [t for t in tasks if t.is_open], [t for t in tasks if not t.is_open]
    over.sort(key=lambda t: (t.done_on or date.min, t.line), reverse=True)
    visible = (
        tasks if everything else [*active[:MAX_OPEN_SHOWN], *over[:MAX_DONE_SHOWN]]
    )
    lines = {task.line for task in visible}
    rows: list[tuple[str, ...]] = []
    styles: list[str] = []
    for part, some in chosen:
        rows.append(
            (
                "",
                f"{part.name or '(no column)'}: {sum(t.is_open for t in some)} open",
                "",
                "",
                "",
                "",
            )
        )
        styles.append("bold")
        for task in (t for t in some if t.line in lines):
            rows.append(task_row(task, on))
            styles.append(
                "red" if is_overdue(task, on) else "" if task.is_open else "dim"
            )
    if rows:
        screen.print_table(TABLE_COLUMNS, rows, styles=styles)
    else:
        screen.print_text("the board is empty")
    if hidden := len(active) - sum(t.is_open for t in visible):
        screen.print_text(
            f"and {hidden} more open tasks: agentco board --all, or --json"
        )
    if hidden := len(over) - sum(not t.is_open for t in visible):
        screen.print_text(f"and {hidden} more done: agentco board --all")


def task_row(task: Task, on: date) -> tuple[str, ...]:
    """One line of the table."""
    late = (
        f"\n{days_in_words((task.due - on).days)}"
        if task.due and is_overdue(task, on)
        else ""
    )
    missed = (
        str(count_misses_now(task, on) or ""),
        "chronic" if is_chronic(task, on) else "",
    )
    state = (
        "killed"
        if task.is_killed
        else "done"
        if task.done
        else "blocked"
        if task.blocked
        else ""
    )
    return (
        task.id or "-",
        f"{task.title or '(no title)'}{f' [{state}]' if state else ''}",
        task.owner or "",
        f"{task.due or ''}{late}",
        "" if task.pri is None else str(task.pri),
        "\n".join(filter(None, missed)),
    )


class BoardChange(Struct, frozen=True, kw_only=True):
    """One change of the board: whether any byte changed, the board before it, the task then and now."""

    changed: bool
    before: TaskBoard
    was: Task
    task: Task

    @property
    def task_reference(self) -> str:
        """How a command names the task."""
        return self.task.id or shell_quote(self.task.title)

    def print_result(self, did: str, undo: str, *, as_json: bool) -> None:
        """Say what changed, and how to take it back."""
        did, undo = (did, undo) if self.changed else ("nothing to do", "")
        task = task_document(self.task, current_company.today())
        title = " ".join(filter(None, (self.task.id, self.task.title)))
        print_answer(
            {"changed": self.changed, "did": did, "undo": undo or None, "task": task},
            f"{did}: {title}" + (f" (take it back: {undo})" if undo else ""),
            as_json=as_json,
        )


def change_board(
    do: Callable[[TaskBoard], TaskBoard], name: str | None = None
) -> BoardChange:
    """Change the board of a company that agentco may write in; `name` is the task that is meant."""
    seen: list[tuple[TaskBoard, TaskBoard]] = []

    def watched(board: TaskBoard) -> TaskBoard:
        seen.append((board, do(board)))
        return seen[-1][1]

    written = current_company.open_writable().board.update(watched)
    before, after = seen[-1]
    touched = changes.changed_tasks(before, after)
    was = changes.find_task(before, name) if name is not None else touched[0]
    return BoardChange(
        changed=written, before=before, was=was, task=touched[0] if touched else was
    )


@app.command()
def add(
    title: Annotated[str, typer.Argument(help="What is to be done, in one line.")],
    owner: Annotated[
        str | None, typer.Option(help="An agent's id, or founder.")
    ] = None,
    due: DueOption = None,
    pri: Annotated[int | None, typer.Option(min=0, help="1 is the highest.")] = None,
    column: Annotated[
        str | None, typer.Option(help="This week, else Backlog, else the first.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a task at the end of a column.

    Examples:
      agentco board add "Call the bank" --owner founder --due friday
      agentco board add "Sort the support mail" --column Backlog --pri 3
    """
    when = parse_date(due, current_company.today()) if due else None
    new = partial(
        changes.add_task, title=title, column=column, owner=owner, due=when, pri=pri
    )
    outcome = change_board(new)
    undo = f"delete line {outcome.task.line} of BOARD.md"
    outcome.print_result(
        f"added to {outcome.task.column or 'the board'}", undo, as_json=as_json
    )


@app.command()
def done(
    name: TaskName,
    undo: Annotated[bool, typer.Option("--undo", help="Open it again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Tick a task, with today's date.

    Examples:
      agentco board done T12
      agentco board done T12 --undo
    """
    tick = (
        partial(changes.reopen_task, name=name)
        if undo
        else partial(changes.mark_done, name=name, on=current_company.today())
    )
    outcome = change_board(tick, name)
    back = f"agentco board done {outcome.task_reference}{'' if undo else ' --undo'}"
    outcome.print_result("open again" if undo else "done", back, as_json=as_json)


@app.command()
def move(
    name: TaskName,
    column: Annotated[str, typer.Argument(help="The column's name.")],
    as_json: JsonOption = False,
) -> None:
    """Move a task, with its notes and sub-items, to the end of a column.

    Examples:
      agentco board move T12 "In progress"
    """
    outcome = change_board(partial(changes.move_task, name=name, column=column), name)
    undo = (
        f"agentco board move {outcome.task_reference} {shell_quote(outcome.was.column)}"
    )
    outcome.print_result(f"moved to {outcome.task.column}", undo, as_json=as_json)


@app.command()
def decide(
    name: TaskName,
    *,
    rescope: Annotated[
        str | None, typer.Option(metavar="TITLE", help="Make it this, by --due.")
    ] = None,
    due: DueOption = None,
    demote: Annotated[
        bool, typer.Option("--demote", help="Back to Backlog, without a date.")
    ] = False,
    kill: Annotated[bool, typer.Option("--kill", help="Give it up.")] = False,
    cause: Annotated[
        str | None, typer.Option(metavar="WHY", help="Keep it; remember why.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Decide about a task that keeps missing its dates: exactly one of the four.

    Examples:
      agentco board decide T12 --rescope "Only the headline" --due friday
      agentco board decide T12 --demote
      agentco board decide T12 --cause "waits for the price"
    """
    if [rescope is not None, demote, kill, cause is not None].count(True) != 1:
        raise WrongUsage(
            "a decision is exactly one thing",
            hint="--rescope, --demote, --kill or --cause",
        )
    if (rescope is None) != (due is None):
        raise WrongUsage(
            "--rescope and --due go together", hint='--rescope "…" --due friday'
        )
    on = current_company.today()
    if rescope is not None and due is not None:
        when = parse_date(due, on)
        if when < on:
            raise WrongUsage(
                f"{when} is over",
                hint="choose a day that is still to come, such as +7d",
            )
        decision, did = (
            partial(changes.rescope, title=rescope, due=when),
            f"rescoped to {when}",
        )
    elif cause is not None:
        remember_cause(name, cause, on)
        decision, did = changes.cause, "kept, with its cause in the memory"
    else:
        decision, did = (
            (changes.demote, "demoted to Backlog")
            if demote
            else (changes.kill, "killed")
        )
    outcome = change_board(partial(decision, name=name, on=on), name)
    was = outcome.before.lines[outcome.was.line - 1].strip()
    outcome.print_result(did, f"in BOARD.md it was {was!r}", as_json=as_json)


def remember_cause(name: str, why: str, on: date) -> None:
    """Keep why a task stays as it is: first, so that a crash in between is mended by deciding again."""
    if not why.strip():
        raise WrongUsage(
            "a cause needs words", hint='--cause "the supplier is late until May"'
        )
    edges = current_company.open_writable()
    edges.memory.add(
        [
            decision_entity(
                changes.find_task(edges.board.read(), name),
                why,
                on,
                current_company.now_iso(),
            )
        ]
    )
