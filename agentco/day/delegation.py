"""What of a day plan goes to its owners without a model's choosing: tasks that are overdue or due today."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from msgspec import Struct

from agentco.board.document import TaskBoard
from agentco.company.company import Company
from agentco.company.records import Agent
from agentco.day.facts import StandupFacts, TaskFact
from agentco.day.plan import PlanLine, PlanRule, tasks_by_source
from agentco.kernel import package_data
from agentco.runs.prompt_format import escape_tags

DELEGATED_RULES = frozenset({PlanRule.TASK_OVERDUE, PlanRule.TASK_DUE_TODAY})
MAX_DELEGATED = 6
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
    plan: Collection[PlanLine],
    facts: StandupFacts,
    company: Company,
    by: Agent,
    begun: Collection[str],
) -> list[AssignedTask]:
    """What can be delegated, in the plan's order; `begun` are titles of today's runs.

    Not what is blocked or waits for a decision, not the founder's, and nothing twice on one day.
    """
    tasks, blocked = tasks_by_source(facts), {task.line for task in facts.blocked}

    def found() -> Iterator[AssignedTask]:
        for line in plan:
            task, agent = tasks.get(line.source), company.find_agent(line.owner)
            if (
                line.rule in DELEGATED_RULES
                and task
                and task.line not in blocked
                and agent
                and agent != by
            ):
                piece = AssignedTask(agent=agent, task=task)
                if not piece.already_started(begun):
                    yield piece

    return [*found()][:MAX_DELEGATED]


def delegation_prompt(
    piece: AssignedTask, board: TaskBoard, by: Agent, day: date
) -> str | None:
    """What its owner is asked, in the board's own words; None when it stands there no more."""
    same = (
        task
        for task in board.tasks
        if task.is_open and (task.id, task.title) == (piece.task.id, piece.task.title)
    )
    if (task := next(same, None)) is None:
        return None
    lines = "".join(board.lines[task.line - 1 : task.last]).rstrip()
    facts = {
        "title": escape_tags(piece.title),
        "column": escape_tags(task.column),
        "lines": escape_tags(lines),
    }
    return DELEGATION_FORM.format(by=by.id, day=day, due=task.due, **facts)
