"""What the standup knows: plain facts read off the board, the memory and the prompts (appendix B)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from msgspec import Struct, convert
from msgspec.structs import replace

from agentco.board.document import TaskBoard
from agentco.board.task import Task, count_misses_now, is_chronic, is_overdue
from agentco.day import schedule
from agentco.day.deadlines import (
    DeadlineFact,
    DeadlineProblem,
    IsHoliday,
    open_deadline,
)
from agentco.kernel import words
from agentco.kernel.dates import EARLIEST, LATEST
from agentco.kernel.errors import Diagnostic, Severity
from agentco.memory.ages import verified_day
from agentco.memory.graph import (
    MEMORY_FILE as MEMORY,
    MemoryEntity,
    MemoryGraph,
    parse_time,
)

DAYS_AHEAD = 30
RUN_ENDINGS = ("ok", "failed", "no-result")


class TaskFact(Struct, frozen=True, kw_only=True):
    """A task that wants attention; `missed` counts the date that is overdue now."""

    id: str | None
    title: str
    owner: str | None
    due: date | None
    days_late: int = 0
    missed: int
    pri: int | None
    line: int
    blocked_by_tag: bool = False


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
    """Something that waits for the founder; `command` decides it. `expires` is an ISO time."""

    id: str
    kind: str
    run: str
    agent: str
    what: str
    expires: str | None = None
    command: str = ""


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


class StandupFacts(Struct, frozen=True, kw_only=True):
    """Everything a standup reports. What no part of the company records yet stays empty."""

    overdue_tasks: tuple[TaskFact, ...] = ()
    due_today: tuple[TaskFact, ...] = ()
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
    signals: tuple[str, ...] = ()
    health: tuple[HealthFact, ...] = ()


class RunsOverview(Struct, frozen=True, kw_only=True):
    """What the runs of a company come to: what waits and failed, and the micro-dollars of day and month.

    `passed` has the last slot of a prompt that needed no run, because nothing had changed.
    """

    facts: StandupFacts = StandupFacts()
    day: int = 0
    month: int = 0
    passed: dict[str, datetime] = {}


class ScheduledPrompt(Struct, frozen=True, kw_only=True):
    """A prompt with a schedule that can be read, in its own zone; what is missed is made up for once, or skipped."""

    name: str
    agent: str | None
    cron: str
    zone: ZoneInfo
    catch_up: str = "once"
    wake: str = "always"


def merge_facts(parts: Iterable[StandupFacts]) -> StandupFacts:
    """The facts of several collectors as one."""
    known, fields = tuple(parts), StandupFacts.__struct_fields__
    return StandupFacts(
        **{
            field: tuple(f for part in known for f in getattr(part, field))
            for field in fields
        }
    )


def board_facts(board: TaskBoard, today: date) -> StandupFacts:
    """Overdue, due, chronic and blocked tasks, each list with the most pressing first."""
    tasks = [task for task in board.tasks if task.is_open]

    def facts(wanted: Callable[[Task], bool]) -> tuple[TaskFact, ...]:
        found = (_task_fact(task, today) for task in tasks if wanted(task))
        return tuple(
            sorted(
                found,
                key=lambda t: (
                    -t.days_late,
                    t.pri if t.pri is not None else 99,
                    t.line,
                ),
            )
        )

    return StandupFacts(
        overdue_tasks=facts(lambda tx: is_overdue(tx, today)),
        due_today=facts(lambda t: t.due == today),
        chronic=facts(lambda tx: is_chronic(tx, today)),
        blocked=facts(lambda t: t.blocked),
        health=health_facts(board.problems),
    )


def _task_fact(task: Task, today: date) -> TaskFact:
    late = (today - task.due).days if task.due else 0
    tagged = "blocked" in (tag.casefold() for tag in task.tags)
    fact = convert(task, TaskFact, from_attributes=True)
    return replace(
        fact,
        days_late=max(late, 0),
        missed=count_misses_now(task, today),
        blocked_by_tag=tagged,
    )


def prompt_facts(
    prompts: Iterable[ScheduledPrompt],
    graph: MemoryGraph,
    now: datetime,
    zone: ZoneInfo,
    passed: Mapping[str, datetime],
) -> StandupFacts:
    """Scheduled prompts with a slot after their last run that ended well, or that needed none; days are of `zone`."""
    trackers = ((p, graph.find_entity(f"prompt-run:{p.name}")) for p in prompts)
    found = [
        fact
        for p, tracker in trackers
        if (fact := _prompt_fact(p, tracker, now, zone, passed.get(p.name)))
    ]
    due = tuple(sorted(found, key=lambda f: f.due_at))
    return StandupFacts(
        overdue_prompts=due, health=health_facts(unreadable_runs(graph))
    )


def unreadable_runs(graph: MemoryGraph) -> Iterator[Diagnostic]:
    """Trackers whose runs do not say when, or how they ended."""
    for tracker in graph.entities("prompt-run"):
        for run in tracker.values_of("Run"):
            time, _, end = run.partition(" ")
            if not _parse_moment(time) or end not in RUN_ENDINGS:
                yield _memory_problem(
                    tracker.name,
                    f"'Run: {run}' is not a time and one of {', '.join(RUN_ENDINGS)}",
                )


def open_deadlines(
    graph: MemoryGraph, today: date, is_holiday: IsHoliday
) -> Iterator[DeadlineFact | Diagnostic]:
    """Every open deadline, and a problem for each that nobody would be reminded of."""
    for entity in graph.entities("deadline"):
        try:
            found = open_deadline(entity, today, is_holiday)
        except DeadlineProblem as problem:
            found = _memory_problem(entity.name, str(problem))
        if found:
            yield found


def _memory_problem(name: str, what: str) -> Diagnostic:
    hint, code = f"agentco memory show {words.shell_quote(name)}", "unreadable-entity"
    return Diagnostic(
        file=MEMORY,
        level=Severity.WARNING,
        code=code,
        message=f"{name}: {what}",
        hint=hint,
    )


def _prompt_fact(
    prompt: ScheduledPrompt,
    tracker: MemoryEntity | None,
    now: datetime,
    zone: ZoneInfo,
    passed: datetime | None,
) -> PromptFact | None:
    last, since = last_good_run(tracker), slots_count_from(tracker)
    since = max(since, passed) if since and passed else since
    due_at = schedule.next_slot(prompt.cron, since, prompt.zone) if since else None
    if due_at is None or due_at > now:
        return None
    late = (now.astimezone(zone).date() - due_at.astimezone(zone).date()).days
    return PromptFact(
        prompt=prompt.name,
        agent=prompt.agent,
        last_run=last,
        due_at=due_at,
        days_late=late,
    )


def slots_count_from(tracker: MemoryEntity | None) -> datetime | None:
    """Since when the slots of a prompt count: its last run that ended well, else when the runtime first saw it."""
    return last_good_run(tracker) or _parse_moment(tracker.at if tracker else None)


def last_good_run(tracker: MemoryEntity | None) -> datetime | None:
    """The latest `Run: TIME ok`; `failed` and `no-result` served nothing."""
    runs = [run.split() for run in tracker.values_of("Run")] if tracker else []
    times = [_parse_moment(run[0]) for run in runs if run[1:] == ["ok"]]
    return max((time for time in times if time), default=None)


def _parse_moment(text: str | None) -> datetime | None:
    # A time at the ends of the calendar cannot be moved between zones.
    found = parse_time(text)
    return found if EARLIEST <= found.year <= LATEST else None


def deadline_facts(
    graph: MemoryGraph, today: date, is_holiday: IsHoliday
) -> StandupFacts:
    """Open deadlines that are overdue or at most 30 days ahead; those that cannot be read as health."""
    found = [*open_deadlines(graph, today, is_holiday)]
    near = [
        d for d in found if isinstance(d, DeadlineFact) and d.days_left <= DAYS_AHEAD
    ]
    broken = health_facts(d for d in found if isinstance(d, Diagnostic))
    return StandupFacts(
        deadlines=tuple(sorted(near, key=lambda d: (d.due, d.name))), health=broken
    )


def stale_facts(
    graph: MemoryGraph, today: date, zone: ZoneInfo, max_days: dict[str, int]
) -> StandupFacts:
    """Observations of the time-sensitive types that are older than the settings allow."""

    @cache
    def day_of(stamp: str) -> date | None:
        moment = _parse_moment(stamp)
        return moment.astimezone(zone).date() if moment else None

    found = [
        StaleFact(
            name=entity.name,
            type=kind,
            observation=observation.text,
            age_days=age,
            max_days=limit,
        )
        for kind, limit in max_days.items()
        for entity in graph.entities(kind)
        for observation in entity.observations
        if (known := verified_day(observation, day_of))
        and (age := (today - known).days) > limit
    ]
    return StandupFacts(
        stale_facts=tuple(sorted(found, key=lambda f: (-f.age_days, f.name)))
    )


def lesson_facts(graph: MemoryGraph) -> StandupFacts:
    """Lessons that are still open, the oldest first."""
    return StandupFacts(
        lessons_open=tuple(fact for fact in all_lessons(graph) if not is_answered(fact))
    )


def all_lessons(graph: MemoryGraph) -> list[LessonFact]:
    """Every lesson, the open ones first, the oldest first."""
    told = ("agent", "summary", "category", "detail", "action", "status")
    found = (
        (e, {key: said for key in told if (said := e.last_value(key.capitalize()))})
        for e in graph.entities("lesson")
    )
    facts = (
        convert({"agent": None, "summary": e.name, "name": e.name, **said}, LessonFact)
        for e, said in found
    )
    return sorted(facts, key=lambda fact: (is_answered(fact), fact.name))


def is_answered(lesson: LessonFact) -> bool:
    """Whether somebody turned a lesson into a change."""
    return lesson.status.casefold().startswith("answered by")


def health_facts(
    problems: Iterable[Diagnostic], *levels: Severity
) -> tuple[HealthFact, ...]:
    """Diagnostics of these levels as facts; without any, all but mere information."""
    wanted = (
        p for p in problems if p.level in (levels or (Severity.ERROR, Severity.WARNING))
    )
    return tuple(
        HealthFact(file=p.file, line=p.line, message=p.message, action=p.hint)
        for p in wanted
    )
