"""The sprint board on the screen: a heading for each column, its tasks below it."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from agentco.board.document import is_done_column
from agentco.board.task import Task, count_misses_now, is_chronic, is_overdue
from agentco.kernel.characters import terminal_safe
from agentco.kernel.words import days_in_words
from agentco.terminal import screen
from agentco.terminal.cells import cell_len, join_parts, wrap_cells
from agentco.terminal.table import MARGIN, TableShape

if TYPE_CHECKING:
    from agentco.desk.board import BoardView, ColumnView

MAX_OPEN_SHOWN = 60
MAX_DONE_SHOWN = 5
TABLE_WIDTH = 80
"""From this width on, a task is a row of a table; below it, its title has lines of its own."""
LONGEST_ID = 16
TABLE_COLUMNS = ("ID", "Task", "Owner", "Due", "Pri", "Missed")
EMPTY = "the board is empty"
FIRST_TASK = '  agentco board add "Call the bank due:friday"'
NONE_HERE = "no task here: agentco board shows every column and owner"


def print_board(view: "BoardView", *, everything: bool, filtered: bool) -> None:
    """Draw each column with its tasks, and say what is left out; `filtered` by owner or column."""
    tasks = [task for column in view.columns for task in column.tasks]
    if not tasks:
        screen.print_text(NONE_HERE if filtered else EMPTY)
        if not filtered:
            screen.print_text(FIRST_TASK, screen.Style.COMMAND)
        return
    still_open = [task for task in tasks if task.is_open]
    over = [task for task in tasks if not task.is_open]
    over.sort(key=lambda task: (task.done_on or date.min, task.line), reverse=True)
    shown = [*still_open[:MAX_OPEN_SHOWN], *over[:MAX_DONE_SHOWN]]
    if everything:
        shown = tasks
    draw = Drawing(shown, view.today, screen.terminal_width())
    draw.print_head()
    for column in view.columns:
        draw.print_column(column)
    screen.print_text()
    shown_open = sum(task.is_open for task in shown)
    print_left_out(len(still_open) - shown_open, len(over) - (len(shown) - shown_open))


class Drawing:
    """The tasks that are shown, in a table where the screen has room for one."""

    def __init__(self, shown: list[Task], today: date, width: int) -> None:
        self.lines = {task.line for task in shown}
        self.today = today
        self.width = width
        rows = [task_row(task, today) for task in shown]
        self.kept = [
            i
            for i, name in enumerate(TABLE_COLUMNS)
            if name in {"ID", "Task"} or any(row[i] for row in rows)
        ]
        self.columns = self._kept_of(TABLE_COLUMNS)
        self.shape: TableShape | None = None
        if width >= TABLE_WIDTH:
            table = [self.columns, *map(self._kept_of, rows)]
            self.shape = TableShape(table, width)
        ids = [cell_len(terminal_safe(row[0])) for row in rows]
        self.indent = min(max(ids), LONGEST_ID) + 2
        self.is_begun = False

    def print_head(self) -> None:
        """The names of the table's columns, if there is a table."""
        if self.shape:
            screen.print_text()
            for line in self.shape.lines(self.columns):
                screen.print_text(line, screen.Style.BOLD)
            screen.print_text(f"{MARGIN}{'─' * self.shape.total}")

    def print_column(self, column: "ColumnView") -> None:
        """A column's heading, and those of its tasks that are shown."""
        heading = f"{column.name or '(no column)'}: {how_many(column)}"
        if not self.shape or self.is_begun:
            screen.print_text()
        self.is_begun = True
        screen.print_text(f"{MARGIN}{heading}", screen.Style.BOLD)
        for task in column.tasks:
            if task.line in self.lines:
                for line in self._task_lines(task):
                    screen.print_text(line, task_look(task, self.today))

    def _task_lines(self, task: Task) -> Iterator[str]:
        row = task_row(task, self.today)
        if self.shape:
            yield from self.shape.lines(self._kept_of(row))
            return
        name, title, *facts = row
        start = f"{MARGIN}{terminal_safe(name)}".ljust(self.indent + len(MARGIN))
        for line in wrap_cells(terminal_safe(title), self.width - len(start)):
            yield f"{start}{line}"
            start = " " * len(start)
        for line in join_parts(fact_words(*facts), self.width - len(start)):
            yield f"{start}{line}"

    def _kept_of(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cells[i] for i in self.kept)


def how_many(column: "ColumnView") -> str:
    """How many tasks a column has."""
    still_open = sum(task.is_open for task in column.tasks)
    over = len(column.tasks) - still_open
    if still_open and over:
        return f"{still_open} open, {over} done"
    if over:
        return str(over) if is_done_column(column.name) else f"{over} done"
    return f"{still_open} open" if still_open else "empty"


def fact_words(owner: str, due: str, priority: str, missed: str) -> list[str]:
    """What stands beside a task's title in a table, in words."""
    parts = [terminal_safe(owner), due.replace("\n", ", ")]
    if priority:
        parts.append(f"pri {priority}")
    if missed:
        parts.append(f"missed {missed}".replace("\n", ", "))
    return list(filter(None, parts))


def print_left_out(still_open: int, over: int) -> None:
    """Say how many tasks were left out, and how to see them."""
    if still_open:
        hint = "agentco board --all, or --json"
        screen.print_text(f"and {still_open} more open tasks: {hint}")
    if over:
        screen.print_text(f"and {over} more done: agentco board --all")


def task_row(task: Task, on: date) -> tuple[str, ...]:
    """The cells of a task's row."""
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


def task_look(task: Task, on: date) -> screen.Style:
    """How a task looks on the screen."""
    if is_overdue(task, on):
        return screen.Style.URGENT
    return screen.Style.PLAIN if task.is_open else screen.Style.DIM
