"""Whom and what an agent names on the board; an error says what it could have meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from agentco.board import changes
from agentco.board.document import TaskBoard
from agentco.board.task import Task
from agentco.company.company import Company
from agentco.kernel.errors import WrongUsage, did_you_mean
from agentco.kernel.names import FOUNDER

MAX_NAMED = 5
MAX_TITLE_SHOWN = 60
LIKENESS = 0.5
_NUMBERED = re.compile(r"(\D*)([0-9]{1,9})")


def find_task(board: TaskBoard, name: str, *, may_be_part: bool) -> Task:
    """The task with this id or title; if it `may_be_part`, else the one that has it in its title.

    Raises WrongUsage if there is none, or more than one: with those that could be meant.
    """
    text = " ".join(name.split()).casefold()
    found = changes.matching_tasks(board, text) if text else []
    exact = [task for task in found if is_named(task, text)]
    matches = found if may_be_part else exact
    if not matches:
        raise unknown_task(board, name, found)
    if len(matches) > 1:
        raise WrongUsage(
            f"{name!r} fits {len(matches)} tasks: {tasks_in_words(matches)}",
            hint="name one by its id; the founder adds one to a line that has none",
        )
    return matches[0]


def is_named(task: Task, text: str) -> bool:
    """Whether a task has this folded id or title."""
    return changes.has_id(task, text) or task.title.casefold() == text


def unknown_task(board: TaskBoard, name: str, close: Iterable[Task]) -> WrongUsage:
    """That no task has a name, with those that are close to it."""
    nearest = [*close, *tasks_like(board, name), *tasks_near(board, name)]
    unique = list({task.line: task for task in nearest}.values())[:MAX_NAMED]
    hint = "show lists the open tasks with their ids"
    if unique:
        hint = f"the nearest are {tasks_in_words(unique)}"
    return WrongUsage(f"no task {name!r} on the board", hint=hint)


def tasks_like(board: TaskBoard, name: str) -> list[Task]:
    """The tasks whose titles are spelt like a name."""
    by_title = {task.title.casefold(): task for task in board.tasks}
    close = get_close_matches(name.casefold(), by_title, n=3, cutoff=LIKENESS)
    return [by_title[title] for title in close]


def tasks_near(board: TaskBoard, name: str) -> list[Task]:
    """The tasks whose ids are numbered like a name, the nearest first."""
    wanted = _NUMBERED.fullmatch(name.strip().casefold())
    if not wanted:
        return []
    near: list[tuple[int, int, Task]] = []
    for task in board.tasks:
        found = _NUMBERED.fullmatch((task.id or "").casefold())
        if found and found[1] == wanted[1]:
            near.append((abs(int(found[2]) - int(wanted[2])), task.line, task))
    return [task for _, _, task in sorted(near, key=lambda each: each[:2])[:3]]


def tasks_in_words(tasks: Iterable[Task]) -> str:
    """Tasks by their ids, titles and columns."""
    listed = list(tasks)
    words = [
        f"{task.id or f'line {task.line}'} {_short(task.title)!r} in {task.column!r}"
        for task in listed[:MAX_NAMED]
    ]
    more = [f"{len(listed) - MAX_NAMED} more"] if len(listed) > MAX_NAMED else []
    return ", ".join(words + more)


def _short(title: str) -> str:
    if len(title) <= MAX_TITLE_SHOWN:
        return title
    return f"{title[:MAX_TITLE_SHOWN]}…"


def resolve_owner(name: str, company: Company) -> str | None:
    """The agent, or the founder, whom a name means; None for nobody."""
    name = name.strip().removeprefix("@")
    agent = company.find_agent(name)
    if agent:
        return agent.id
    if not name:
        return None
    if name.casefold() == FOUNDER:
        return FOUNDER
    names = [FOUNDER, *(agent.id for agent in company.agents)]
    hint = did_you_mean(name, names, f"the agents are {', '.join(names)}")
    raise WrongUsage(f"no agent is called {name!r}", hint=hint)
