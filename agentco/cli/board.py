"""`agentco board`: show the sprint board, and change it one task at a time."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Annotated

import typer
from msgspec import Struct, to_builtins

from agentco.board import changes
from agentco.board.document import Board, Column
from agentco.board.task import Task, chronic, misses, overdue
from agentco.cli import screen
from agentco.cli.dates import day
from agentco.cli.options import Due, Json, answer, place
from agentco.day.decisions import cause_of
from agentco.desk import current_company
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import in_days, quoted

OPEN_SHOWN, DONE_SHOWN = 60, 5
HEADINGS = ("ID", "Task", "Owner", "Due", "Pri", "Missed")
# How far a task reaches in the file, and which dates were counted, is nobody's business outside.
INSIDE = {"own", "last", "missed_on"}

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Name = Annotated[
    str, typer.Argument(metavar="ID", help="The task's id, or a part of its title.")
]


@app.callback()
def show(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option(help="Only this owner's tasks.")] = None,
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every task, done ones too.")
    ] = False,
    as_json: Json = False,
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

    board = current_company.edges().board.read()
    columns = (changes.known_column(board, column),) if column else board.columns
    chosen = [
        (part, [task for task in part.tasks if owned(task, owner)]) for part in columns
    ]
    if as_json:
        screen.document(shown_board(board, chosen, current_company.today()))
        return
    for problem in board.problems:
        screen.note(
            f"{place(problem)}: {problem.level}: {problem.message} ({problem.hint})"
        )
    show_tables(chosen, current_company.today(), everything=everything)


def owned(task: Task, owner: str | None) -> bool:
    """Whether a task is this owner's, or nobody was asked for."""
    return (
        owner is None
        or (task.owner or "").casefold() == owner.removeprefix("@").casefold()
    )


def shown_task(task: Task, on: date) -> Mapping[str, object]:
    """A task as the document of appendix C has it, with what its dates come to on a day."""
    said = {key: value for key, value in to_builtins(task).items() if key not in INSIDE}
    return said | {
        "misses": misses(task, on),
        "overdue": overdue(task, on),
        "chronic": chronic(task, on),
    }


def shown_board(
    board: Board, chosen: list[tuple[Column, list[Task]]], on: date
) -> dict[str, object]:
    """The whole document; nothing is left out of it."""
    columns = [
        {"name": c.name, "tasks": [shown_task(task, on) for task in tasks]}
        for c, tasks in chosen
    ]
    return {"columns": columns, "diagnostics": to_builtins(board.problems)}


def show_tables(
    chosen: list[tuple[Column, list[Task]]], on: date, *, everything: bool
) -> None:
    """One table with a line for each column, and below it how to see what it leaves out."""
    tasks = [task for _, some in chosen for task in some]
    active, over = [t for t in tasks if t.open], [t for t in tasks if not t.open]
    over.sort(key=lambda t: (t.done_on or date.min, t.line), reverse=True)
    visible = tasks if everything else [*active[:OPEN_SHOWN], *over[:DONE_SHOWN]]
    lines = {task.line for task in visible}
    rows: list[tuple[str, ...]] = []
    styles: list[str] = []
    for part, some in chosen:
        rows.append(
            (
                "",
                f"{part.name or '(no column)'}: {sum(t.open for t in some)} open",
                "",
                "",
                "",
                "",
            )
        )
        styles.append("bold")
        for task in (t for t in some if t.line in lines):
            rows.append(row(task, on))
            styles.append("red" if overdue(task, on) else "" if task.open else "dim")
    if rows:
        screen.table(HEADINGS, rows, styles=styles)
    else:
        screen.say("the board is empty")
    if hidden := len(active) - sum(t.open for t in visible):
        screen.say(f"and {hidden} more open tasks: agentco board --all, or --json")
    if hidden := len(over) - sum(not t.open for t in visible):
        screen.say(f"and {hidden} more done: agentco board --all")


def row(task: Task, on: date) -> tuple[str, ...]:
    """One line of the table."""
    late = (
        f"\n{in_days((task.due - on).days)}" if task.due and overdue(task, on) else ""
    )
    missed = (str(misses(task, on) or ""), "chronic" if chronic(task, on) else "")
    state = (
        "killed"
        if task.killed
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


class Outcome(Struct, frozen=True, kw_only=True):
    """One change of the board: whether any byte changed, the board before it, the task then and now."""

    changed: bool
    before: Board
    was: Task
    task: Task

    @property
    def called(self) -> str:
        """How a command names the task."""
        return self.task.id or quoted(self.task.title)

    def tell(self, did: str, undo: str, *, as_json: bool) -> None:
        """Say what changed, and how to take it back."""
        did, undo = (did, undo) if self.changed else ("nothing to do", "")
        task = shown_task(self.task, current_company.today())
        title = " ".join(filter(None, (self.task.id, self.task.title)))
        answer(
            {"changed": self.changed, "did": did, "undo": undo or None, "task": task},
            f"{did}: {title}" + (f" (take it back: {undo})" if undo else ""),
            as_json=as_json,
        )


def carried_out(do: Callable[[Board], Board], name: str | None = None) -> Outcome:
    """Change the board of a company that agentco may write in; `name` is the task that is meant."""
    seen: list[tuple[Board, Board]] = []

    def watched(board: Board) -> Board:
        seen.append((board, do(board)))
        return seen[-1][1]

    written = current_company.writable().board.update(watched)
    before, after = seen[-1]
    touched = changes.touched(before, after)
    was = changes.find(before, name) if name is not None else touched[0]
    return Outcome(
        changed=written, before=before, was=was, task=touched[0] if touched else was
    )


@app.command()
def add(
    title: Annotated[str, typer.Argument(help="What is to be done, in one line.")],
    owner: Annotated[
        str | None, typer.Option(help="An agent's id, or founder.")
    ] = None,
    due: Due = None,
    pri: Annotated[int | None, typer.Option(min=0, help="1 is the highest.")] = None,
    column: Annotated[
        str | None, typer.Option(help="This week, else Backlog, else the first.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a task at the end of a column.

    Examples:
      agentco board add "Call the bank" --owner founder --due friday
      agentco board add "Sort the support mail" --column Backlog --pri 3
    """
    when = day(due, current_company.today()) if due else None
    new = partial(
        changes.add, title=title, column=column, owner=owner, due=when, pri=pri
    )
    outcome = carried_out(new)
    undo = f"delete line {outcome.task.line} of BOARD.md"
    outcome.tell(
        f"added to {outcome.task.column or 'the board'}", undo, as_json=as_json
    )


@app.command()
def done(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Open it again.")] = False,
    as_json: Json = False,
) -> None:
    """Tick a task, with today's date.

    Examples:
      agentco board done T12
      agentco board done T12 --undo
    """
    tick = (
        partial(changes.undone, name=name)
        if undo
        else partial(changes.done, name=name, on=current_company.today())
    )
    outcome = carried_out(tick, name)
    back = f"agentco board done {outcome.called}{'' if undo else ' --undo'}"
    outcome.tell("open again" if undo else "done", back, as_json=as_json)


@app.command()
def move(
    name: Name,
    column: Annotated[str, typer.Argument(help="The column's name.")],
    as_json: Json = False,
) -> None:
    """Move a task, with its notes and sub-items, to the end of a column.

    Examples:
      agentco board move T12 "In progress"
    """
    outcome = carried_out(partial(changes.move, name=name, column=column), name)
    undo = f"agentco board move {outcome.called} {quoted(outcome.was.column)}"
    outcome.tell(f"moved to {outcome.task.column}", undo, as_json=as_json)


@app.command()
def decide(
    name: Name,
    *,
    rescope: Annotated[
        str | None, typer.Option(metavar="TITLE", help="Make it this, by --due.")
    ] = None,
    due: Due = None,
    demote: Annotated[
        bool, typer.Option("--demote", help="Back to Backlog, without a date.")
    ] = False,
    kill: Annotated[bool, typer.Option("--kill", help="Give it up.")] = False,
    cause: Annotated[
        str | None, typer.Option(metavar="WHY", help="Keep it; remember why.")
    ] = None,
    as_json: Json = False,
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
        when = day(due, on)
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
        remember(name, cause, on)
        decision, did = changes.cause, "kept, with its cause in the memory"
    else:
        decision, did = (
            (changes.demote, "demoted to Backlog")
            if demote
            else (changes.kill, "killed")
        )
    outcome = carried_out(partial(decision, name=name, on=on), name)
    was = outcome.before.lines[outcome.was.line - 1].strip()
    outcome.tell(did, f"in BOARD.md it was {was!r}", as_json=as_json)


def remember(name: str, why: str, on: date) -> None:
    """Keep why a task stays as it is: first, so that a crash in between is mended by deciding again."""
    if not why.strip():
        raise WrongUsage(
            "a cause needs words", hint='--cause "the supplier is late until May"'
        )
    edges = current_company.writable()
    edges.memory.add(
        [
            cause_of(
                changes.find(edges.board.read(), name), why, on, current_company.stamp()
            )
        ]
    )
