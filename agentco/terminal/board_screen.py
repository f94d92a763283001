"""The sprint board on the screen: one table, with a line for each column."""

from datetime import date
from typing import TYPE_CHECKING

from agentco.board.task import Task, count_misses_now, is_chronic, is_overdue
from agentco.kernel.words import days_in_words
from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.desk.board import BoardView

MAX_OPEN_SHOWN = 60
MAX_DONE_SHOWN = 5
TABLE_COLUMNS = ("ID", "Task", "Owner", "Due", "Pri", "Missed")


def print_board(view: "BoardView", *, everything: bool) -> None:
    """Draw one table with a line for each column, and say what it leaves out."""
    tasks = [task for column in view.columns for task in column.tasks]
    still_open = [task for task in tasks if task.is_open]
    over = [task for task in tasks if not task.is_open]
    over.sort(key=lambda task: (task.done_on or date.min, task.line), reverse=True)
    shown = [*still_open[:MAX_OPEN_SHOWN], *over[:MAX_DONE_SHOWN]]
    if everything:
        shown = tasks
    lines = {task.line for task in shown}
    rows: list[tuple[str, ...]] = []
    styles: list[str] = []
    for column in view.columns:
        count = sum(task.is_open for task in column.tasks)
        heading = f"{column.name or '(no column)'}: {count} open"
        rows.append(("", heading, "", "", "", ""))
        styles.append("bold")
        for task in column.tasks:
            if task.line in lines:
                rows.append(task_row(task, view.today))
                styles.append(task_style(task, view.today))
    if rows:
        screen.print_table(TABLE_COLUMNS, rows, styles=styles)
    else:
        screen.print_text("the board is empty")
    shown_open = sum(task.is_open for task in shown)
    print_left_out(len(still_open) - shown_open, len(over) - (len(shown) - shown_open))


def print_left_out(still_open: int, over: int) -> None:
    """Say how many tasks were left out, and how to see them."""
    if still_open:
        hint = "agentco board --all, or --json"
        screen.print_text(f"and {still_open} more open tasks: {hint}")
    if over:
        screen.print_text(f"and {over} more done: agentco board --all")


def task_row(task: Task, on: date) -> tuple[str, ...]:
    """One line of the table."""
    title = task.title or "(no title)"
    state = task_state(task)
    if state:
        title = f"{title} [{state}]"
    due = f"{task.due or ''}"
    if task.due and is_overdue(task, on):
        due = f"{due}\n{days_in_words((task.due - on).days)}"
    missed = str(count_misses_now(task, on) or "")
    if is_chronic(task, on):
        missed = f"{missed}\nchronic".strip()
    priority = "" if task.pri is None else str(task.pri)
    return (task.id or "-", title, task.owner or "", due, priority, missed)


def task_state(task: Task) -> str:
    """How a task stands, if there is something to say."""
    if task.is_killed:
        return "killed"
    if task.done:
        return "done"
    return "blocked" if task.blocked else ""


def task_style(task: Task, on: date) -> str:
    """How a task looks in the table."""
    if is_overdue(task, on):
        return "red"
    return "" if task.is_open else "dim"
