"""A task on the board, and when it is late, missed again, or needs a decision."""

from datetime import date

from msgspec import Struct

CHRONIC = 2


class Task(Struct, frozen=True, kw_only=True):
    """One list item of the board.

    `line` is where it starts, `own` where its own text ends, `last` where its sub-items and notes end;
    all count from 1. `missed` is what the board says; `misses` knows about today.
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
    own: int
    last: int

    @property
    def killed(self) -> bool:
        """Given up by a decision."""
        return "killed" in (tag.casefold() for tag in self.tags)

    @property
    def open(self) -> bool:
        """Neither done nor killed: somebody still has to do it."""
        return not (self.done or self.killed)


def overdue(task: Task, today: date) -> bool:
    """Whether an open task's date lies before today."""
    return task.open and task.due is not None and task.due < today


def newly_missed(task: Task, today: date) -> bool:
    """Whether its date is overdue and was not counted yet."""
    return overdue(task, today) and task.due not in task.missed_on


def misses(task: Task, today: date) -> int:
    """How many dates it missed since its last decision, the one that is overdue now included."""
    return task.missed + newly_missed(task, today)


def chronic(task: Task, today: date) -> bool:
    """Whether it must not be carried over again without a decision."""
    return task.open and misses(task, today) >= CHRONIC
