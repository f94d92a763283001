"""The day plan: facts in, ranked lines out, each with its source and the rule that put it there."""

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import BOARD_FILE as BOARD
from agentco.day.deadlines import CLOSE_DAYS
from agentco.day.doubtful_calls import calls_as_one
from agentco.day.facts import (
    DeadlineFact,
    HealthFact,
    StaleFact,
    StandupFacts,
    TaskFact,
)
from agentco.day.lesson_names import lesson_argument
from agentco.kernel.names import FOUNDER
from agentco.kernel.words import days_in_words, shell_quote

CHECK = "agentco check"
LAST_COMMAND = re.compile(r"\bagentco [a-z]+(?: [^\s,;:]+)*$")
WEEK_DAYS = 7
DECISIONS = (
    '--rescope "A SMALLER TASK" --due +7d',
    "--demote",
    "--kill",
    '--cause "WHY IT STAYS"',
)
"""What can become of a task that keeps missing its dates."""
SAY_IT_AGAIN = (
    "if still true, re-add it; otherwise delete it and add the current figure"
)


class PlanRule(StrEnum):
    """Why a line is in the plan, in the order of the day: what costs money or a promise first."""

    DEADLINE_OVERDUE = "deadline-overdue"
    DEADLINE_TODAY = "deadline-today"
    DEADLINE_CLOSE = "deadline-close"
    CHRONIC_MISS = "chronic-miss"
    INBOX = "inbox"
    RUN_FAILED = "run-failed"
    TASK_OVERDUE = "task-overdue"
    TASK_DUE_TODAY = "task-due-today"
    TASK_CLOSE = "task-close"
    DEADLINE_THIS_WEEK = "deadline-this-week"
    PROMPT_OVERDUE = "prompt-overdue"
    TASK_BLOCKED = "task-blocked"
    FILE_MADE = "file-made"
    HEALTH = "health"
    FACT_STALE = "fact-stale"
    LESSON_OPEN = "lesson-open"
    IN_DOUBT = "in-doubt"
    DEADLINE_AHEAD = "deadline-ahead"


class PlanLine(Struct, frozen=True, kw_only=True):
    """One thing to do today; `action` is a command or a sentence that says how to be rid of it.

    `command` is the one command to begin with. `when` is the end of the title that a short
    line keeps.
    """

    rank: int = 0
    title: str
    owner: str = FOUNDER
    source: str
    rule: PlanRule
    action: str
    command: str = ""
    when: str = ""


def make_day_plan(facts: StandupFacts) -> tuple[PlanLine, ...]:
    """The ranked day plan. A task stands in it once, under the most pressing rule."""
    lines = [
        *_deadline_lines(facts),
        *_waiting_lines(facts),
        *_failed_run_lines(facts),
        *_task_lines(facts),
        *_prompt_lines(facts),
        *_made_lines(facts),
        *_health_lines(facts),
        *_stale_fact_lines(facts.stale_facts),
        *_lesson_lines(facts),
    ]
    order = list(PlanRule)
    lines.sort(key=lambda line: order.index(line.rule))
    return tuple(replace(line, rank=rank) for rank, line in enumerate(lines, start=1))


def _deadline_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for fact in facts.deadlines:
        short_name = fact.name.removeprefix("deadline:")
        when = f"{days_in_words(fact.days_left)}, {fact.due}"
        command = _deadline_command(fact)
        yield PlanLine(
            title=f"{short_name}: {when}",
            owner=fact.owner or FOUNDER,
            source=f"memory: {fact.name}",
            rule=_deadline_rule(fact),
            action=command,
            command=command,
            when=when,
        )


def _deadline_command(fact: DeadlineFact) -> str:
    """Tick what is due; what is not due yet can only be looked at."""
    if fact.days_left > 0:
        return f"agentco memory show {shell_quote(fact.name)}"
    return f"agentco memory done {shell_quote(fact.name.removeprefix('deadline:'))}"


def _deadline_rule(fact: DeadlineFact) -> PlanRule:
    if fact.days_left < 0:
        return PlanRule.DEADLINE_OVERDUE
    if fact.days_left == 0:
        return PlanRule.DEADLINE_TODAY
    if fact.days_left <= CLOSE_DAYS:
        return PlanRule.DEADLINE_CLOSE
    if fact.days_left <= WEEK_DAYS:
        return PlanRule.DEADLINE_THIS_WEEK
    return PlanRule.DEADLINE_AHEAD


def _task_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    tasks_by_rule = {
        PlanRule.CHRONIC_MISS: facts.chronic,
        PlanRule.TASK_OVERDUE: facts.overdue_tasks,
        PlanRule.TASK_DUE_TODAY: facts.due_today,
        PlanRule.TASK_CLOSE: facts.due_soon,
        PlanRule.TASK_BLOCKED: facts.blocked,
    }
    told: set[int] = set()
    for rule, tasks in tasks_by_rule.items():
        for task in tasks:
            if task.line not in told:
                told.add(task.line)
                yield _task_line(rule, task)


def _task_line(rule: PlanRule, task: TaskFact) -> PlanLine:
    owner = task.owner or FOUNDER
    days = task.days_left - task.days_late
    when = days_in_words(days) if days else ""
    title = f"{task.title}, {when}" if when else task.title
    if rule is PlanRule.CHRONIC_MISS:
        when = f"missed {task.missed} dates"
        title += f", {when}"
        owner = FOUNDER
    return PlanLine(
        title=title,
        owner=owner,
        source=_task_source(task),
        rule=rule,
        action=_task_action(rule, task),
        command=_task_command(rule, task),
        when=when,
    )


def _task_action(rule: PlanRule, task: TaskFact) -> str:
    if rule is PlanRule.CHRONIC_MISS:
        decide = f"agentco board decide {task_argument(task)}"
        return "\n".join(f"{decide} {option}" for option in DECISIONS)
    if rule is PlanRule.TASK_BLOCKED and task.blocked_by_tag:
        return f"take #blocked out of line {task.line} of {BOARD} when it can go on"
    return _task_command(rule, task)


def _task_command(rule: PlanRule, task: TaskFact) -> str:
    named = task_argument(task)
    if rule is PlanRule.CHRONIC_MISS:
        return f"agentco board decide {named}"
    if rule is not PlanRule.TASK_BLOCKED:
        return f"agentco board done {named}"
    if task.blocked_by_tag or not task.goes_on_in:
        return "agentco board"
    return f"agentco board move {named} {shell_quote(task.goes_on_in)}"


def tasks_by_source(facts: StandupFacts) -> dict[str, TaskFact]:
    """The tasks of a plan, by the source of their lines."""
    tasks = (
        *facts.overdue_tasks,
        *facts.due_today,
        *facts.due_soon,
        *facts.chronic,
        *facts.blocked,
    )
    return {_task_source(task): task for task in tasks}


def _task_source(task: TaskFact) -> str:
    return f"{BOARD}:{task.line}"


def task_argument(task: TaskFact) -> str:
    """How a command names the task: its id, else as much of its title as names no other."""
    if task.id:
        return task.id
    words = task.short_title or task.title
    title = shell_quote(words)
    return f"-- {title}" if words.startswith("-") else title


def _prompt_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for fact in facts.overdue_prompts:
        last = (
            f"last succeeded on {fact.last_run.date()}"
            if fact.last_run
            else "never ran"
        )
        command = f"agentco run {shell_quote(f'/{fact.prompt}')}"
        yield PlanLine(
            title=f"/{fact.prompt} was due {fact.due_at:%Y-%m-%d %H:%M} ({last})",
            owner=fact.agent or FOUNDER,
            source=f"memory: prompt-run:{fact.prompt}",
            rule=PlanRule.PROMPT_OVERDUE,
            action=command,
            command=command,
        )


def _waiting_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    """What waits for the founder: decisions, effects in doubt, restricted departments."""
    for rule, items in (
        (PlanRule.INBOX, facts.inbox),
        (PlanRule.IN_DOUBT, calls_as_one(facts.in_doubt)),
    ):
        for item in items:
            yield PlanLine(
                title=f"{item.agent}, {item.kind}: {item.what}",
                source=f"run {item.run}",
                rule=rule,
                action=item.command,
                command=_first_line(item.command),
            )
    for restricted in facts.restricted:
        yield PlanLine(
            title=f"{restricted.agent} may only read: {restricted.why}",
            source=f"restricted since {restricted.since}",
            rule=PlanRule.INBOX,
            action=restricted.command,
            command=restricted.command,
        )


def _failed_run_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for run in facts.runs_failed:
        verb = "resume" if run.status == "interrupted" else "show"
        command = f"agentco runs {verb} {run.id}"
        yield PlanLine(
            title=f"{run.title} ({run.status})",
            owner=run.agent,
            source=f"run {run.id}",
            rule=PlanRule.RUN_FAILED,
            action=command,
            command=command,
            when=f"({run.status})",
        )


def _made_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for made in facts.made:
        command = f"agentco runs show {made.run} --text"
        yield PlanLine(
            title=f"{made.file} (/{made.prompt})",
            source=f"run {made.run}",
            rule=PlanRule.FILE_MADE,
            action=command,
            command=command,
        )


def _health_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    for health in facts.health:
        place = f"{health.file}:{health.line}" if health.line else health.file
        yield PlanLine(
            title=health.message,
            source=place,
            rule=PlanRule.HEALTH,
            action=health.action,
            command=_health_command(health),
        )


def _health_command(health: HealthFact) -> str:
    """The command that its hint ends with, else the one that shows every hint."""
    command = LAST_COMMAND.search(health.action)
    return command[0] if command else CHECK


def _lesson_lines(facts: StandupFacts) -> Iterator[PlanLine]:
    names = [lesson.name for lesson in facts.lessons_open]
    for lesson in facts.lessons_open:
        name = shell_quote(lesson_argument(lesson.name, names))
        command = f'agentco lessons done {name} --by "…"'
        yield PlanLine(
            title=lesson.summary,
            source=f"memory: {lesson.name}",
            rule=PlanRule.LESSON_OPEN,
            action=command,
            command=command,
        )


def _stale_fact_lines(facts: tuple[StaleFact, ...]) -> Iterator[PlanLine]:
    """One line for each entity, naming its oldest fact, which comes first."""
    by_name: dict[str, list[StaleFact]] = {}
    for fact in facts:
        by_name.setdefault(fact.name, []).append(fact)
    for name, (oldest, *others) in by_name.items():
        more = f" and {len(others)} more" if others else ""
        age = f"{oldest.age_days} days old, limit {oldest.max_days}"
        show = f"agentco memory show {shell_quote(name)}"
        yield PlanLine(
            title=f"{oldest.observation!r}{more}: {age}",
            source=f"memory: {name}",
            rule=PlanRule.FACT_STALE,
            action=f"{SAY_IT_AGAIN}:\n{show}",
            command=show,
        )


def _first_line(commands: str) -> str:
    return commands.partition("\n")[0]
