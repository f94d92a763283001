"""Changes of a board: each takes a board, returns one, and touches only its own lines."""

import re
from collections.abc import Callable
from datetime import date

from agentco.board import line_edits, list_item
from agentco.board.document import Column, TaskBoard
from agentco.board.line_edits import own_lines
from agentco.board.list_item import ItemLines
from agentco.board.task import Task, is_newly_missed
from agentco.board.typed_task import NewTask
from agentco.kernel.characters import replace_bad_bytes
from agentco.kernel.errors import WrongUsage, did_you_mean

BACKLOG = "Backlog"
THIS_WEEK = "This week"
MAX_TASKS_SHOWN = 5
NUMBERED_ID = re.compile(r"id:T([0-9]{1,9})(?!\S)", re.IGNORECASE)
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def find_task(board: TaskBoard, name: str) -> Task:
    """The task with this id, or with this title or part of one if no other has it.

    Raises WrongUsage if there is none, or more than one.
    """
    text = name.strip().casefold()
    if not text:
        raise unknown_task(board, name)
    matches = matching_tasks(board, text)
    if not matches:
        raise unknown_task(board, name)
    if len(matches) > 1:
        raise ambiguous_task(name, text, matches)
    return matches[0]


def matching_tasks(board: TaskBoard, text: str) -> list[Task]:
    """The tasks with a case-folded id, else with that title, else with it in their title."""
    with_id: list[Task] = []
    with_title: list[Task] = []
    with_part: list[Task] = []
    for task in board.tasks:
        title = task.title.casefold()
        if has_id(task, text):
            with_id.append(task)
        if title == text:
            with_title.append(task)
        if text in title:
            with_part.append(task)
    return with_id or with_title or with_part


def has_id(task: Task, text: str) -> bool:
    """Whether a task has a case-folded id."""
    return task.id is not None and task.id.casefold() == text


def ambiguous_task(name: str, text: str, matches: list[Task]) -> WrongUsage:
    """Which tasks a name, or its case-folded `text`, fits."""
    if has_id(matches[0], text):
        lines = " and ".join(str(task.line) for task in matches)
        return WrongUsage(
            f"id {name!r} is on lines {lines} of the board",
            hint="rename one of them first",
        )
    tasks = ", ".join(repr(task.id or task.title) for task in matches[:MAX_TASKS_SHOWN])
    more = ", …" if len(matches) > MAX_TASKS_SHOWN else ""
    return WrongUsage(
        f"{name!r} matches {len(matches)} tasks: {tasks}{more}",
        hint="name one by its id or whole title; "
        "a task without an id gets one by adding id:T1 to its line",
    )


def unknown_task(board: TaskBoard, name: str) -> WrongUsage:
    """That no task has a name, with those that are close."""
    names: list[str] = []
    for task in board.tasks:
        if task.title:
            names.append(task.title)
        if task.id:
            names.append(task.id)
    text = name.strip().casefold()
    hint = did_you_mean(text, names, "agentco board lists the tasks")
    return WrongUsage(f"no task {name!r} on the board", hint=hint)


def find_column(board: TaskBoard, name: str) -> Column | None:
    """The first column with this name, whatever its case."""
    folded = name.strip().casefold()
    for column in board.columns:
        if column.name.casefold() == folded:
            return column
    return None


def require_column(board: TaskBoard, name: str) -> Column:
    """The column with this name. Raises WrongUsage, naming them all, if there is none."""
    column = find_column(board, name)
    if column:
        return column
    names = [column.name for column in board.columns if column.name]
    listed = ", ".join(map(repr, names)) or "none"
    hint = did_you_mean(name, names, f"the columns are: {listed}")
    raise WrongUsage(f"no column {name!r} on the board", hint=hint)


def changed_tasks(before: TaskBoard, after: TaskBoard) -> tuple[Task, ...]:
    """The tasks of `after` that are new or not what they were."""
    unchanged = {line_edits.without_place(task) for task in before.tasks}
    changed: list[Task] = []
    for task in after.tasks:
        content = line_edits.without_place(task)
        if content not in unchanged:
            changed.append(task)
    return tuple(changed)


def with_backlog(board: TaskBoard) -> TaskBoard:
    """The board, with a column Backlog at its end if it had none."""
    if find_column(board, BACKLOG):
        return board
    newline = line_edits.line_ending(board)
    lines = list(board.lines)
    if lines and lines[-1].strip():
        lines.append(newline)
    lines.append(f"## {BACKLOG}{newline}")
    return line_edits.reorder_lines(board, tuple(lines))


def plain_title(title: str) -> str:
    """A title as one line in which no word is a token: words that look like one become code."""
    text = replace_bad_bytes(CONTROL_CHARACTERS.sub(" ", title))
    words = text.split()
    if not words:
        hint = 'agentco board add "Write the pricing page"'
        raise WrongUsage("a task needs a title", hint=hint)
    if not any(map(list_item.split_token, words)):
        return " ".join(words)
    title_words: list[str] = []
    for word in words:
        # a backtick that is there already would end the code span
        plain_word = word.replace("`", "'")
        if list_item.split_token(plain_word):
            plain_word = f"`{plain_word}`"
        title_words.append(plain_word)
    return " ".join(title_words)


def choose_column(board: TaskBoard, name: str | None) -> tuple[TaskBoard, Column]:
    """The column for a new task, and the board that has it.

    Without a name: "This week", else Backlog, else the first, else a new Backlog.
    """
    if name is None:
        column = find_column(board, THIS_WEEK) or find_column(board, BACKLOG)
        if column:
            return board, column
        if board.columns:
            return board, board.columns[0]
    elif name.strip().casefold() != BACKLOG.casefold():
        return board, require_column(board, name)
    board = with_backlog(board)
    return board, require_column(board, BACKLOG)


def add_task(board: TaskBoard, task: NewTask, column: str | None = None) -> TaskBoard:
    """A new open task at the end of a column, with the next free id `T<n>`."""
    words = [plain_title(task.title), *(f"#{tag}" for tag in task.tags)]
    if task.owner is not None:
        words.append(owner_token(task.owner))
    if task.due is not None:
        words.append(f"due:{task.due}")
    if task.pri is not None:
        words.append(f"pri:{priority_value(task.pri)}")
    board, target = choose_column(board, column)
    words.append(f"id:T{next_number(board)}")
    text = " ".join(words)
    bullet = line_edits.next_bullet(board, target)
    ending = line_edits.line_ending(board)
    line = f"{bullet} [ ] {text}{ending}"
    end = line_edits.end_of_column(board, target)
    return line_edits.insert_task(board, end, line)


def priority_value(priority: int) -> str:
    """A priority as the board writes it. Raises WrongUsage for what is none."""
    if not list_item.is_valid_token("pri", str(priority)):
        raise WrongUsage(f"{priority} is not a priority", hint="1 is the highest")
    return str(priority)


def next_number(board: TaskBoard) -> int:
    """The number after the highest in an id `T<n>` anywhere on the board."""
    highest = 0
    for number in NUMBERED_ID.findall(board.text):
        highest = max(highest, int(number))
    return highest + 1


def owner_token(name: str) -> str:
    """The token that names an owner. Raises WrongUsage if the name cannot be one."""
    owner = name.removeprefix("@")
    if not list_item.is_valid_token("owner", owner):
        raise WrongUsage(
            f"{owner!r} cannot be an owner", hint="name an agent, or founder"
        )
    return f"@{owner}"


def mark_done(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Tick a task in place and write the day; a done task stays as it is."""
    return tick_task(board, find_task(board, name), on)


def tick_task(board: TaskBoard, task: Task, on: date) -> TaskBoard:
    """The same, for a task of the board."""
    if task.done:
        return board
    lines = tick_item(own_lines(board, task), on)
    return line_edits.rewrite_tasks(board, {task.line: lines})


def tick_item(lines: ItemLines, on: date) -> ItemLines:
    """An item that is done. An unknown mark stays; the date alone says it."""
    if list_item.parse_item(lines).mark == " ":
        lines = list_item.set_mark(lines, "x")
    return list_item.set_token(lines, "done", on.isoformat())


def reopen_task(board: TaskBoard, name: str) -> TaskBoard:
    """Take back what `done` or `kill` wrote: the tick, the day and `#killed`."""
    task = find_task(board, name)
    lines = list_item.remove_token(own_lines(board, task), "done")
    if list_item.parse_item(lines).mark in {"x", "X"}:
        lines = list_item.set_mark(lines, " ")
    lines = list_item.remove_token(lines, "tag", "killed")
    return line_edits.rewrite_tasks(board, {task.line: lines})


def move_task(
    board: TaskBoard, name: str, column: str, before: int | None = None
) -> TaskBoard:
    """Move a task and all its parts to the end of a column, or before one of its lines."""
    task = find_task(board, name)
    if before is None:
        return move_to_end(board, task, column)
    target = require_column(board, column)
    if not target.line < before <= target.last + 1:
        what = f"line {before} is not in column {target.name!r}"
        raise WrongUsage(what, hint="leave the line out")
    return line_edits.place_task(board, task, before - 1)


def move_to_end(board: TaskBoard, task: Task, column: str) -> TaskBoard:
    """Move a task to the end of a column, unless it is in it."""
    target = require_column(board, column)
    if task.column == target.name:
        return board
    return line_edits.place_task(board, task, line_edits.end_of_column(board, target))


def record_decision(
    board: TaskBoard, task: Task, on: date, edit: Callable[[ItemLines], ItemLines]
) -> TaskBoard:
    """The board after a decision: the count of misses starts anew."""
    lines = own_lines(board, task)
    if is_newly_missed(task, on):
        lines = list_item.append_word(lines, f"missed-on:{task.due}")
    lines = list_item.remove_token(edit(lines), "missed")
    lines = list_item.set_token(lines, "decided", on.isoformat())
    return line_edits.rewrite_tasks(board, {task.line: lines})


def rescope(board: TaskBoard, name: str, title: str, due: date, on: date) -> TaskBoard:
    """Decide that a task becomes another one, with another date."""
    new_title = plain_title(title)

    def edit(lines: ItemLines) -> ItemLines:
        lines = list_item.set_title(lines, new_title)
        return list_item.set_token(lines, "due", due.isoformat())

    return record_decision(board, find_task(board, name), on, edit)


def demote(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Decide that a task waits in the Backlog without a date."""

    def edit(lines: ItemLines) -> ItemLines:
        return list_item.remove_token(lines, "due")

    task = find_task(board, name)
    board = with_backlog(record_decision(board, task, on, edit))
    undated = next(other for other in board.tasks if other.line == task.line)
    return move_to_end(board, undated, BACKLOG)


def kill(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Decide that a task is given up: ticked, and marked as killed."""

    def edit(lines: ItemLines) -> ItemLines:
        return tick_item(list_item.append_word(lines, "#killed"), on)

    task = find_task(board, name)
    if task.is_killed:
        return board
    return record_decision(board, task, on, edit)


def cause(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Decide that a task stays as it is, for a reason that is kept elsewhere."""
    return record_decision(board, find_task(board, name), on, lambda lines: lines)


def count_miss(lines: ItemLines, task: Task, today: date) -> ItemLines:
    """The lines of a task on which the date that it missed last is counted, once."""
    if not is_newly_missed(task, today):
        return lines
    lines = list_item.set_token(lines, "missed", str(task.missed + 1))
    return list_item.append_word(lines, f"missed-on:{task.due}")


def count_misses(board: TaskBoard, today: date) -> tuple[TaskBoard, tuple[Task, ...]]:
    """Count every newly missed date, once; the board and its counted tasks afterwards."""
    edits: dict[int, ItemLines] = {}
    for task in board.tasks:
        if is_newly_missed(task, today):
            edits[task.line] = count_miss(own_lines(board, task), task, today)
    if not edits:
        return board, ()
    after = line_edits.rewrite_tasks(board, edits)
    return after, changed_tasks(board, after)
