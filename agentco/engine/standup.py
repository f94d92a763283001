"""The standup: facts from the collectors, a plan from the facts, and what it writes down."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from agentco.board.changes import count_misses
from agentco.board.document import FILE as BOARD
from agentco.company.amounts import zone_named
from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.day import facts
from agentco.day.company_check import schedules
from agentco.day.plan import plan
from agentco.day.report import (
    CollectorReport,
    StandupReport,
    new_trackers,
    spend_of,
    to_remember,
)
from agentco.day.schedule import cron_problem
from agentco.engine.collectors import LIMIT_S, Collector, Once, collect
from agentco.engine.ports import Ports
from agentco.kernel.errors import Diagnostic, Level, StateBroken


def stand_up(
    ports: Ports, *, moment: datetime, limit_s: float = LIMIT_S
) -> StandupReport:
    """The report as of `moment`; reads everything, writes nothing, calls no model.

    Raises CompanyBroken when the settings cannot be used; whatever else is broken becomes a fact.
    """
    settings = ports.company.settings().usable()
    today = moment.astimezone(settings.zone).date()
    standing = Once(lambda: ports.standing(moment, today))
    reports, parts = collect(collectors(ports, settings, moment, standing), limit_s)
    found = facts.united(parts)
    found = replace(found, health=failures(reports) + found.health)
    return StandupReport(
        date=today,
        company=settings.company.name or "this company",
        facts=found,
        collectors=reports,
        spend=spend_of(settings.budget, standing.known(facts.Standing())),
        plan=plan(found),
    )


def failures(reports: Sequence[CollectorReport]) -> tuple[facts.HealthFact, ...]:
    """One line for each thing that broke collectors, however many it broke."""
    broken: dict[str, list[str]] = {}
    for report in reports:
        if report.error:
            broken.setdefault(report.error, []).append(report.name)
    return tuple(
        facts.HealthFact(
            file=names[0],
            line=None,
            message=f"could not look at {', '.join(names)}: {error}",
        )
        for error, names in broken.items()
    )


def collectors(
    ports: Ports, settings: Settings, moment: datetime, standing: Once[facts.Standing]
) -> Mapping[str, Collector]:
    """Everything the standup looks at, by name."""
    zone = settings.zone
    today = moment.astimezone(zone).date()
    board, graph, company = (
        Once(ports.board.read),
        Once(ports.memory.graph),
        Once(ports.company.load),
    )
    is_holiday = Once(lambda: ports.holidays(settings.company.country, today))
    return {
        "board": lambda: facts.board_facts(board(), today),
        "prompts": lambda: facts.prompt_facts(
            scheduled(company(), zone), graph().vouched, moment, zone, standing().passed
        ),
        "deadlines": lambda: facts.deadline_facts(graph().vouched, today, is_holiday()),
        "facts": lambda: facts.stale_facts(
            graph(), today, zone, settings.max_age_days()
        ),
        "lessons": lambda: facts.lesson_facts(graph().vouched),
        "memory": lambda: facts.StandupFacts(
            health=facts.health_facts(graph().problems)
        ),
        "files": lambda: facts.StandupFacts(
            health=facts.health_facts(file_problems(company()), Level.ERROR)
        ),
        "runs": lambda: standing().facts,
    }


def file_problems(company: Company) -> list[Diagnostic]:
    """What is wrong with the company's files and schedules."""
    return [*company.diagnostics, *schedules(company.prompts)]


def scheduled(company: Company, zone: ZoneInfo) -> list[facts.Scheduled]:
    """The prompts whose schedule can be read; the others still run by hand."""
    return [
        facts.Scheduled(
            name=prompt.name,
            agent=prompt.agent or None,
            cron=prompt.own.schedule,
            zone=zone_named(prompt.own.timezone) or zone,
            catch_up=prompt.own.catch_up or "once",
            wake=prompt.own.wake or "always",
        )
        for prompt in company.prompts
        if prompt.own.schedule and not cron_problem(prompt.own.schedule)
    ]


def write_down(
    ports: Ports, report: StandupReport, *, at: datetime
) -> tuple[StandupReport, StateBroken | None]:
    """Count newly missed dates on the board, remember the plan, forget old ones.

    Returns the report with the files that changed, and what could not be written; one failing leaves the
    other. A second standup of the day replaces the first; one that would change nothing writes nothing.
    """
    changed: list[str] = []
    broken: StateBroken | None = None
    for write in (_count_misses, _remember):
        try:
            changed += write(ports, report, at)
        except StateBroken as error:
            broken = broken or error
    return replace(report, changed=tuple(changed)), broken


def _count_misses(ports: Ports, report: StandupReport, _at: datetime) -> Sequence[str]:
    if not count_misses(ports.board.read(), report.date)[1]:
        return ()
    return (
        (BOARD,)
        if ports.board.update(lambda board: count_misses(board, report.date)[0])
        else ()
    )


def _remember(ports: Ports, report: StandupReport, at: datetime) -> Sequence[str]:
    settings = ports.company.settings().usable()
    graph = ports.memory.graph()
    writes = to_remember(report, graph, settings.kept(), at)
    prompts = scheduled(ports.company.load(), settings.zone)
    records = (
        *writes.records,
        *new_trackers((p.name for p in prompts), graph.vouched, at),
    )
    if not writes.expired and not records:
        return ()
    stamp = at.isoformat(timespec="seconds")
    beside = ports.memory.replace(
        expired=writes.expired, superseded=writes.superseded, records=records, at=stamp
    )
    return (facts.MEMORY, *(f"memory/{name}" for name in beside))


def day_end(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The last moment of `day` in `zone`, at most now."""
    return min(datetime.combine(day, datetime.max.time(), tzinfo=zone), now)
