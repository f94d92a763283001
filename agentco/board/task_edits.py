"""Edits of one task: its title, owner, date, priority, what it waits for, and all of it.

Each takes a board and a task on it, and gives the board on which every other task means what it
did. Raises WrongUsage for what no board could take.
"""

from datetime import date

from agentco.board import changes, line_edits, list_item
from agentco.board.document import BLOCKED, TaskBoard, is_done_column
from agentco.board.line_edits import own_lines
from agentco.board.list_item import ItemLines
from agentco.board.task import Task, count_misses_now, is_chronic
from agentco.kernel.errors import WrongUsage

IN_PROGRESS = "in progress"
BACKLOG = "backlog"
PLACE = frozenset({"line", "text_end", "last"})
"""Fields of a task that only say where it stands."""
WAITS, FOR = "waits", "for"
"""The words behind a comma from which a title says what the task waits for."""


def set_title(board: TaskBoard, task: Task, title: str) -> TaskBoard:
    """The board with another title in the task's first line; tokens and comments follow it."""
    plain = changes.plain_title(title)
    lines = own_lines(board, task)
    if list_item.parse_item(lines).title == plain:
        return board
    return _rewrite(board, task, list_item.set_title(lines, plain), title=plain)


def set_owner(board: TaskBoard, task: Task, owner: str | None) -> TaskBoard:
    """The board on which a task is somebody else's, or without an owner nobody's."""
    lines = own_lines(board, task)
    if owner == task.owner:
        return board
    if owner is None:
        lines = list_item.remove_token(lines, "owner")
    else:
        owner = changes.owner_token(owner).removeprefix("@")
        lines = list_item.set_token(lines, "owner", owner)
    return _rewrite(board, task, lines, owner=owner)


def set_priority(board: TaskBoard, task: Task, priority: int | None) -> TaskBoard:
    """The board with another priority of a task, 1 first; without one it has none."""
    lines = own_lines(board, task)
    if priority == task.pri:
        return board
    if priority is None:
        lines = list_item.remove_token(lines, "pri")
    else:
        lines = list_item.set_token(lines, "pri", changes.priority_value(priority))
    return _rewrite(board, task, lines, pri=priority)


def set_due(board: TaskBoard, task: Task, due: date | None, today: date) -> TaskBoard:
    """The board with another date of a task, or none; a date that it missed is counted first.

    Raises WrongUsage for a date that is over, and for a task that needs a decision.
    """
    if due == task.due:
        return board
    if due and due < today:
        raise WrongUsage(f"{due} is in the past", hint=f"today is {today}")
    if is_chronic(task, today):
        name = task.id or repr(task.title)
        missed = count_misses_now(task, today)
        what = f"{name} has missed {missed} dates: another one needs a decision"
        raise WrongUsage(what, hint="the founder decides: agentco board decide")
    lines = changes.count_miss(own_lines(board, task), task, today)
    if due is None:
        lines = list_item.remove_token(lines, "due")
    else:
        lines = list_item.set_token(lines, "due", due.isoformat())
    counted = {"missed", "missed_on"}
    return _rewrite(board, task, lines, *counted, due=due)


def block_task(board: TaskBoard, task: Task, waits_for: str) -> TaskBoard:
    """The board on which a task is blocked and its title says what it waits for.

    It goes to the end of the column Blocked; where there is none it is tagged `#blocked`.
    """
    reason = f"{WAITS} {FOR} {changes.plain_title(waits_for)}"
    lines = own_lines(board, task)
    if not f", {list_item.parse_item(lines).title}".endswith(f", {reason}"):
        lines = remove_reason(lines)
        title = list_item.parse_item(lines).title.rstrip(".,;:")
        wanted = f"{title}, {reason}".removeprefix(", ")
        board = _rewrite(board, task, add_reason(lines, reason), title=wanted)
        task = task_on_line(board, task.line)
    if task.blocked:
        return board
    column = changes.find_column(board, BLOCKED)
    if column:
        return changes.move_to_end(board, task, column.name)
    lines = list_item.append_word(own_lines(board, task), f"#{BLOCKED}")
    return _rewrite(board, task, lines, "tags", blocked=True)


def unblock_task(board: TaskBoard, task: Task) -> TaskBoard:
    """The board on which a task waits for nothing; out of Blocked it goes where work goes on.

    Raises WrongUsage where no column is for open work.
    """
    lines = list_item.remove_token(own_lines(board, task), "tag", BLOCKED)
    lines = remove_reason(lines)
    if lines != own_lines(board, task):
        board = _rewrite(board, task, lines, "title", "tags", "blocked")
        task = task_on_line(board, task.line)
    if not task.blocked:
        return board
    column = column_to_go_on(board)
    if column is None:
        what = f"no column is for work that goes on, so it stays in {task.column!r}"
        raise WrongUsage(what, hint="move it to another column")
    return changes.move_to_end(board, task, column)


def delete_task(board: TaskBoard, task: Task) -> TaskBoard:
    """The board without a task and its notes and sub-items."""
    lines = (*board.lines[: task.line - 1], *board.lines[task.last :])
    after = line_edits.reorder_lines(board, lines)
    others = line_edits.others_than(board, task.line)
    if line_edits.others_than(after, None) != others:
        raise line_edits.misplaced_error(task.line)
    return after


def finish_task(board: TaskBoard, task: Task, column: str, on: date) -> TaskBoard:
    """The board on which a task is ticked, in the column for what is done if there is one."""
    board = changes.tick_task(board, task, on)
    found = changes.find_column(board, column)
    if not found:
        return board
    return changes.move_to_end(board, task_on_line(board, task.line), found.name)


def column_to_go_on(board: TaskBoard) -> str | None:
    """The column for work that goes on: In progress, else the first that is for open work."""
    names = [column.name for column in board.columns if column.name]
    for name in names:
        if name.casefold() == IN_PROGRESS:
            return name
    others = (name for name in names if name.casefold() not in {BLOCKED, BACKLOG})
    return next((name for name in others if not is_done_column(name)), None)


def remove_reason(lines: ItemLines) -> ItemLines:
    """An item without the words from ", waits for" to the end of its title."""
    line = lines[0]
    spans = list_item.title_spans(lines)
    words = [line[start:end] for start, end in spans]
    for i in range(len(words) - 2, 0, -1):
        if words[i : i + 2] == [WAITS, FOR] and words[i - 1].endswith(","):
            for start, end in reversed(spans[i:]):
                lines = list_item.cut_span(lines, 0, start, end)
            comma = spans[i - 1][1]
            return list_item.replace_span(lines, 0, comma - 1, comma, "")
    return lines


def add_reason(lines: ItemLines, reason: str) -> ItemLines:
    """An item whose title ends with what it waits for."""
    spans = list_item.title_spans(lines)
    if not spans:
        return list_item.set_title(lines, reason)
    start, end = spans[-1]
    kept = lines[0][start:end].rstrip(".,;:")
    return list_item.replace_span(lines, 0, start + len(kept), end, f", {reason}")


def task_on_line(board: TaskBoard, line: int) -> Task:
    """The task that starts on a line."""
    return next(task for task in board.tasks if task.line == line)


def _rewrite(
    board: TaskBoard, task: Task, lines: ItemLines, *free: str, **wanted: object
) -> TaskBoard:
    """The board with other lines of a task, on which only `free` and `wanted` fields changed.

    Raises WrongUsage if it would be read in another way: as code, or as another task's words.
    """
    after = line_edits.rewrite_tasks(board, {task.line: lines})
    others = line_edits.others_than(board, task.line)
    is_kept = line_edits.others_than(after, task.line) == others
    found = next((one for one in after.tasks if one.line == task.line), None)
    if is_kept and found and _differences(task, found, {*free}) == wanted:
        return after
    raise WrongUsage(
        "the board would be read in another way with that text",
        hint="leave out code marks, comments, checkboxes and dates",
    )


def _differences(before: Task, after: Task, free: set[str]) -> dict[str, object]:
    """What a task says otherwise than before, beside its place and the fields that are free."""
    return {
        name: getattr(after, name)
        for name in Task.__struct_fields__
        if name not in PLACE | free and getattr(after, name) != getattr(before, name)
    }
