"""What only the whole company shows: references, schedules, owners, and how much is carried."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.board.document import TaskBoard, unknown_owners
from agentco.company import amounts, document, globs, mentions, yaml_values
from agentco.company.company import Company, find_by_name
from agentco.company.records import Agent, Prompt, Record
from agentco.company.settings import SETTINGS_FILE, Budget, Settings, SettingsFile
from agentco.day import facts, schedule
from agentco.day.deadlines import IsHoliday
from agentco.kernel.errors import Diagnostic, Severity
from agentco.kernel.money import MICROS_PER_USD
from agentco.kernel.names import slug
from agentco.memory.graph import MemoryGraph
from agentco.review import triggers
from agentco.review.findings import TextRule
from agentco.runs import prompt_format

HEAVY_PROMPT_TOKENS = 20_000
STANDARD_SKILL_KEYS = {
    "name",
    "description",
    "license",
    "allowed-tools",
    "metadata",
    "compatibility",
}


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
    """A company with all that surrounds its files; `committed` are the texts of its board and memory."""

    company: Company
    settings: SettingsFile
    board: TaskBoard
    graph: MemoryGraph
    committed: Mapping[str, str]
    today: date
    is_holiday: IsHoliday
    exists: Callable[[str], bool]


def check_company(whole: CheckInput, *, strict: bool = False) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a company, file by file; `strict` holds skills to their standard."""
    company, settings = whole.company, whole.settings
    agents = {agent.id for agent in company.agents}
    late = (
        d
        for d in facts.open_deadlines(
            whole.graph.trusted_part, whole.today, whole.is_holiday
        )
        if isinstance(d, Diagnostic)
    )
    found = [
        *settings.diagnostics,
        *company.diagnostics,
        *schedule_problems(company.prompts),
        *unknown_handoffs(company),
    ]
    found += costly_schedules(company.prompts, settings.settings.budget, whole.today)
    found += [
        *duplicate_names(company.agents),
        *lost_references(company, whole.exists),
        *unknown_setting_agents(settings, agents),
    ]
    found += [
        *idle_triggers(settings),
        *unknown_country(settings, whole.today, whole.is_holiday),
        *whole.board.problems,
    ]
    found += [
        *unknown_owners(whole.board, agents),
        *whole.graph.problems,
        *late,
        *facts.unreadable_runs(whole.graph.trusted_part),
    ]
    for file, text in whole.committed.items():
        found += document.leak_warnings(file, text)
    found += [
        *heavy_prompts(company),
        *(nonstandard_skill_keys(company) if strict else ()),
    ]
    return tuple(sorted(found, key=lambda d: (d.file, d.line or 0, d.code)))


def record_problem(
    record: Record,
    key: str,
    code: str,
    message: str,
    hint: str,
    level: Severity = Severity.WARNING,
) -> Diagnostic:
    """A problem on the line of one of a record's keys."""
    return Diagnostic(
        file=record.file,
        line=record.lines.get(key),
        level=level,
        code=code,
        message=message,
        hint=hint,
    )


def schedule_problems(prompts: Iterable[Prompt]) -> Iterator[Diagnostic]:
    """Schedules and time zones that cannot be read; those prompts still run by hand."""
    for prompt in prompts:
        cron, zone = prompt.own.schedule, prompt.own.timezone
        if cron and (problem := schedule.cron_problem(cron)):
            hint = 'write "0 9 * * 1" or @daily'
            yield record_problem(
                prompt,
                "agentco.schedule",
                "bad-schedule",
                problem,
                hint,
                Severity.ERROR,
            )
        if zone and not amounts.find_time_zone(zone):
            problem, hint = f"no time zone {zone!r}", "write one such as Europe/Lisbon"
            yield record_problem(
                prompt,
                "agentco.timezone",
                "bad-timezone",
                problem,
                hint,
                Severity.ERROR,
            )


def costly_schedules(
    prompts: Iterable[Prompt], budget: Budget, today: date
) -> Iterator[Diagnostic]:
    """Schedules that could use up the company's day before it is over."""
    after = datetime.combine(today, time(), tzinfo=UTC)
    for prompt in prompts:
        cron, cap = (
            prompt.own.schedule,
            budget.run if prompt.own.budget is None else prompt.own.budget,
        )
        times = (
            0
            if not cron or schedule.cron_problem(cron)
            else schedule.max_runs_per_day(cron, after, ZoneInfo("UTC"))
        )
        if times > 1 and times * cap > budget.company_day:
            each, day = (
                f"${amount / MICROS_PER_USD:.2f}"
                for amount in (cap, budget.company_day)
            )
            message = f"{cron!r} is {times:,} runs a day of at most {each}, and the company's day ends at {day}"
            hint = "run it less often, or give it a smaller agentco.budget"
            yield record_problem(
                prompt, "agentco.schedule", "dear-schedule", message, hint
            )


def unknown_handoffs(company: Company) -> Iterator[Diagnostic]:
    """Agents and skills that a role names and that do not exist."""
    known: dict[str, Sequence[Record]] = {
        "agent": company.agents,
        "skill": company.skills,
    }
    for agent in company.agents:
        named = (
            *(
                ("agentco.skills", "skill", name)
                for name in (*(agent.own.skills or ()), *agent.skills)
            ),
            *(("agents", "agent", name) for name in agent.agents or () if name != "*"),
            *(
                ("handoffs", "agent", handoff.agent)
                for handoff in agent.handoffs
                if handoff.agent
            ),
        )
        for key, what, name in named:
            if find_by_name(name, known[what]) is None:
                message = (
                    f"{agent.id!r} names the {what} {name!r}, which does not exist"
                )
                hint = known_names_hint(
                    f"{what}s", [record.id for record in known[what]]
                )
                yield record_problem(agent, key, f"unknown-{what}", message, hint)


def known_names_hint(what: str, names: Iterable[str]) -> str:
    """A hint that lists everything that could have been meant."""
    return f"the {what} here are {', '.join(sorted(names)) or 'none'}"


def duplicate_names(agents: Sequence[Agent]) -> Iterator[Diagnostic]:
    """Agents that answer to another one's name; whoever is looked up first is meant."""
    for agent in agents:
        if others := [
            a
            for a in agents
            if a is not agent and slug(agent.name) in {a.id, slug(a.name)}
        ]:
            what = f"{agent.name!r} is also the name of {others[0].file}"
            yield record_problem(
                agent, "name", "same-name", what, "rename one of the two"
            )


def setting_problem(
    file: SettingsFile, path: yaml_values.KeyPath, code: str, message: str, hint: str
) -> Diagnostic:
    """A problem on the line of a setting, or of the nearest one around it that has a line."""
    around = (path[:n] for n in range(len(path), 0, -1))
    line = next((file.lines[near] for near in around if near in file.lines), None)
    return Diagnostic(
        file=SETTINGS_FILE,
        line=line,
        level=Severity.WARNING,
        code=code,
        message=message,
        hint=hint,
    )


def unknown_country(
    file: SettingsFile, today: date, is_holiday: IsHoliday
) -> Iterator[Diagnostic]:
    """A country without a single public holiday is one that nobody knows: deadlines would move wrongly."""
    country = file.settings.company.country
    if country and not any(
        is_holiday(today + timedelta(days=n)) for n in range(-366, 366)
    ):
        what = f"no public holidays are known for the country {country!r}"
        hint = "write its two letters, such as PT, US or BR"
        yield setting_problem(
            file, ("company", "country"), "unknown-country", what, hint
        )


def lost_references(
    company: Company, exists: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    """Files that a body refers to and that are not there; many a link is only an illustration."""
    hint = (
        "correct the path: it counts from the file's own folder, /x from the company's"
    )
    lost = partial(Diagnostic, level=Severity.INFO, code="lost-reference", hint=hint)
    for record in (
        *company.agents,
        *company.prompts,
        *company.skills,
        *company.instructions,
    ):
        for reference in mentions.find_references(record.body, record.body_line):
            path = mentions.resolve_path(record.file, reference.target)
            if reference.mention is not mentions.MentionKind.TOOL and not (
                path and exists(path)
            ):
                what = f"{reference.target!r} {'is not there' if path else 'leads out of the company'}"
                yield lost(file=record.file, line=reference.line, message=what)


def unknown_setting_agents(
    file: SettingsFile, agents: Collection[str]
) -> Iterator[Diagnostic]:
    """Agents that the settings name and that do not exist."""
    for path, name in _agents_in_settings(file.settings):
        if name not in agents:
            what = f"{'.'.join(map(str, path))} names the agent {name!r}, which does not exist"
            yield setting_problem(
                file, path, "unknown-agent", what, known_names_hint("agents", agents)
            )


def _agents_in_settings(
    settings: Settings,
) -> Iterator[tuple[yaml_values.KeyPath, str]]:
    roles = {
        "orchestrator": settings.company.orchestrator,
        "improver": settings.company.improver,
    }
    yield from ((("company", role), name) for role, name in roles.items() if name)
    yield from (
        (("budget", "agent_day", name), name) for name in settings.budget.agent_day
    )
    for i, trigger in enumerate(settings.triggers):
        for key, names in (
            ("from", trigger.from_),
            ("consult", trigger.consult),
            ("any_of", trigger.any_of),
        ):
            yield from ((("triggers", i, key), name) for name in names)


def idle_triggers(file: SettingsFile) -> Iterator[Diagnostic]:
    """Triggers that no text can fire and that switch no default off, or that call for nobody."""
    shipped, hint = (
        {one.name for one in triggers.DEFAULT_TRIGGERS},
        "give it words: or patterns:, and consult: or any_of:",
    )
    for i, one in enumerate(file.settings.triggers):
        fires, off = triggers.can_fire(one), slug(one.name) in shipped
        if not (one.consult or one.any_of if fires else off):
            what = f"the trigger {one.name!r} {'calls for nobody' if fires else 'can never fire'}"
            yield setting_problem(file, ("triggers", i), "idle-trigger", what, hint)
        if slug(one.name) in {*map(str, TextRule)}:
            what = f"the trigger {one.name!r} is named like a rule of public text, and would be waived with it"
            yield setting_problem(
                file,
                ("triggers", i),
                "trigger-like-a-rule",
                what,
                "give it another name",
            )


def prompt_loads(company: Company) -> tuple[PromptLoad, ...]:
    """What each agent carries into a prompt before any task; tokens are UTF-8 bytes / 2, as for budgets."""
    constitution = (
        prompt_format.count_tokens(company.constitution.body)
        if company.constitution
        else 0
    )
    everywhere = sum(
        prompt_format.count_tokens(i.body)
        for i in company.instructions
        if globs.applies_always(i.apply_to)
    )
    catalogue = sum(
        prompt_format.count_tokens(s.name + s.description)
        for s in company.skills
        if s.model_invocable
    )
    common = {"constitution": constitution, "instructions": everywhere}

    def load(agent: Agent) -> PromptLoad:
        own = sum(
            prompt_format.count_tokens(s.body)
            for n in agent.own.skills or ()
            if (s := company.find_skill(n))
        )
        return PromptLoad(
            agent=agent.id,
            role=prompt_format.count_tokens(agent.body),
            skills=catalogue + own,
            **common,
        )

    return tuple(map(load, company.agents))


def heavy_prompts(company: Company) -> Iterator[Diagnostic]:
    """Agents that carry so much that every call is dear."""
    hint = (
        "move detail from the role and its preloaded skills into skills read on demand"
    )
    for agent, load in zip(company.agents, prompt_loads(company), strict=True):
        if load.total > HEAVY_PROMPT_TOKENS:
            what = (
                f"{load.agent!r} carries about {load.total:,} tokens into every prompt"
            )
            yield record_problem(agent, "", "heavy-prompt", what, hint)


def nonstandard_skill_keys(company: Company) -> Iterator[Diagnostic]:
    """For `check --strict`: keys of a SKILL.md that the Agent Skills specification does not know."""
    for skill in company.skills:
        for key in (key for key in skill.extra if key not in STANDARD_SKILL_KEYS):
            what = f"the key {key!r} is not in the Agent Skills specification"
            yield record_problem(
                skill, key, "nonstandard-key", what, "put it under metadata:"
            )
