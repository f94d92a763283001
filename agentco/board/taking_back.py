"""What a change did to the board's lines, and how it is taken back."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from msgspec import Struct

from agentco.board import line_edits
from agentco.board.document import TaskBoard
from agentco.kernel.errors import WrongUsage

Lines = tuple[str, ...]


class LineChange(Struct, frozen=True, kw_only=True):
    """Lines that were `before` and became `after`, between the lines `above` and `below`.

    `at` counts how many lines stand before it after the change.
    """

    at: int
    before: Lines
    after: Lines
    above: Lines
    below: Lines


class BoardRecord(Struct, frozen=True, kw_only=True):
    """One command's change of the board: what was done, to which task, when."""

    did: str
    task: str
    title: str
    at: str
    changes: tuple[LineChange, ...]


def find_line_changes(before: TaskBoard, after: TaskBoard) -> tuple[LineChange, ...]:
    """Which lines differ, from the first to the last, each with the line on either side."""
    old, new = before.lines, after.lines
    changes: list[LineChange] = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        changes.append(
            LineChange(
                at=new_start,
                before=tuple(old[start:end]),
                after=tuple(new[new_start:new_end]),
                above=tuple(new[max(new_start - 1, 0) : new_start]),
                below=tuple(new[new_end : new_end + 1]),
            )
        )
    return tuple(changes)


def take_back(board: TaskBoard, record: BoardRecord) -> TaskBoard:
    """The board without a change; what was written elsewhere on it since then stays.

    Raises WrongUsage where the change's own lines are no longer what it wrote.
    """
    lines = tuple(board.lines)
    for change in reversed(record.changes):
        place = _find_place(lines, change)
        if place is None:
            raise WrongUsage(
                f"the board changed there since {record.at}, so it cannot be taken back",
                hint="agentco board edit opens it in your editor",
            )
        end = place + len(change.after)
        lines = (*lines[:place], *change.before, *lines[end:])
    return line_edits.reorder_lines(board, lines)


def _find_place(lines: Lines, change: LineChange) -> int | None:
    places = sorted(_places(lines, change), key=lambda place: abs(place - change.at))
    return places[0] if places else None


def _places(lines: Lines, change: LineChange) -> Iterator[int]:
    """Where the changed lines stand: with both neighbours or, if there are lines, with one."""
    size = len(change.after)
    wanted = 1 if size else 2
    for place in range(len(lines) - size + 1):
        if lines[place : place + size] != change.after:
            continue
        end = place + size
        neighbours = [
            lines[max(place - 1, 0) : place] == change.above,
            lines[end : end + 1] == change.below,
        ]
        if sum(neighbours) >= wanted:
            yield place
