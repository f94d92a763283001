"""A task on the board, and when it is late, missed again, or needs a decision."""

from datetime import date

from msgspec import Struct

CHRONIC_MISSES = 2


class Task(Struct, frozen=True, kw_only=True):
    """One list item of the board.

    `line` is where it starts, `text_end` where its own text ends, `last` where its sub-items and
    notes end; all count from 1. `missed` is what the board says, without a date missed today.
    """

    id: str | None = None
    title: str
    owner: str | None = None
    due: date | None = None
    pri: int | None = None
    missed: int = 0
    missed_on: tuple[date, ...] = ()
    decided: date | None = None
    done: bool = False
    done_on: date | None = None
    blocked: bool = False
    tags: tuple[str, ...] = ()
    column: str = ""
    line: int
    text_end: int
    last: int

    @property
    def is_killed(self) -> bool:
        """Whether it was given up by a decision."""
        return any(tag.casefold() == "killed" for tag in self.tags)

    @property
    def is_open(self) -> bool:
        """Neither done nor killed: somebody still has to do it."""
        return not (self.done or self.is_killed)


def is_overdue(task: Task, today: date) -> bool:
    """Whether an open task's date lies before today."""
    return task.is_open and task.due is not None and task.due < today


def is_newly_missed(task: Task, today: date) -> bool:
    """Whether its date is overdue and not counted yet."""
    return is_overdue(task, today) and task.due not in task.missed_on


def count_misses_now(task: Task, today: date) -> int:
    """How many dates it missed since its last decision, including one that is overdue now."""
    return task.missed + is_newly_missed(task, today)


def is_chronic(task: Task, today: date) -> bool:
    """Whether it must not be carried over again without a decision."""
    return task.is_open and count_misses_now(task, today) >= CHRONIC_MISSES
