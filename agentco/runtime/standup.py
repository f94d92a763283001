"""The standup: facts from the collectors, a plan from the facts, and what it writes down."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from agentco.board.change import count_misses
from agentco.company.amounts import zone_named
from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.errors import Diagnostic, Level
from agentco.memory.graph import Graph
from agentco.memory.lines import EntityLine
from agentco.memory.retention import expired
from agentco.runtime.collect import LIMIT_S, Collector, Once, collect
from agentco.runtime.ports import Ports
from agentco.work import facts
from agentco.work.check import schedules
from agentco.work.plan import plan
from agentco.work.report import CollectorReport, StandupReport, remembered, spend_of
from agentco.work.schedule import cron_problem


def stand_up(ports: Ports, *, moment: datetime, limit_s: float = LIMIT_S) -> StandupReport:
    """The report as of `moment`; reads everything, writes nothing, calls no model.

    Raises CompanyBroken when the settings cannot be used; whatever else is broken becomes a fact.
    """
    settings = ports.company.settings().usable()
    zone = ZoneInfo(settings.company.timezone)
    today = moment.astimezone(zone).date()
    reports, parts = collect(collectors(ports, settings, moment, zone), limit_s)
    found = facts.united(parts)
    found = replace(found, health=failures(reports) + found.health)
    return StandupReport(
        date=today,
        company=settings.company.name or "this company",
        facts=found,
        collectors=reports,
        spend=spend_of(settings.budget),
        plan=plan(found),
    )


def failures(reports: Sequence[CollectorReport]) -> tuple[facts.HealthFact, ...]:
    """One line for each thing that broke collectors, however many it broke."""
    broken: dict[str, list[str]] = {}
    for report in reports:
        if report.error:
            broken.setdefault(report.error, []).append(report.name)
    return tuple(
        facts.HealthFact(file=names[0], line=None, message=f"could not look at {', '.join(names)}: {error}")
        for error, names in broken.items()
    )


def collectors(ports: Ports, settings: Settings, moment: datetime, zone: ZoneInfo) -> Mapping[str, Collector]:
    """Everything the standup looks at, by name."""
    today = moment.astimezone(zone).date()
    board, graph, company = Once(ports.board.read), Once(ports.memory.graph), Once(ports.company.load)
    is_holiday = Once(lambda: ports.holidays(settings.company.country, today))
    return {
        "board": lambda: facts.board_facts(board(), today),
        "prompts": lambda: facts.prompt_facts(scheduled(company(), zone), graph(), moment),
        "deadlines": lambda: facts.deadline_facts(graph(), today, is_holiday()),
        "facts": lambda: facts.stale_facts(graph(), today, zone, settings.max_age_days()),
        "lessons": lambda: facts.lesson_facts(graph()),
        "memory": lambda: facts.StandupFacts(health=facts.health_facts(graph().problems)),
        "files": lambda: facts.StandupFacts(health=facts.health_facts(file_problems(company()), Level.ERROR)),
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
        )
        for prompt in company.prompts
        if prompt.own.schedule and not cron_problem(prompt.own.schedule)
    ]


def write_down(ports: Ports, report: StandupReport, *, at: datetime) -> StandupReport:
    """Count newly missed dates on the board, remember the plan, forget old ones; names what changed.

    A second standup of the day replaces the first; one that would change nothing writes nothing.
    """
    settings = ports.company.settings().usable()
    changed: list[str] = []
    if count_misses(ports.board.read(), report.date)[1]:
        ports.board.update(lambda board: count_misses(board, report.date)[0])
        changed.append("BOARD.md")
    graph = ports.memory.graph()
    stamp = at.isoformat(timespec="seconds")
    plan_line = remembered(report, stamp)
    before = graph.entity(plan_line.name)
    same = before is not None and tuple(o.text for o in before.observations) == plan_line.observations
    lines = ([] if same else [plan_line]) + new_trackers(ports, settings, graph, stamp)
    old = expired(graph, report.date, settings.kept()["standup"].count)
    if old or lines:
        superseded = [plan_line.name] if before and not same else []
        ports.memory.replace(expired=old, superseded=superseded, records=lines, at=stamp)
        changed.append(facts.MEMORY)
    return replace(report, changed=tuple(changed))


def new_trackers(ports: Ports, settings: Settings, graph: Graph, at: str) -> list[EntityLine]:
    """An empty tracker for every scheduled prompt seen for the first time: from here on its slots count."""
    zone = ZoneInfo(settings.company.timezone)
    names = (f"prompt-run:{prompt.name}" for prompt in scheduled(ports.company.load(), zone))
    return [
        EntityLine(name=name, type="prompt-run", observations=(), at=at, by="runtime")
        for name in names
        if graph.entity(name) is None
    ]


def day_end(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The last moment of `day` in `zone`, at most now."""
    return min(datetime.combine(day, datetime.max.time(), tzinfo=zone), now)
