"""`agentco board`: show the sprint board, and change it one task at a time."""

import shlex
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct, to_builtins

from agentco.board.task import Task, chronic, misses, overdue
from agentco.edges.cli import here, screen
from agentco.edges.cli.dates import day
from agentco.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.board.document import Board, Column

OPEN_SHOWN, DONE_SHOWN = 60, 5
HEADINGS = ("ID", "Task", "Owner", "Due", "Pri", "Missed")

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

Name = Annotated[str, typer.Argument(metavar="ID", help="The task's id, or a part of its title.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
Due = Annotated[str | None, typer.Option(metavar="DATE", help="2026-11-20, today, tomorrow, +3d, friday.")]


@app.callback()
def show(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option(help="Only this owner's tasks.")] = None,
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every task, done ones too.")] = False,
    as_json: AsJson = False,
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
    from agentco.board import change

    board = here.edges().board.read()
    columns = (change.known_column(board, column),) if column else board.columns
    chosen = [(part, [task for task in part.tasks if owned(task, owner)]) for part in columns]
    if as_json:
        screen.document(shown_board(board, chosen, here.today()))
        return
    for problem in board.problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        screen.note(f"{place}: {problem.level}: {problem.message} ({problem.hint})")
    show_tables(chosen, here.today(), everything=everything)


def owned(task: Task, owner: str | None) -> bool:
    """Whether a task is this owner's, or nobody was asked for."""
    return owner is None or (task.owner or "").casefold() == owner.removeprefix("@").casefold()


def shown_task(task: Task, on: date) -> dict[str, object]:
    """A task as the document of appendix C has it."""
    return {
        "id": task.id,
        "title": task.title,
        "owner": task.owner,
        "due": task.due.isoformat() if task.due else None,
        "pri": task.pri,
        "missed": task.missed,
        "done": task.done,
        "blocked": task.blocked,
        "line": task.line,
        "column": task.column,
        "tags": list(task.tags),
        "done_on": task.done_on.isoformat() if task.done_on else None,
        "decided": task.decided.isoformat() if task.decided else None,
        "misses": misses(task, on),
        "overdue": overdue(task, on),
        "chronic": chronic(task, on),
    }


def shown_board(board: "Board", chosen: "list[tuple[Column, list[Task]]]", on: date) -> dict[str, object]:
    """The whole document; nothing is left out of it."""
    columns = [{"name": c.name, "tasks": [shown_task(task, on) for task in tasks]} for c, tasks in chosen]
    return {"columns": columns, "diagnostics": [to_builtins(p) for p in board.problems]}


def show_tables(chosen: "list[tuple[Column, list[Task]]]", on: date, *, everything: bool) -> None:
    """One table with a line for each column, and below it how to see what it leaves out."""
    tasks = [task for _, some in chosen for task in some]
    active, over = [t for t in tasks if t.open], [t for t in tasks if not t.open]
    over.sort(key=lambda t: (t.done_on or date.min, t.line), reverse=True)
    visible = tasks if everything else [*active[:OPEN_SHOWN], *over[:DONE_SHOWN]]
    lines = {task.line for task in visible}
    rows: list[tuple[str, ...]] = []
    styles: list[str] = []
    for part, some in chosen:
        rows.append(("", f"{part.name or '(no column)'}: {sum(t.open for t in some)} open", "", "", "", ""))
        styles.append("bold")
        for task in (t for t in some if t.line in lines):
            rows.append(row(task, on))
            styles.append(style(task, on))
    if rows:
        screen.table(HEADINGS, rows, styles=styles)
    else:
        screen.say("the board is empty")
    if hidden := len(active) - sum(t.open for t in visible):
        screen.say(f"and {hidden} more open tasks: agentco board --all, or --json")
    if hidden := len(over) - sum(not t.open for t in visible):
        screen.say(f"and {hidden} more done: agentco board --all")


def style(task: Task, on: date) -> str:
    """How a task looks where there is colour; its words say the same."""
    if not task.open:
        return "dim"
    return "red" if overdue(task, on) else ""


def row(task: Task, on: date) -> tuple[str, ...]:
    """One line of the table."""
    due = [task.due.isoformat()] if task.due else []
    if task.due and overdue(task, on):
        days = (on - task.due).days
        due.append(f"{days} day{'s' * (days > 1)} late")
    state = "killed" if task.killed else "done" if task.done else "blocked" if task.blocked else ""
    missed = [str(misses(task, on) or ""), "chronic" if chronic(task, on) else ""]
    return (
        task.id or "-",
        f"{task.title or '(no title)'}{f' [{state}]' if state else ''}",
        task.owner or "",
        "\n".join(due),
        "" if task.pri is None else str(task.pri),
        "\n".join(filter(None, missed)),
    )


class Outcome(Struct, frozen=True, kw_only=True):
    """One change of the board: the task before (None for a new one), its line as it was, and it now."""

    changed: bool
    was: Task | None
    line: str
    task: Task


def carried_out(do: "Callable[[Board], Board]", name: str | None = None) -> Outcome:
    """Change the board of a company that agentco may write in; `name` is the task that is meant."""
    from agentco.board import change

    seen: list[tuple[Task | None, str, Task]] = []

    def watched(board: "Board") -> "Board":
        after = do(board)
        was = change.find(board, name) if name is not None else None
        task = next(iter(change.touched(board, after)), was)
        if task:
            seen.append((was, board.lines[was.line - 1].strip() if was else "", task))
        return after

    written = here.writable().board.update(watched)
    was, line, task = seen[-1]
    return Outcome(changed=written, was=was, line=line, task=task)


def tell(outcome: Outcome, did: str, undo: str, *, as_json: bool) -> None:
    """Say what changed, and how to take it back."""
    did, undo = (did, undo) if outcome.changed else ("nothing to do", "")
    if as_json:
        task = shown_task(outcome.task, here.today())
        screen.document({"changed": outcome.changed, "did": did, "undo": undo or None, "task": task})
    else:
        back = f" (take it back: {undo})" if undo else ""
        screen.say(f"{did}: {' '.join(filter(None, (outcome.task.id, outcome.task.title)))}{back}")


def called(task: Task) -> str:
    """How a command names a task."""
    return task.id or shlex.quote(task.title)


@app.command()
def add(
    title: Annotated[str, typer.Argument(help="What is to be done, in one line.")],
    owner: Annotated[str | None, typer.Option(help="An agent's id, or founder.")] = None,
    due: Due = None,
    pri: Annotated[int | None, typer.Option(min=0, help="1 is the highest.")] = None,
    column: Annotated[str | None, typer.Option(help="This week, else Backlog, else the first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a task at the end of a column.

    Examples:
      agentco board add "Call the bank" --owner founder --due friday
      agentco board add "Sort the support mail" --column Backlog --pri 3
    """
    from agentco.board import change

    when = day(due, here.today()) if due else None
    outcome = carried_out(
        lambda board: change.add(board, title, column=column, owner=owner, due=when, pri=pri)
    )
    undo = f"delete line {outcome.task.line} of BOARD.md"
    tell(outcome, f"added to {outcome.task.column or 'the board'}", undo, as_json=as_json)


@app.command()
def done(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Open it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tick a task, with today's date.

    Examples:
      agentco board done T12
      agentco board done T12 --undo
    """
    from agentco.board import change

    if undo:
        outcome = carried_out(lambda board: change.undone(board, name), name)
        tell(outcome, "open again", f"agentco board done {called(outcome.task)}", as_json=as_json)
    else:
        outcome = carried_out(lambda board: change.done(board, name, here.today()), name)
        tell(outcome, "done", f"agentco board done {called(outcome.task)} --undo", as_json=as_json)


@app.command()
def move(
    name: Name,
    column: Annotated[str, typer.Argument(help="The column's name.")],
    as_json: AsJson = False,
) -> None:
    """Move a task, with its notes and sub-items, to the end of a column.

    Examples:
      agentco board move T12 "In progress"
    """
    from agentco.board import change

    outcome = carried_out(lambda board: change.move(board, name, column), name)
    old = shlex.quote(outcome.was.column if outcome.was else "")
    undo = f"agentco board move {called(outcome.task)} {old}"
    tell(outcome, f"moved to {outcome.task.column}", undo, as_json=as_json)


@app.command()
def decide(
    name: Name,
    *,
    rescope: Annotated[str | None, typer.Option(metavar="TITLE", help="Make it this, by --due.")] = None,
    due: Due = None,
    demote: Annotated[bool, typer.Option("--demote", help="Back to Backlog, without a date.")] = False,
    kill: Annotated[bool, typer.Option("--kill", help="Give it up.")] = False,
    cause: Annotated[str | None, typer.Option(metavar="WHY", help="Keep it; remember why.")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide about a task that keeps missing its dates: exactly one of the four.

    Examples:
      agentco board decide T12 --rescope "Only the headline" --due friday
      agentco board decide T12 --demote
      agentco board decide T12 --cause "waits for the price"
    """
    from agentco.board import change

    if [rescope is not None, demote, kill, cause is not None].count(True) != 1:
        raise WrongUsage("a decision is exactly one thing", hint="--rescope, --demote, --kill or --cause")
    if (rescope is None) != (due is None):
        raise WrongUsage("--rescope and --due go together", hint='--rescope "…" --due friday')
    on = here.today()
    if rescope is not None and due is not None:
        when = day(due, on)
        if when < on:
            raise WrongUsage(f"{when} is over", hint="choose a day that is still to come, such as +7d")
        outcome = carried_out(lambda board: change.rescope(board, name, rescope, when, on), name)
        did = f"rescoped to {when}"
    elif cause is not None:
        outcome = keep_with_cause(name, cause, on)
        did = "kept, with its cause in the memory"
    elif demote:
        outcome, did = carried_out(lambda board: change.demote(board, name, on), name), "demoted to Backlog"
    else:
        outcome, did = carried_out(lambda board: change.kill(board, name, on), name), "killed"
    tell(outcome, did, f"in BOARD.md it was {outcome.line!r}", as_json=as_json)


def keep_with_cause(name: str, why: str, on: date) -> Outcome:
    """Let a task stay as it is, and remember why."""
    from agentco.board import change
    from agentco.work.decisions import cause_of

    if not why.strip():
        raise WrongUsage("a cause needs words", hint='--cause "the supplier is late until May"')
    edges = here.writable()
    task = change.find(edges.board.read(), name)
    # Remembered first: a crash in between is mended by deciding again, which adds to the same entity.
    edges.memory.add([cause_of(task, why, on, here.stamp())])
    return carried_out(lambda board: change.cause(board, name, on), name)
