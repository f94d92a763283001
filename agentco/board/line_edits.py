"""Edits of a board's lines: whole tasks move, and no other line may change its meaning."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from agentco.board.document import Column, TaskBoard, read_board
from agentco.board.list_item import ItemLines
from agentco.board.task import Task
from agentco.kernel.errors import WrongUsage

BULLET = re.compile(r"([ \t]*)(?:([-*+])|([0-9]{1,9})([.)]))")
LINE_END = re.compile(r"[\r\n]*\Z")


def own_lines(board: TaskBoard, task: Task) -> ItemLines:
    """The lines that hold a task's text and tokens."""
    return board.lines[task.line - 1 : task.text_end]


def line_ending(board: TaskBoard) -> str:
    """How the file ends its lines."""
    for line in board.lines:
        ending = LINE_END.search(line)
        if ending and ending[0]:
            return ending[0]
    return "\n"


def end_of_column(board: TaskBoard, column: Column) -> int:
    """After how many lines the next task of a column stands."""
    if column.tasks:
        return column.tasks[-1].last
    for number in range(column.last, column.line, -1):
        if board.lines[number - 1].strip():
            return number
    return column.line


def next_bullet(board: TaskBoard, column: Column) -> str:
    """How the next item of a column starts: like its last, else like the board's first."""
    tasks = column.tasks[-1:] or board.tasks[:1]
    if not tasks:
        return "-"
    bullet = BULLET.match(board.lines[tasks[0].line - 1])
    if not bullet:
        return "-"
    indent, sign, number, dot = bullet.groups()
    if not column.tasks:
        return sign or f"1{dot}"
    if sign:
        return f"{indent}{sign}"
    next_number = int(number) + 1
    return f"{indent}{next_number}{dot}"


def insert_task(board: TaskBoard, at: int, line: str) -> TaskBoard:
    """The board with a new task's line after the first `at` lines."""
    lines = (*board.lines[:at], line, *board.lines[at:])
    after = reorder_lines(board, lines)
    verify_placement(board, None, after, line=at + 1, length=1)
    return after


def place_task(board: TaskBoard, task: Task, at: int) -> TaskBoard:
    """The board with a task's lines after the first `at` of the board's lines."""
    start = task.line - 1
    length = task.last - start
    if start <= at <= task.last:
        return board
    others = (*board.lines[:start], *board.lines[task.last :])
    if at > start:
        at -= length
    moved = board.lines[start : task.last]
    lines = (*others[:at], *moved, *others[at:])
    after = reorder_lines(board, lines)
    verify_placement(board, task.line, after, line=at + 1, length=length)
    return after


def rewrite_tasks(board: TaskBoard, edits: Mapping[int, ItemLines]) -> TaskBoard:
    """The board with the own text of the tasks on these lines replaced."""
    lines = list(board.lines)
    for task in reversed(board.tasks):
        if task.line in edits:
            lines[task.line - 1 : task.text_end] = edits[task.line]
    return read_board(board.bom + "".join(lines))


def reorder_lines(board: TaskBoard, lines: ItemLines) -> TaskBoard:
    """The board with its lines in another order; whether the last one ends stays as it was."""
    ordered = list(lines)
    for i, line in enumerate(ordered[:-1]):
        if not line.endswith(("\r", "\n")):
            last = ordered[-1].rstrip("\r\n")
            ending = ordered[-1][len(last) :]
            ordered[i] = line + ending
            ordered[-1] = last
    after = read_board(board.bom + "".join(ordered))
    for number, line in enumerate(after.lines[: len(ordered)], 1):
        # a lone CR met an LF, or a stray byte order mark came to the top
        if line != ordered[number - 1]:
            raise misplaced_error(number)
    return after


def verify_placement(
    before: TaskBoard,
    moved_from: int | None,
    after: TaskBoard,
    *,
    line: int,
    length: int,
) -> None:
    """Raise WrongUsage unless the task on `line` is whole and all others mean what they did."""
    is_whole = False
    for task in after.tasks:
        if task.line == line:
            is_whole = task.last - line == length - 1
    if not is_whole or others_than(after, line) != others_than(before, moved_from):
        raise misplaced_error(line)


def others_than(board: TaskBoard, line: int | None) -> list[Task]:
    """All tasks but the one on a line, without their places."""
    return [without_place(task) for task in board.tasks if task.line != line]


def without_place(task: Task) -> Task:
    """A task without its place: what must stay as it was when another one changes."""
    return replace(
        task, line=0, text_end=task.text_end - task.line, last=task.last - task.line
    )


def misplaced_error(line: int) -> WrongUsage:
    """Why a task cannot stand on a line."""
    return WrongUsage(
        f"line {line} of the board cannot take the task",
        hint="indentation, code or comments there would change what tasks mean: "
        "edit BOARD.md by hand",
    )
