"""What only the whole company shows: references, schedules, owners, and how much is carried."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.board.document import TaskBoard, unknown_owners
from agentco.company import globs, mentions
from agentco.company.company import Company
from agentco.company.records import Agent, Prompt, Record
from agentco.company.settings import Budget, SettingsFile
from agentco.day import facts, schedule, watched_deadlines
from agentco.day.check_problems import known_names_hint, record_problem
from agentco.day.settings_check import (
    idle_triggers,
    unknown_country,
    unknown_reviews,
    unknown_setting_agents,
    unmanned_triggers,
)
from agentco.file_formats import amounts, document
from agentco.kernel.company_paths import normalize_path
from agentco.kernel.dates import IsHoliday
from agentco.kernel.errors import Diagnostic, Severity
from agentco.kernel.money import MICROS_PER_USD
from agentco.kernel.names import slug
from agentco.kernel.token_estimate import count_tokens
from agentco.memory.graph import MemoryGraph

HEAVY_PROMPT_TOKENS = 10_000
"""More than that in every prompt is warned of."""
STANDARD_SKILL_KEYS = {
    "name",
    "description",
    "license",
    "allowed-tools",
    "metadata",
    "compatibility",
}

REFERENCE_HINT = (
    "correct the path: it counts from the file's own folder, /x from the company's"
)


class PromptLoad(Struct, frozen=True, kw_only=True):
    """About how many tokens an agent carries into every prompt, by where they come from."""

    agent: str
    constitution: int
    role: int
    instructions: int
    skills: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.constitution + self.role + self.instructions + self.skills


class CheckInput(Struct, frozen=True, kw_only=True):
    """A company with all around its files; `committed` are the texts of board and memory."""

    company: Company
    settings: SettingsFile
    board: TaskBoard
    graph: MemoryGraph
    committed: Mapping[str, str]
    today: date
    is_holiday: IsHoliday
    exists: Callable[[str], bool]


def check_company(check: CheckInput, *, strict: bool = False) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a company; `strict` holds skills to their standard."""
    found = [
        *file_problems(check),
        *settings_problems(check),
        *board_problems(check),
        *memory_problems(check),
    ]
    for file, text in check.committed.items():
        found += document.leak_warnings(file, text)
    if strict:
        found += nonstandard_skill_keys(check.company)
    return tuple(sorted(found, key=lambda d: (d.file, d.line or 0, d.code)))


def file_problems(check: CheckInput) -> Iterator[Diagnostic]:
    """What is wrong with agents, prompts, skills and instructions, and with how they fit."""
    company = check.company
    yield from company.diagnostics
    yield from schedule_problems(company.prompts)
    yield from misplaced_pages(company.prompts, check.today)
    yield from unknown_handoffs(company)
    yield from costly_schedules(
        company.prompts, check.settings.settings.budget, check.today
    )
    yield from duplicate_names(company.agents)
    yield from lost_references(company, check.exists)
    yield from heavy_prompts(company)


def settings_problems(check: CheckInput) -> Iterator[Diagnostic]:
    """What is wrong with the settings."""
    agents = {agent.id for agent in check.company.agents}
    yield from check.settings.diagnostics
    yield from unknown_setting_agents(check.settings, agents)
    yield from idle_triggers(check.settings)
    yield from unmanned_triggers(check.settings, check.company)
    yield from unknown_reviews(check.company.prompts, check.settings.settings)
    yield from unknown_country(check.settings, check.today, check.is_holiday)


def board_problems(check: CheckInput) -> Iterator[Diagnostic]:
    """What is wrong with the board."""
    agents = {agent.id for agent in check.company.agents}
    yield from check.board.problems
    yield from unknown_owners(check.board, agents)


def memory_problems(check: CheckInput) -> Iterator[Diagnostic]:
    """What is wrong with the memory, and what code cannot read in it."""
    trusted = check.graph.trusted_part
    yield from check.graph.problems
    deadlines = list(
        watched_deadlines.open_deadlines(trusted, check.today, check.is_holiday)
    )
    yield from (each for each in deadlines if isinstance(each, Diagnostic))
    yield from watched_deadlines.undeclared_deadlines(trusted, deadlines, check.today)
    yield from facts.unreadable_runs(trusted)


def schedule_problems(prompts: Iterable[Prompt]) -> Iterator[Diagnostic]:
    """Schedules and time zones that cannot be read; those prompts still run by hand."""
    for prompt in prompts:
        cron = prompt.own.schedule
        problem = schedule.cron_problem(cron) if cron else None
        if problem:
            yield record_problem(
                prompt,
                "agentco.schedule",
                "bad-schedule",
                problem,
                'write "0 9 * * 1" or @daily',
                Severity.ERROR,
            )
        zone = prompt.own.timezone
        if zone and not amounts.find_time_zone(zone):
            yield record_problem(
                prompt,
                "agentco.timezone",
                "bad-timezone",
                f"unknown time zone {zone!r}",
                "write one such as Europe/Lisbon",
                Severity.ERROR,
            )


def misplaced_pages(prompts: Iterable[Prompt], today: date) -> Iterator[Diagnostic]:
    """Deliverables that would be written outside the company; they are written nowhere."""
    for prompt in prompts:
        path = prompt.own.deliverable_path(today)
        if path and not normalize_path(path):
            key = "deliver_to" if prompt.own.deliver_to else "produces"
            yield record_problem(
                prompt,
                f"agentco.{key}",
                "misplaced-page",
                f"{path!r} is not a path in the company: the page is written nowhere",
                "write one such as drafts/review-{date}.md",
            )


def costly_schedules(
    prompts: Iterable[Prompt], budget: Budget, today: date
) -> Iterator[Diagnostic]:
    """Schedules that could use up the company's day before it is over."""
    midnight = datetime.combine(today, time(), tzinfo=UTC)
    hint = "run it less often, or give it a smaller agentco.budget"
    for prompt in prompts:
        cron = prompt.own.schedule
        if not cron or schedule.cron_problem(cron):
            continue
        cap = budget.run if prompt.own.budget is None else prompt.own.budget
        runs = schedule.max_runs_per_day(cron, midnight, ZoneInfo("UTC"))
        if runs > 1 and runs * cap > budget.company_day:
            each = f"${cap / MICROS_PER_USD:.2f}"
            day = f"${budget.company_day / MICROS_PER_USD:.2f}"
            often = f"{cron!r} is {runs:,} runs a day, each up to {each}"
            what = f"{often}, and the company's day ends at {day}"
            yield record_problem(
                prompt, "agentco.schedule", "dear-schedule", what, hint
            )


def unknown_handoffs(company: Company) -> Iterator[Diagnostic]:
    """Agents and skills that a role names and that do not exist."""
    for agent in company.agents:
        for name in (*(agent.own.skills or ()), *agent.skills):
            if not company.find_skill(name):
                yield _unknown_name(
                    agent, "agentco.skills", "skill", name, company.skills
                )
        for name in agent.agents or ():
            if name != "*" and not company.find_agent(name):
                yield _unknown_name(agent, "agents", "agent", name, company.agents)
        for handoff in agent.handoffs:
            name = handoff.agent
            if name and not company.find_agent(name):
                yield _unknown_name(agent, "handoffs", "agent", name, company.agents)


def _unknown_name(
    agent: Agent, key: str, kind: str, name: str, records: Sequence[Record]
) -> Diagnostic:
    """The problem that a role names what none of the records is."""
    what = f"{agent.id!r} names the {kind} {name!r}, which does not exist"
    hint = known_names_hint(f"{kind}s", [record.id for record in records])
    return record_problem(agent, key, f"unknown-{kind}", what, hint)


def duplicate_names(agents: Sequence[Agent]) -> Iterator[Diagnostic]:
    """Agents that answer to another one's name; whoever is looked up first is meant."""
    hint = "rename one of the two"
    bearers: dict[str, list[Agent]] = {}
    for agent in agents:
        for name in {agent.id, slug(agent.name)}:
            bearers.setdefault(name, []).append(agent)
    for agent in agents:
        same = bearers[slug(agent.name)]
        other = next((one for one in same if one is not agent), None)
        if other:
            what = f"{agent.name!r} is also the name of {other.file}"
            yield record_problem(agent, "name", "same-name", what, hint)


def lost_references(
    company: Company, exists: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    """Files that a body refers to and that are not there; many a link is only an illustration."""
    for record in (
        *company.agents,
        *company.prompts,
        *company.skills,
        *company.instructions,
    ):
        for reference in mentions.find_references(record.body, record.body_line):
            path = mentions.resolve_path(record.file, reference.target)
            is_tool = reference.mention is mentions.MentionKind.TOOL
            if is_tool or (path and exists(path)):
                continue
            problem = "is not there" if path else "leads out of the company"
            yield Diagnostic(
                file=record.file,
                line=reference.line,
                level=Severity.INFO,
                code="lost-reference",
                message=f"{reference.target!r} {problem}",
                hint=REFERENCE_HINT,
            )


def prompt_loads(company: Company) -> tuple[PromptLoad, ...]:
    """What each agent carries into a prompt before any task, in tokens."""
    constitution = company.constitution.body if company.constitution else ""
    constitution_tokens = count_tokens(constitution)
    instructions = sum(
        count_tokens(instruction.body)
        for instruction in company.instructions
        if globs.applies_always(instruction.apply_to)
    )
    catalogue = sum(
        count_tokens(skill.name + skill.description)
        for skill in company.skills
        if skill.model_invocable
    )
    loads: list[PromptLoad] = []
    for agent in company.agents:
        skills = filter(None, map(company.find_skill, agent.own.skills or ()))
        preloaded = sum(count_tokens(skill.body) for skill in skills)
        load = PromptLoad(
            agent=agent.id,
            constitution=constitution_tokens,
            role=count_tokens(agent.body),
            instructions=instructions,
            skills=catalogue + preloaded,
        )
        loads.append(load)
    return tuple(loads)


def heavy_prompts(company: Company) -> Iterator[Diagnostic]:
    """Agents that carry so much that every call is dear."""
    hint = (
        "move detail from the role and its preloaded skills into skills read on demand"
    )
    for agent, load in zip(company.agents, prompt_loads(company), strict=True):
        if load.total > HEAVY_PROMPT_TOKENS:
            carried = f"about {load.total:,} tokens of every prompt"
            what = f"{load.agent!r} takes {carried}"
            yield record_problem(agent, "", "heavy-prompt", what, hint)


def nonstandard_skill_keys(company: Company) -> Iterator[Diagnostic]:
    """For `check --strict`: keys of a SKILL.md that are not in the Agent Skills specification."""
    for skill in company.skills:
        for key in skill.extra:
            if key not in STANDARD_SKILL_KEYS:
                what = f"the key {key!r} is not in the Agent Skills specification"
                hint = "put it under metadata:"
                yield record_problem(skill, key, "nonstandard-key", what, hint)
