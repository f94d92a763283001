"""What of the board wants attention today, and how short a command may name it."""

from collections.abc import Iterable
from datetime import date

from msgspec import convert
from msgspec.structs import replace

from agentco.board.document import TaskBoard
from agentco.board.task import Task, count_misses_now, is_chronic, is_overdue
from agentco.board.task_edits import column_to_go_on
from agentco.day.deadlines import CLOSE_DAYS
from agentco.day.facts import StandupFacts, TaskFact, health_facts

LAST_PRIORITY = 99
"""Where a task without a priority is ranked."""
SHORTENED = 60
"""As many tasks of a kind as a screen may show get a short name."""
SHORT_TITLE = 16


def board_facts(board: TaskBoard, today: date) -> StandupFacts:
    """Overdue, due, soon due, chronic and blocked tasks, each list with the most pressing first."""
    tasks = [task for task in board.tasks if task.is_open]
    names = "\n".join(f"{task.id or ''}\n{task.title}" for task in board.tasks)
    known = names.casefold()
    blocked = _task_facts((task for task in tasks if task.blocked), today, known)
    column = column_to_go_on(board)
    return StandupFacts(
        overdue_tasks=_task_facts(
            (task for task in tasks if is_overdue(task, today)), today, known
        ),
        due_today=_task_facts(
            (task for task in tasks if task.due == today), today, known
        ),
        due_soon=_task_facts(
            (task for task in tasks if is_due_soon(task, today)), today, known
        ),
        chronic=_task_facts(
            (task for task in tasks if is_chronic(task, today)), today, known
        ),
        blocked=tuple(replace(fact, goes_on_in=column) for fact in blocked),
        health=health_facts(board.problems),
    )


def is_due_soon(task: Task, today: date) -> bool:
    """Whether it is due in the days that a deadline is close in, and somebody can work on it."""
    if task.due is None or task.blocked:
        return False
    return 0 < (task.due - today).days <= CLOSE_DAYS


def _task_facts(tasks: Iterable[Task], today: date, known: str) -> tuple[TaskFact, ...]:
    """Tasks as facts, the most pressing first; `known` has the ids and titles of all."""
    facts = sorted((_task_fact(task, today) for task in tasks), key=_urgency)
    shortened = (with_short_title(fact, known) for fact in facts[:SHORTENED])
    return (*shortened, *facts[SHORTENED:])


def with_short_title(fact: TaskFact, known: str) -> TaskFact:
    """A task without an id with the fewest first words that name it alone.

    `known` has the folded ids and titles of all tasks.
    """
    words = fact.title.split()
    if fact.id or len(fact.title) <= SHORT_TITLE or " ".join(words) != fact.title:
        return fact
    for count in range(2, len(words)):
        start = " ".join(words[:count])
        if known.count(start.casefold()) == 1:
            return replace(fact, short_title=start)
    return fact


def _urgency(fact: TaskFact) -> tuple[int, int, int]:
    priority = LAST_PRIORITY if fact.pri is None else fact.pri
    return -fact.days_late, priority, fact.line


def _task_fact(task: Task, today: date) -> TaskFact:
    days_late = (today - task.due).days if task.due else 0
    is_close = is_due_soon(task, today)
    return replace(
        convert(task, TaskFact, from_attributes=True),
        days_late=max(days_late, 0),
        days_left=-days_late if is_close else 0,
        missed=count_misses_now(task, today),
        blocked_by_tag="blocked" in {tag.casefold() for tag in task.tags},
    )
