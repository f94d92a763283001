"""What may happen to a board: each change takes a Board and returns one, and touches only its own lines."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from msgspec.structs import replace

from agentco.board import list_item
from agentco.board.document import Column, TaskBoard, read_board
from agentco.board.list_item import ItemLines
from agentco.board.task import Task, is_newly_missed
from agentco.kernel.errors import WrongUsage, did_you_mean

BACKLOG, THIS_WEEK = "Backlog", "This week"
MAX_TASKS_SHOWN = 5
NUMBERED_ID = re.compile(r"id:T([0-9]{1,9})(?!\S)", re.IGNORECASE)
BULLET = re.compile(r"([ \t]*)(?:([-*+])|([0-9]{1,9})([.)]))")
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LINE_END = re.compile(r"[\r\n]*\Z")


def find_task(board: TaskBoard, name: str) -> Task:
    """The task with this id, or with this part of a title if no other has it."""
    wanted = name.strip().casefold()
    named = [task for task in board.tasks if task.id and task.id.casefold() == wanted]
    if len(named) > 1:
        lines = " and ".join(str(task.line) for task in named)
        raise WrongUsage(
            f"id {name!r} is on lines {lines} of the board",
            hint="rename one of them first",
        )
    exact = [task for task in board.tasks if wanted and wanted == task.title.casefold()]
    found = (
        named
        or exact
        or [task for task in board.tasks if wanted and wanted in task.title.casefold()]
    )
    if len(found) == 1:
        return found[0]
    if found:
        few = ", ".join(repr(task.id or task.title) for task in found[:MAX_TASKS_SHOWN])
        more = ", …" if len(found) > MAX_TASKS_SHOWN else ""
        hint = "name one by its id or whole title; a task without an id gets one by adding id:T1 to its line"
        raise WrongUsage(f"{name!r} fits {len(found)} tasks: {few}{more}", hint=hint)
    known = [text for task in board.tasks for text in (task.title, task.id) if text]
    raise WrongUsage(
        f"no task {name!r} on the board",
        hint=did_you_mean(wanted, known, "agentco board lists the tasks"),
    )


def find_column(board: TaskBoard, name: str) -> Column | None:
    """The first column with this name, whatever its case."""
    wanted = name.strip().casefold()
    return next(
        (column for column in board.columns if column.name.casefold() == wanted), None
    )


def require_column(board: TaskBoard, name: str) -> Column:
    """The column with this name, or an error that names them all."""
    if column := find_column(board, name):
        return column
    names = ", ".join(repr(column.name) for column in board.columns) or "none"
    raise WrongUsage(
        f"no column {name!r} on the board", hint=f"the columns are: {names}"
    )


def without_place(task: Task) -> Task:
    """A task without its place: what must stay as it was when another one changes."""
    return replace(task, line=0, own=task.own - task.line, last=task.last - task.line)


def changed_tasks(before: TaskBoard, after: TaskBoard) -> tuple[Task, ...]:
    """The tasks of `after` that are new or not what they were."""
    known = {without_place(task) for task in before.tasks}
    return tuple(task for task in after.tasks if without_place(task) not in known)


def verify_placement(
    before: TaskBoard, was: int | None, after: TaskBoard, now: int, length: int
) -> TaskBoard:
    """The board after a task of some lines went to line `now`, when all others still mean what they did."""
    placed = next((task for task in after.tasks if task.line == now), None)
    others = [without_place(task) for task in after.tasks if task.line != now]
    kept = others == [without_place(task) for task in before.tasks if task.line != was]
    if placed and placed.last - placed.line == length - 1 and kept:
        return after
    raise misplaced_error(now)


def misplaced_error(line: int) -> WrongUsage:
    """Why a task cannot stand on a line."""
    hint = "indentation, code or comments there would change what tasks mean: edit BOARD.md by hand"
    return WrongUsage(f"line {line} of the board cannot take the task", hint=hint)


def line_ending(board: TaskBoard) -> str:
    """How the file ends its lines."""
    return next(
        (end[0] for line in board.lines if (end := LINE_END.search(line)) and end[0]),
        "\n",
    )


def reorder_lines(board: TaskBoard, lines: ItemLines) -> TaskBoard:
    """The board with its lines in another order; whether the last one ends stays as it was."""
    result = list(lines)
    for i, line in enumerate(result[:-1]):
        if not line.endswith(("\r", "\n")):
            last = result[-1].rstrip("\r\n")
            result[i], result[-1] = line + result[-1][len(last) :], last
    after = read_board(board.bom + "".join(result))
    for number, (line, wanted) in enumerate(zip(after.lines, result, strict=False), 1):
        if (
            line != wanted
        ):  # a lone CR met an LF, or a stray byte order mark came to the top
            raise misplaced_error(number)
    return after


def rewrite_tasks(board: TaskBoard, edits: Mapping[int, ItemLines]) -> TaskBoard:
    """The board with the own text of the tasks on these lines replaced."""
    lines = list(board.lines)
    for task in reversed(board.tasks):
        if task.line in edits:
            lines[task.line - 1 : task.own] = edits[task.line]
    return read_board(board.bom + "".join(lines))


def own_lines(board: TaskBoard, task: Task) -> ItemLines:
    """The lines that hold a task's text and tokens."""
    return board.lines[task.line - 1 : task.own]


def end_of_column(board: TaskBoard, column: Column) -> int:
    """After how many lines the next task of a column stands."""
    if column.tasks:
        return column.tasks[-1].last
    return next(
        (n for n in range(column.last, column.line, -1) if board.lines[n - 1].strip()),
        column.line,
    )


def with_backlog(board: TaskBoard) -> TaskBoard:
    """The board, with a column Backlog at its end if it had none."""
    if find_column(board, BACKLOG):
        return board
    nl = line_ending(board)
    gap = (nl,) if board.lines and board.lines[-1].strip() else ()
    return reorder_lines(board, (*board.lines, *gap, f"## {BACKLOG}{nl}"))


def plain_title(title: str) -> str:
    """A title as one line in which no word is a token: words that look like one become code."""
    words = list_item.replace_bad_bytes(CONTROL_CHARACTERS.sub(" ", title)).split()
    if not words:
        raise WrongUsage(
            "a task needs a title", hint='agentco board add "Write the pricing page"'
        )
    if any(map(list_item.split_token, words)):
        words = " ".join(words).replace("`", "'").split()
    return " ".join(
        f"`{word}`" if list_item.split_token(word) else word for word in words
    )


def next_bullet(board: TaskBoard, column: Column) -> str:
    """How the next item of a column starts."""
    tasks = column.tasks[-1:] or board.tasks[:1]
    match = BULLET.match(board.lines[tasks[0].line - 1]) if tasks else None
    if not match:
        return "-"
    number = (
        f"{int(match[3]) + 1 if column.tasks else 1}{match[4]}"
        if match[3]
        else match[2]
    )
    return (match[1] if column.tasks else "") + number


def choose_column(board: TaskBoard, name: str | None) -> tuple[TaskBoard, Column]:
    """The column for a new task, and the board that has it."""
    if name is None:
        columns = (
            find_column(board, THIS_WEEK),
            find_column(board, BACKLOG),
            *board.columns,
        )
        if column := next(filter(None, columns), None):
            return board, column
    elif name.strip().casefold() != BACKLOG.casefold():
        return board, require_column(board, name)
    board = with_backlog(board)
    return board, require_column(board, BACKLOG)


def add_task(
    board: TaskBoard,
    title: str,
    *,
    column: str | None = None,
    owner: str | None = None,
    due: date | None = None,
    pri: int | None = None,
) -> TaskBoard:
    """A new open task at the end of a column, with the next free id `T<n>`.

    Without a column: "This week", else Backlog, else the first, else a new Backlog.
    """
    owner = owner.removeprefix("@") if owner is not None else None
    if owner is not None and not list_item.is_valid_token("owner", owner):
        raise WrongUsage(
            f"{owner!r} cannot be an owner", hint="name an agent, or founder"
        )
    if pri is not None and not list_item.is_valid_token("pri", str(pri)):
        raise WrongUsage(f"{pri} cannot be a priority", hint="1 is the highest")
    board, goal = choose_column(board, column)
    number = max(map(int, NUMBERED_ID.findall(board.text)), default=0) + 1
    tokens = {"@": owner, "due:": due, "pri:": pri, "id:": f"T{number}"}
    words = [
        plain_title(title),
        *(f"{key}{value}" for key, value in tokens.items() if value is not None),
    ]
    line = f"{next_bullet(board, goal)} [ ] {' '.join(words)}{line_ending(board)}"
    end = end_of_column(board, goal)
    return verify_placement(
        board,
        None,
        reorder_lines(board, (*board.lines[:end], line, *board.lines[end:])),
        end + 1,
        1,
    )


def mark_done(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Tick a task in place and write the day; one that is done stays as it is."""
    task = find_task(board, name)
    return (
        board
        if task.done
        else rewrite_tasks(board, {task.line: tick_item(own_lines(board, task), on)})
    )


def tick_item(lines: ItemLines, on: date) -> ItemLines:
    """An item that is done. A mark we do not know stays; the date alone says it."""
    open_ = list_item.parse_item(lines).mark == " "
    return list_item.set_token(
        list_item.set_mark(lines, "x") if open_ else lines, "done", on.isoformat()
    )


def reopen_task(board: TaskBoard, name: str) -> TaskBoard:
    """Take back what `done` or `kill` said: the tick, the day and `#killed`."""
    task = find_task(board, name)
    lines = list_item.remove_token(own_lines(board, task), "done")
    if list_item.parse_item(lines).mark in {"x", "X"}:
        lines = list_item.set_mark(lines, " ")
    return rewrite_tasks(
        board, {task.line: list_item.remove_token(lines, "tag", "killed")}
    )


def move_task(
    board: TaskBoard, name: str, column: str, before: int | None = None
) -> TaskBoard:
    """A task with all that belongs to it to the end of a column, or before one of its lines."""
    task = find_task(board, name)
    if before is None:
        return move_to_end(board, task, column)
    goal = require_column(board, column)
    if not goal.line < before <= goal.last + 1:
        raise WrongUsage(
            f"line {before} is not in column {goal.name!r}", hint="leave the line out"
        )
    return place_task(board, task, before - 1)


def move_to_end(board: TaskBoard, task: Task, column: str) -> TaskBoard:
    """The board with a task at the end of a column, unless it stands in it."""
    goal = require_column(board, column)
    return (
        board
        if task.column == goal.name
        else place_task(board, task, end_of_column(board, goal))
    )


def place_task(board: TaskBoard, task: Task, at: int) -> TaskBoard:
    """The board with a task's lines after the first `at` others."""
    start, end = task.line - 1, task.last
    if start <= at <= end:
        return board
    rest = (*board.lines[:start], *board.lines[end:])
    at -= (end - start) if at > start else 0
    after = reorder_lines(board, (*rest[:at], *board.lines[start:end], *rest[at:]))
    return verify_placement(board, task.line, after, at + 1, end - start)


def record_decision(
    board: TaskBoard, task: Task, on: date, edit: Callable[[ItemLines], ItemLines]
) -> TaskBoard:
    """The board after a decision: the count starts anew, without what was missed before it."""
    lines = own_lines(board, task)
    if is_newly_missed(task, on):
        lines = list_item.append_word(lines, f"missed-on:{task.due}")
    lines = list_item.set_token(
        list_item.remove_token(edit(lines), "missed"), "decided", on.isoformat()
    )
    return rewrite_tasks(board, {task.line: lines})


def rescope(board: TaskBoard, name: str, title: str, due: date, on: date) -> TaskBoard:
    """Decide that a task becomes another one, with another date."""
    text = plain_title(title)
    task = find_task(board, name)
    return record_decision(
        board,
        task,
        on,
        lambda lines: list_item.set_token(
            list_item.set_title(lines, text), "due", due.isoformat()
        ),
    )


def demote(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Decide that a task waits in the Backlog without a date."""
    line = find_task(board, name).line
    board = with_backlog(
        record_decision(
            board,
            find_task(board, name),
            on,
            lambda lines: list_item.remove_token(lines, "due"),
        )
    )
    return move_to_end(
        board, next(task for task in board.tasks if task.line == line), BACKLOG
    )


def kill(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Decide that a task is given up: ticked, and marked as killed."""
    task = find_task(board, name)
    return (
        board
        if task.is_killed
        else record_decision(
            board,
            task,
            on,
            lambda lines: tick_item(list_item.append_word(lines, "#killed"), on),
        )
    )


def cause(board: TaskBoard, name: str, on: date) -> TaskBoard:
    """Decide that a task stays as it is, for a reason that is kept elsewhere."""
    return record_decision(board, find_task(board, name), on, lambda lines: lines)


def count_misses(board: TaskBoard, today: date) -> tuple[TaskBoard, tuple[Task, ...]]:
    """Count every date that is newly missed, once; the tasks as they are afterwards."""
    edits: dict[int, ItemLines] = {}
    for task in board.tasks:
        if is_newly_missed(task, today):
            lines = list_item.set_token(
                own_lines(board, task), "missed", str(task.missed + 1)
            )
            edits[task.line] = list_item.append_word(lines, f"missed-on:{task.due}")
    if not edits:
        return board, ()
    after = rewrite_tasks(board, edits)
    return after, changed_tasks(board, after)
