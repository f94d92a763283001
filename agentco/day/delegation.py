"""What of a day plan goes to its owners without a model's choosing: overdue or due today."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from msgspec import Struct

from agentco.board.document import TaskBoard
from agentco.company.company import Company
from agentco.company.records import Agent
from agentco.day.facts import StandupFacts, TaskFact
from agentco.day.plan import PlanLine, PlanRule, tasks_by_source
from agentco.kernel import package_data

DELEGATED_RULES = frozenset({PlanRule.TASK_OVERDUE, PlanRule.TASK_DUE_TODAY})
MAX_DELEGATED = 6
"""Tasks of one standup."""
DELEGATION_FORM = package_data.load_text(__name__)


class AssignedTask(Struct, frozen=True, kw_only=True):
    """A task of the plan, and whose it is."""

    agent: Agent
    task: TaskFact

    @property
    def name(self) -> str:
        """What the founder calls it: its id, else its title."""
        return self.task.id or self.task.title

    @property
    def title(self) -> str:
        """The title of its run."""
        return f"{self.task.id}: {self.task.title}" if self.task.id else self.task.title

    def already_started(self, titles: Iterable[str]) -> bool:
        """Whether a run with one of these titles is about it."""
        start = f"{self.task.id}: " if self.task.id else self.title
        return any(
            start.startswith(title) or title.startswith(start) for title in titles
        )


def tasks_to_delegate(
    plan: Iterable[PlanLine],
    facts: StandupFacts,
    company: Company,
    orchestrator: Agent,
    begun_titles: Collection[str],
) -> list[AssignedTask]:
    """What can be delegated, in the plan's order; `begun_titles` are those of today's runs.

    Not what is blocked or waits for a decision, not the founder's, and nothing twice on one day.
    """
    tasks = tasks_by_source(facts)
    blocked = {task.line for task in facts.blocked}
    assigned: list[AssignedTask] = []
    for line in plan:
        task = tasks.get(line.source)
        agent = company.find_agent(line.owner)
        if line.rule not in DELEGATED_RULES or task is None or task.line in blocked:
            continue
        if agent is None or agent == orchestrator:
            continue
        assignment = AssignedTask(agent=agent, task=task)
        if not assignment.already_started(begun_titles):
            assigned.append(assignment)
    return assigned[:MAX_DELEGATED]


def delegation_prompt(
    assignment: AssignedTask,
    board: TaskBoard,
    orchestrator: Agent,
    day: date,
    *,
    quote: Callable[[str], str],
) -> str | None:
    """What its owner is asked, in the board's own words; None when it stands there no more.

    `quote` makes words safe in a prompt: nothing in them poses as a part of it.
    """
    key = (assignment.task.id, assignment.task.title)
    for task in board.tasks:
        if task.is_open and (task.id, task.title) == key:
            break
    else:
        return None
    lines = "".join(board.lines[task.line - 1 : task.last]).rstrip()
    return DELEGATION_FORM.format(
        by=orchestrator.id,
        day=day,
        due=task.due,
        title=quote(assignment.title),
        column=quote(task.column),
        lines=quote(lines),
    )
