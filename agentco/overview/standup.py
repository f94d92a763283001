"""The standup: facts from the collectors, a plan from the facts, and what it writes down."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from agentco.board.changes import count_misses
from agentco.board.document import BOARD_FILE as BOARD, TaskBoard
from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.day import facts
from agentco.day.company_check import schedule_problems
from agentco.day.plan import make_day_plan
from agentco.day.report import (
    CollectorReport,
    StandupReport,
    memory_writes,
    new_trackers,
    spend_against_caps,
)
from agentco.day.schedule import cron_problem
from agentco.day.task_facts import board_facts
from agentco.file_formats.amounts import find_time_zone
from agentco.kernel.errors import Diagnostic, Severity, StateBroken
from agentco.memory.graph import MEMORY_FILE
from agentco.overview.collectors import (
    COLLECT_LIMIT_S,
    Collector,
    LoadOnce,
    run_collectors,
)
from agentco.ports.outside import StandupPorts


def run_standup(
    ports: StandupPorts, *, moment: datetime, limit_s: float = COLLECT_LIMIT_S
) -> StandupReport:
    """The report as of `moment`; reads everything, writes nothing, calls no model.

    Raises CompanyBroken when the settings cannot be used; whatever else is broken becomes a fact.
    """
    settings = ports.files.settings().require_valid()
    today = moment.astimezone(settings.time_zone).date()
    standing = LoadOnce(lambda: ports.standing_at(moment, today))
    collectors = standup_collectors(ports, settings, moment, standing)
    reports, parts = run_collectors(collectors, limit_s)
    found = facts.merge_facts(parts)
    found = replace(found, health=collector_failures(reports) + found.health)
    overview = standing.value_or(facts.RunsOverview())
    return StandupReport(
        date=today,
        company=settings.company.name or "this company",
        facts=found,
        collectors=reports,
        spend=spend_against_caps(settings.budget, overview),
        plan=make_day_plan(found),
    )


def collector_failures(
    reports: Sequence[CollectorReport],
) -> tuple[facts.HealthFact, ...]:
    """One line for each thing that broke collectors, however many it broke."""
    broken: dict[str, list[CollectorReport]] = {}
    for report in reports:
        if report.error:
            broken.setdefault(report.error, []).append(report)
    return tuple(_failure(error, those) for error, those in broken.items())


def _failure(error: str, reports: Sequence[CollectorReport]) -> facts.HealthFact:
    names = ", ".join(report.name for report in reports)
    return facts.HealthFact(
        file=reports[0].name,
        line=None,
        message=f"could not look at {names}: {error}",
        action=reports[0].hint or "agentco check",
    )


def standup_collectors(
    ports: StandupPorts,
    settings: Settings,
    moment: datetime,
    standing: LoadOnce[facts.RunsOverview],
) -> Mapping[str, Collector]:
    """Everything the standup looks at, by name."""
    zone = settings.time_zone
    today = moment.astimezone(zone).date()
    board = LoadOnce(ports.board.read)
    graph = LoadOnce(ports.memory.load_graph)
    company = LoadOnce(ports.files.load)
    is_holiday = LoadOnce(lambda: ports.holidays_for(settings.company.country, today))
    return {
        "board": lambda: board_facts(board(), today),
        "prompts": lambda: facts.prompt_facts(
            scheduled_prompts(company(), zone),
            graph().trusted_part,
            moment,
            zone,
            standing().passed,
        ),
        "deadlines": lambda: facts.deadline_facts(
            graph().trusted_part, today, is_holiday()
        ),
        "facts": lambda: facts.stale_facts(
            graph(), today, zone, settings.max_age_days()
        ),
        "lessons": lambda: facts.lesson_facts(graph().trusted_part),
        "memory": lambda: facts.StandupFacts(
            health=facts.health_facts(graph().problems)
        ),
        "files": lambda: facts.StandupFacts(
            health=facts.health_facts(file_problems(company()), Severity.ERROR)
        ),
        "runs": lambda: standing().facts,
    }


def file_problems(company: Company) -> list[Diagnostic]:
    """What is wrong with the company's files and schedules."""
    return [*company.diagnostics, *schedule_problems(company.prompts)]


def scheduled_prompts(company: Company, zone: ZoneInfo) -> list[facts.ScheduledPrompt]:
    """The prompts whose schedule can be read; the others still run by hand."""
    return [
        facts.ScheduledPrompt(
            name=prompt.name,
            agent=prompt.agent or None,
            cron=prompt.own.schedule,
            zone=find_time_zone(prompt.own.timezone) or zone,
            catch_up=prompt.own.catch_up or "once",
            overlap=prompt.own.overlap or "skip",
            wake=prompt.own.wake or "always",
        )
        for prompt in company.prompts
        if prompt.own.schedule and not cron_problem(prompt.own.schedule)
    ]


def save_standup(
    ports: StandupPorts, report: StandupReport, *, at: datetime
) -> tuple[StandupReport, StateBroken | None]:
    """Count newly missed dates on the board, remember the plan, forget old ones.

    Returns the report with the files that changed, and what could not be written; if one fails,
    the other is still written. A second standup of the day replaces the first; one that would
    change nothing writes nothing.
    """
    changed: list[str] = []
    broken: StateBroken | None = None
    for write in (_count_misses, _save_to_memory):
        try:
            changed += write(ports, report, at)
        except StateBroken as error:
            broken = broken or error
    return replace(report, changed=tuple(changed)), broken


def _count_misses(
    ports: StandupPorts, report: StandupReport, _at: datetime
) -> Sequence[str]:
    def with_misses(board: TaskBoard) -> TaskBoard:
        counted_board, _ = count_misses(board, report.date)
        return counted_board

    _, newly_missed = count_misses(ports.board.read(), report.date)
    if newly_missed and ports.board.update(with_misses):
        return (BOARD,)
    return ()


def _save_to_memory(
    ports: StandupPorts, report: StandupReport, at: datetime
) -> Sequence[str]:
    settings = ports.files.settings().require_valid()
    graph = ports.memory.load_graph()
    writes = memory_writes(report, graph, settings.retention_by_type(), at)
    prompts = scheduled_prompts(ports.files.load(), settings.time_zone)
    names = [prompt.name for prompt in prompts]
    records = (*writes.records, *new_trackers(names, graph.trusted_part, at))
    if not writes.expired and not records:
        return ()
    stamp = at.isoformat(timespec="seconds")
    beside = ports.memory.apply_changes(
        expired=writes.expired, superseded=writes.superseded, records=records, at=stamp
    )
    return (MEMORY_FILE, *(f"memory/{name}" for name in beside))
