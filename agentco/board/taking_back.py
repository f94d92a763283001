"""What a change did to the board's lines, and how it is taken back."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from msgspec import Struct

from agentco.board import line_edits
from agentco.board.document import TaskBoard
from agentco.kernel.errors import WrongUsage

Lines = tuple[str, ...]
MAX_COMPARED_LINES = 400
"""More are one change: comparing them takes a time that grows with their square."""


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
    first, last = _common_ends(old, new)
    inner_old, inner_new = old[first : len(old) - last], new[first : len(new) - last]
    blocks = [(0, len(inner_old), 0, len(inner_new))]
    if max(len(inner_old), len(inner_new)) <= MAX_COMPARED_LINES:
        blocks = _differing_blocks(inner_old, inner_new)
    changes: list[LineChange] = []
    for start, end, new_start, new_end in blocks:
        at, below = first + new_start, first + new_end
        changes.append(
            LineChange(
                at=at,
                before=inner_old[start:end],
                after=inner_new[new_start:new_end],
                above=new[max(at - 1, 0) : at],
                below=new[below : below + 1],
            )
        )
    return tuple(changes)


def _common_ends(old: Lines, new: Lines) -> tuple[int, int]:
    """How many lines are the same at the beginning and, of the rest, at the end."""
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and old[first] == new[first]:
        first += 1
    last = 0
    while last < shorter - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, last


def _differing_blocks(old: Lines, new: Lines) -> list[tuple[int, int, int, int]]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    return [
        (start, end, new_start, new_end)
        for kind, start, end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    ]


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
