"""The day plan: facts in, ranked lines out, each with its source and the rule that put it there."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import BOARD_FILE as BOARD, FOUNDER
from agentco.day.facts import DeadlineFact, StaleFact, StandupFacts, TaskFact
from agentco.kernel.words import days_in_words, shell_quote

CLOSE_DAYS = 2
WEEK_DAYS = 7


class PlanRule(StrEnum):
    """Why a line is in the plan, in the order of the day: what costs money or a promise first."""

    DEADLINE_OVERDUE = "deadline-overdue"
    DEADLINE_CLOSE = "deadline-close"
    CHRONIC_MISS = "chronic-miss"
    INBOX = "inbox"
    RUN_FAILED = "run-failed"
    TASK_OVERDUE = "task-overdue"
    TASK_DUE_TODAY = "task-due-today"
    TASK_BLOCKED = "task-blocked"
    DEADLINE_THIS_WEEK = "deadline-this-week"
    PROMPT_OVERDUE = "prompt-overdue"
    HEALTH = "health"
    FACT_STALE = "fact-stale"
    LESSON_OPEN = "lesson-open"
    IN_DOUBT = "in-doubt"
    DEADLINE_AHEAD = "deadline-ahead"


class PlanLine(Struct, frozen=True, kw_only=True):
    """One thing to do today; `action` is a command or a sentence that says how to be rid of it."""

    rank: int = 0
    title: str
    owner: str = FOUNDER
    source: str
    rule: PlanRule
    action: str


def make_day_plan(facts: StandupFacts) -> tuple[PlanLine, ...]:
    """The ranked day plan. A task stands in it once, under the most pressing rule."""
    order = list(PlanRule)
    lines = [
        *_deadline_lines(facts),
        *_run_lines(facts),
        *_task_lines(facts),
        *_prompt_lines(facts),
        *_memory_lines(facts),
    ]
    lines.sort(key=lambda line: order.index(line.rule))
    return tuple(replace(line, rank=rank) for rank, line in enumerate(lines, start=1))


def _deadline_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for fact in facts.deadlines:
        title = f"{fact.name.removeprefix('deadline:')}: {days_in_words(fact.days_left)}, {fact.due}"
        act = f"agentco memory add {shell_quote(fact.name)} {shell_quote(f'Done: {fact.due}')}"
        rule, owner = _deadline_rule(fact), fact.owner or FOUNDER
        yield PlanLine(
            title=title,
            owner=owner,
            source=f"memory: {fact.name}",
            rule=rule,
            action=act,
        )


def _deadline_rule(fact: DeadlineFact) -> PlanRule:
    if fact.days_left < 0:
        return PlanRule.DEADLINE_OVERDUE
    if fact.days_left <= CLOSE_DAYS:
        return PlanRule.DEADLINE_CLOSE
    return (
        PlanRule.DEADLINE_THIS_WEEK
        if fact.days_left <= WEEK_DAYS
        else PlanRule.DEADLINE_AHEAD
    )


def _task_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    firsts: dict[int, tuple[PlanRule, TaskFact]] = {}
    for rule, tasks in (
        (PlanRule.CHRONIC_MISS, facts.chronic),
        (PlanRule.TASK_OVERDUE, facts.overdue_tasks),
        (PlanRule.TASK_DUE_TODAY, facts.due_today),
        (PlanRule.TASK_BLOCKED, facts.blocked),
    ):
        for task in tasks:
            firsts.setdefault(task.line, (rule, task))
    for rule, task in firsts.values():
        late = f", {days_in_words(-task.days_late)}" if task.days_late else ""
        missed = (
            f", missed {task.missed} dates" if rule is PlanRule.CHRONIC_MISS else ""
        )
        title, source = f"{task.title}{late}{missed}", f"{BOARD}:{task.line}"
        owner = FOUNDER if rule is PlanRule.CHRONIC_MISS else task.owner or FOUNDER
        yield PlanLine(
            title=title,
            owner=owner,
            source=source,
            rule=rule,
            action=_task_action(rule, task),
        )


def _task_action(rule: PlanRule, task: TaskFact) -> str:
    if rule is PlanRule.CHRONIC_MISS:
        options = (
            '--rescope "A SMALLER TASK" --due +7d',
            "--demote",
            "--kill",
            '--cause "WHY IT STAYS"',
        )
        return "\n".join(
            f"agentco board decide {task_argument(task)} {option}" for option in options
        )
    if rule is not PlanRule.TASK_BLOCKED:
        return f"agentco board done {task_argument(task)}"
    if task.blocked_by_tag:
        return f"take #blocked out of line {task.line} of {BOARD} when it can go on"
    return f"agentco board move {task_argument(task)} {shell_quote('In progress')}"


def tasks_by_source(facts: StandupFacts) -> dict[str, TaskFact]:
    """The tasks of a plan, by the source of their lines."""
    found = (*facts.overdue_tasks, *facts.due_today, *facts.chronic, *facts.blocked)
    return {f"{BOARD}:{task.line}": task for task in found}


def task_argument(task: TaskFact) -> str:
    """How a command names the task: its id, else its title."""
    title = shell_quote(task.title)
    return task.id or (f"-- {title}" if task.title.startswith("-") else title)


def _prompt_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for fact in facts.overdue_prompts:
        last = f"last ran well {fact.last_run.date()}" if fact.last_run else "never ran"
        title = f"/{fact.prompt} was due {fact.due_at:%Y-%m-%d %H:%M} ({last})"
        source = f"memory: prompt-run:{fact.prompt}"
        owner, act = (
            fact.agent or FOUNDER,
            f"agentco run {shell_quote(f'/{fact.prompt}')}",
        )
        yield PlanLine(
            title=title,
            owner=owner,
            source=source,
            rule=PlanRule.PROMPT_OVERDUE,
            action=act,
        )


def _run_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for rule, items in (
        (PlanRule.INBOX, facts.inbox),
        (PlanRule.IN_DOUBT, facts.in_doubt),
    ):
        for item in items:
            title = f"{item.agent}, {item.kind}: {item.what}"
            yield PlanLine(
                title=title, source=f"run {item.run}", rule=rule, action=item.command
            )
    for one in facts.restricted:
        title, source = (
            f"{one.agent} may only read: {one.why}",
            f"restricted since {one.since[:16]}",
        )
        yield PlanLine(
            title=title, source=source, rule=PlanRule.INBOX, action=one.command
        )
    for run in facts.runs_failed:
        act = f"agentco runs {'resume' if run.status == 'interrupted' else 'show'} {run.id}"
        title, source = f"{run.title} ({run.status})", f"run {run.id}"
        yield PlanLine(
            title=title,
            owner=run.agent,
            source=source,
            rule=PlanRule.RUN_FAILED,
            action=act,
        )


def _memory_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for health in facts.health:
        where = f"{health.file}:{health.line}" if health.line else health.file
        yield PlanLine(
            title=health.message,
            source=where,
            rule=PlanRule.HEALTH,
            action=health.action,
        )
    yield from _stale_fact_lines(facts.stale_facts)
    commit = '"Status: answered by $(git rev-parse --short HEAD)"'
    for lesson in facts.lessons_open:
        source, act = (
            f"memory: {lesson.name}",
            f"agentco memory add {shell_quote(lesson.name)} {commit}",
        )
        yield PlanLine(
            title=lesson.summary, source=source, rule=PlanRule.LESSON_OPEN, action=act
        )


def _stale_fact_lines(facts: tuple[StaleFact, ...]) -> Iterator[PlanLine]:
    """One line for each entity, naming its oldest fact."""
    oldest = {fact.name: fact for fact in reversed(facts)}
    for fact in dict.fromkeys(oldest[f.name] for f in facts):
        more = sum(f.name == fact.name for f in facts) - 1
        rest = f" and {more} more" if more else ""
        title = f"{fact.observation!r}{rest}: {fact.age_days} days old, at most {fact.max_days}"
        act = "say it again if it still holds, else delete it and add what holds now:\n"
        act += f"agentco memory show {shell_quote(fact.name)}"
        yield PlanLine(
            title=title,
            source=f"memory: {fact.name}",
            rule=PlanRule.FACT_STALE,
            action=act,
        )
