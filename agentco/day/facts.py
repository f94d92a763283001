"""What the standup knows: plain facts of board, memory and prompts (appendix B)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, convert

from agentco.day import schedule
from agentco.day.deadlines import DeadlineFact
from agentco.day.prompt_trackers import last_good_run, parse_moment, slots_count_from
from agentco.day.watched_deadlines import (
    DAYS_AHEAD,
    memory_problem,
    open_deadlines,
    undeclared_deadlines,
)
from agentco.kernel.dates import IsHoliday
from agentco.kernel.errors import Diagnostic, Severity
from agentco.memory.ages import verified_day
from agentco.memory.graph import MemoryEntity, MemoryGraph

RUN_ENDINGS = ("ok", "failed", "no-result")
LESSON_KEYS = ("agent", "summary", "category", "detail", "action", "status")


class TaskFact(Struct, frozen=True, kw_only=True):
    """A task that wants attention; `missed` counts the date that is overdue now.

    `short_title` is the beginning of its title that names no other task of the board, None
    of a task with an id. `goes_on_in` is the column where a blocked one goes on.
    """

    id: str | None
    title: str
    owner: str | None
    due: date | None
    days_late: int = 0
    days_left: int = 0
    missed: int
    pri: int | None
    line: int
    blocked_by_tag: bool = False
    short_title: str | None = None
    goes_on_in: str | None = None


class PromptFact(Struct, frozen=True, kw_only=True):
    """A scheduled prompt whose slot `due_at` no run that ended well has served."""

    prompt: str
    agent: str | None
    last_run: datetime | None
    due_at: datetime
    days_late: int


class StaleFact(Struct, frozen=True, kw_only=True):
    """A time-sensitive observation older than its type may be."""

    name: str
    type: str
    observation: str
    age_days: int
    max_days: int


class LessonFact(Struct, frozen=True, kw_only=True):
    """What the company learnt; open as long as nobody has turned it into a change."""

    name: str
    agent: str | None
    summary: str
    category: str | None = None
    detail: str | None = None
    action: str | None = None
    status: str = "open"


class HealthFact(Struct, frozen=True, kw_only=True):
    """A file, or a line of the memory, that could not be used as it stands."""

    file: str
    line: int | None
    message: str
    action: str = "agentco check"


class WaitingFact(Struct, frozen=True, kw_only=True):
    """Something that waits for the founder; `command` decides it. `expires` is an ISO time.

    `at_most_usd` is what a call in doubt may have cost, None of everything else. `words` say
    what an approval would do, `context` what it belongs to, `diff` what becomes of a file; each
    may be empty.
    """

    id: str
    kind: str
    run: str
    agent: str
    what: str
    expires: str | None = None
    command: str = ""
    at_most_usd: float | None = None
    words: str = ""
    context: str = ""
    diff: str = ""

    @property
    def is_call(self) -> bool:
        """Whether it is a call of a model that nobody knows to be billed or not."""
        return self.at_most_usd is not None


class RestrictedFact(Struct, frozen=True, kw_only=True):
    """A department that may only read until `command` lifts it; `since` is an ISO time."""

    agent: str
    since: str
    why: str
    command: str


class RunFact(Struct, frozen=True, kw_only=True):
    """A run that ended without its result since yesterday, or that was interrupted."""

    id: str
    agent: str
    title: str
    status: str


class MadeFact(Struct, frozen=True, kw_only=True):
    """A file that a prompt wrote since yesterday; `run` is the root, `at` an ISO time."""

    file: str
    prompt: str
    agent: str
    run: str
    at: str


class StandupFacts(Struct, frozen=True, kw_only=True):
    """Everything a standup reports. What no part of the company records yet stays empty."""

    overdue_tasks: tuple[TaskFact, ...] = ()
    due_today: tuple[TaskFact, ...] = ()
    due_soon: tuple[TaskFact, ...] = ()
    chronic: tuple[TaskFact, ...] = ()
    blocked: tuple[TaskFact, ...] = ()
    overdue_prompts: tuple[PromptFact, ...] = ()
    deadlines: tuple[DeadlineFact, ...] = ()
    stale_facts: tuple[StaleFact, ...] = ()
    lessons_open: tuple[LessonFact, ...] = ()
    inbox: tuple[WaitingFact, ...] = ()
    runs_failed: tuple[RunFact, ...] = ()
    in_doubt: tuple[WaitingFact, ...] = ()
    restricted: tuple[RestrictedFact, ...] = ()
    made: tuple[MadeFact, ...] = ()
    signals: tuple[str, ...] = ()
    health: tuple[HealthFact, ...] = ()


class RunsOverview(Struct, frozen=True, kw_only=True):
    """What the runs of a company come to: what waits and failed, micro-dollars of day and month.

    `day_plan` and `month_plan` are what of those is the list price of plans' answers.
    `passed` has the last slot of a prompt that needed no run, because nothing had changed.
    """

    facts: StandupFacts = StandupFacts()
    day: int = 0
    month: int = 0
    day_plan: int = 0
    month_plan: int = 0
    passed: dict[str, datetime] = {}


class ScheduledPrompt(Struct, frozen=True, kw_only=True):
    """A prompt with a schedule that can be read, in its own zone.

    `catch_up` is once or skip, for slots that were missed; `overlap` is skip, queue or allow,
    for slots at which its last run still works or waits; `wake` is always or facts.
    """

    name: str
    agent: str | None
    cron: str
    zone: ZoneInfo
    catch_up: str = "once"
    overlap: str = "skip"
    wake: str = "always"


def merge_facts(parts: Iterable[StandupFacts]) -> StandupFacts:
    """The facts of several collectors as one."""
    merged: dict[str, list[Any]] = {
        field: [] for field in StandupFacts.__struct_fields__
    }
    for part in parts:
        for field in merged:
            merged[field] += getattr(part, field)
    return StandupFacts(**{field: tuple(facts) for field, facts in merged.items()})


def prompt_facts(
    prompts: Iterable[ScheduledPrompt],
    graph: MemoryGraph,
    now: datetime,
    zone: ZoneInfo,
    passed: Mapping[str, datetime],
) -> StandupFacts:
    """Scheduled prompts with a slot after their last run that ended well, or that needed none.

    Days are of `zone`.
    """
    overdue: list[PromptFact] = []
    for prompt in prompts:
        tracker = graph.find_entity(f"prompt-run:{prompt.name}")
        fact = _prompt_fact(prompt, tracker, now, zone, passed.get(prompt.name))
        if fact:
            overdue.append(fact)
    return StandupFacts(
        overdue_prompts=tuple(sorted(overdue, key=lambda fact: fact.due_at)),
        health=health_facts(unreadable_runs(graph)),
    )


def unreadable_runs(graph: MemoryGraph) -> Iterator[Diagnostic]:
    """Trackers whose runs do not say when, or how they ended."""
    endings = ", ".join(RUN_ENDINGS)
    for tracker in graph.entities("prompt-run"):
        for run in tracker.values_of("Run"):
            time, _, ending = run.partition(" ")
            if not parse_moment(time) or ending not in RUN_ENDINGS:
                what = f"'Run: {run}' is not a time and one of {endings}"
                yield memory_problem(tracker.name, what)


def _prompt_fact(
    prompt: ScheduledPrompt,
    tracker: MemoryEntity | None,
    now: datetime,
    zone: ZoneInfo,
    passed: datetime | None,
) -> PromptFact | None:
    """A prompt that is overdue; None for one that is not."""
    since = slots_count_from(tracker)
    if since is None:
        return None
    if passed:
        since = max(since, passed)
    due_at = schedule.next_slot(prompt.cron, since, prompt.zone)
    if due_at is None or due_at > now:
        return None
    days_late = now.astimezone(zone).date() - due_at.astimezone(zone).date()
    return PromptFact(
        prompt=prompt.name,
        agent=prompt.agent,
        last_run=last_good_run(tracker),
        due_at=due_at,
        days_late=days_late.days,
    )


def deadline_facts(
    graph: MemoryGraph, today: date, is_holiday: IsHoliday
) -> StandupFacts:
    """Open deadlines that are overdue or at most 30 days ahead; unreadable ones as health."""
    near: list[DeadlineFact] = []
    known = list(open_deadlines(graph, today, is_holiday))
    unreadable = list(undeclared_deadlines(graph, known, today))
    for deadline in known:
        if isinstance(deadline, Diagnostic):
            unreadable.append(deadline)
        elif deadline.days_left <= DAYS_AHEAD:
            near.append(deadline)
    near.sort(key=lambda deadline: (deadline.due, deadline.name))
    return StandupFacts(deadlines=tuple(near), health=health_facts(unreadable))


def stale_facts(
    graph: MemoryGraph, today: date, zone: ZoneInfo, max_days: dict[str, int]
) -> StandupFacts:
    """Observations of the time-sensitive types that are older than the settings allow."""

    @cache
    def day_of(stamp: str) -> date | None:
        moment = parse_moment(stamp)
        return moment.astimezone(zone).date() if moment else None

    stale: list[StaleFact] = []
    for kind, limit in max_days.items():
        for entity in graph.entities(kind):
            for observation in entity.observations:
                day = verified_day(observation, day_of)
                age = (today - day).days if day else 0
                if day and age > limit:
                    stale.append(_stale_fact(entity, observation.text, age, limit))
    stale.sort(key=lambda fact: (-fact.age_days, fact.name))
    return StandupFacts(stale_facts=tuple(stale))


def _stale_fact(entity: MemoryEntity, text: str, age: int, limit: int) -> StaleFact:
    return StaleFact(
        name=entity.name,
        type=entity.type,
        observation=text,
        age_days=age,
        max_days=limit,
    )


def lesson_facts(graph: MemoryGraph) -> StandupFacts:
    """Lessons that are still open, the oldest first."""
    lessons = [lesson for lesson in all_lessons(graph) if not is_answered(lesson)]
    return StandupFacts(lessons_open=tuple(lessons))


def all_lessons(graph: MemoryGraph) -> list[LessonFact]:
    """Every lesson, the open ones first, the oldest first."""
    lessons = [_lesson_fact(entity) for entity in graph.entities("lesson")]
    return sorted(lessons, key=lambda lesson: (is_answered(lesson), lesson.name))


def _lesson_fact(entity: MemoryEntity) -> LessonFact:
    fields: dict[str, str | None] = {"agent": None, "summary": entity.name}
    for key in LESSON_KEYS:
        value = entity.last_value(key.capitalize())
        if value:
            fields[key] = value
    return convert({**fields, "name": entity.name}, LessonFact)


def is_answered(lesson: LessonFact) -> bool:
    """Whether somebody turned a lesson into a change."""
    return lesson.status.casefold().startswith("answered by")


def health_facts(
    problems: Iterable[Diagnostic], *levels: Severity
) -> tuple[HealthFact, ...]:
    """Diagnostics of these levels as facts; without any, all but mere information."""
    levels = levels or (Severity.ERROR, Severity.WARNING)
    return tuple(
        HealthFact(
            file=problem.file,
            line=problem.line,
            message=problem.message,
            action=problem.hint,
        )
        for problem in problems
        if problem.level in levels
    )
