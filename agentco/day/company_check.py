"""What only the whole company shows: references, schedules, owners, and how much is carried."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.board.document import Board, unknown_owners
from agentco.company import amounts, document, globs, mentions, yaml_values
from agentco.company.company import Company, lookup
from agentco.company.records import Agent, Prompt, Record
from agentco.company.settings import FILE, Budget, Settings, SettingsFile
from agentco.day import facts, schedule
from agentco.day.deadlines import IsHoliday
from agentco.kernel.errors import Diagnostic, Level
from agentco.kernel.names import slug
from agentco.memory.graph import Graph
from agentco.review import triggers
from agentco.review.findings import Rule
from agentco.runs import prompt_format

HEAVY = 20_000
STANDARD_SKILL_KEYS = {
    "name",
    "description",
    "license",
    "allowed-tools",
    "metadata",
    "compatibility",
}


class Load(Struct, frozen=True, kw_only=True):
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


class Whole(Struct, frozen=True, kw_only=True):
    """A company with all that surrounds its files; `committed` are the texts of its board and memory."""

    company: Company
    settings: SettingsFile
    board: Board
    graph: Graph
    committed: Mapping[str, str]
    today: date
    is_holiday: IsHoliday
    exists: Callable[[str], bool]


def check(whole: Whole, *, strict: bool = False) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a company, file by file; `strict` holds skills to their standard."""
    company, settings = whole.company, whole.settings
    agents = {agent.id for agent in company.agents}
    late = (
        d
        for d in facts.deadlines(whole.graph.vouched, whole.today, whole.is_holiday)
        if isinstance(d, Diagnostic)
    )
    found = [
        *settings.diagnostics,
        *company.diagnostics,
        *schedules(company.prompts),
        *handed_on(company),
    ]
    found += dear_schedules(company.prompts, settings.settings.budget, whole.today)
    found += [
        *same_names(company.agents),
        *lost_references(company, whole.exists),
        *settings_names(settings, agents),
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
        *facts.unreadable_runs(whole.graph.vouched),
    ]
    for file, text in whole.committed.items():
        found += document.leak_warnings(file, text)
    found += [*heavy(company), *(beyond_the_standard(company) if strict else ())]
    return tuple(sorted(found, key=lambda d: (d.file, d.line or 0, d.code)))


def told(
    record: Record,
    key: str,
    code: str,
    message: str,
    hint: str,
    level: Level = Level.WARNING,
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


def schedules(prompts: Iterable[Prompt]) -> Iterator[Diagnostic]:
    """Schedules and time zones that cannot be read; those prompts still run by hand."""
    for prompt in prompts:
        cron, zone = prompt.own.schedule, prompt.own.timezone
        if cron and (problem := schedule.cron_problem(cron)):
            hint = 'write "0 9 * * 1" or @daily'
            yield told(
                prompt, "agentco.schedule", "bad-schedule", problem, hint, Level.ERROR
            )
        if zone and not amounts.zone_named(zone):
            problem, hint = f"no time zone {zone!r}", "write one such as Europe/Lisbon"
            yield told(
                prompt, "agentco.timezone", "bad-timezone", problem, hint, Level.ERROR
            )


def dear_schedules(
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
            else schedule.most_in_a_day(cron, after, ZoneInfo("UTC"))
        )
        if times > 1 and times * cap > budget.company_day:
            each, day = (
                f"${amount / amounts.MICRO:.2f}" for amount in (cap, budget.company_day)
            )
            message = f"{cron!r} is {times:,} runs a day of at most {each}, and the company's day ends at {day}"
            hint = "run it less often, or give it a smaller agentco.budget"
            yield told(prompt, "agentco.schedule", "dear-schedule", message, hint)


def handed_on(company: Company) -> Iterator[Diagnostic]:
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
            if lookup(name, known[what]) is None:
                message = (
                    f"{agent.id!r} names the {what} {name!r}, which does not exist"
                )
                hint = there_are(f"{what}s", [record.id for record in known[what]])
                yield told(agent, key, f"unknown-{what}", message, hint)


def there_are(what: str, names: Iterable[str]) -> str:
    """A hint that lists everything that could have been meant."""
    return f"the {what} here are {', '.join(sorted(names)) or 'none'}"


def same_names(agents: Sequence[Agent]) -> Iterator[Diagnostic]:
    """Agents that answer to another one's name; whoever is looked up first is meant."""
    for agent in agents:
        if others := [
            a
            for a in agents
            if a is not agent and slug(agent.name) in {a.id, slug(a.name)}
        ]:
            what = f"{agent.name!r} is also the name of {others[0].file}"
            yield told(agent, "name", "same-name", what, "rename one of the two")


def in_settings(
    file: SettingsFile, path: yaml_values.Where, code: str, message: str, hint: str
) -> Diagnostic:
    """A problem on the line of a setting, or of the nearest one around it that has a line."""
    around = (path[:n] for n in range(len(path), 0, -1))
    line = next((file.lines[near] for near in around if near in file.lines), None)
    return Diagnostic(
        file=FILE, line=line, level=Level.WARNING, code=code, message=message, hint=hint
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
        yield in_settings(file, ("company", "country"), "unknown-country", what, hint)


def lost_references(
    company: Company, exists: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    """Files that a body refers to and that are not there; many a link is only an illustration."""
    hint = (
        "correct the path: it counts from the file's own folder, /x from the company's"
    )
    lost = partial(Diagnostic, level=Level.INFO, code="lost-reference", hint=hint)
    for record in (
        *company.agents,
        *company.prompts,
        *company.skills,
        *company.instructions,
    ):
        for reference in mentions.references(record.body, record.body_line):
            path = mentions.resolved(record.file, reference.target)
            if reference.mention is not mentions.Mention.TOOL and not (
                path and exists(path)
            ):
                what = f"{reference.target!r} {'is not there' if path else 'leads out of the company'}"
                yield lost(file=record.file, line=reference.line, message=what)


def settings_names(file: SettingsFile, agents: Collection[str]) -> Iterator[Diagnostic]:
    """Agents that the settings name and that do not exist."""
    for path, name in _named(file.settings):
        if name not in agents:
            what = f"{'.'.join(map(str, path))} names the agent {name!r}, which does not exist"
            yield in_settings(
                file, path, "unknown-agent", what, there_are("agents", agents)
            )


def _named(settings: Settings) -> Iterator[tuple[yaml_values.Where, str]]:
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
        {one.name for one in triggers.DEFAULTS},
        "give it words: or patterns:, and consult: or any_of:",
    )
    for i, one in enumerate(file.settings.triggers):
        fires, off = triggers.can_fire(one), slug(one.name) in shipped
        if not (one.consult or one.any_of if fires else off):
            what = f"the trigger {one.name!r} {'calls for nobody' if fires else 'can never fire'}"
            yield in_settings(file, ("triggers", i), "idle-trigger", what, hint)
        if slug(one.name) in {*map(str, Rule)}:
            what = f"the trigger {one.name!r} is named like a rule of public text, and would be waived with it"
            yield in_settings(
                file,
                ("triggers", i),
                "trigger-like-a-rule",
                what,
                "give it another name",
            )


def loads(company: Company) -> tuple[Load, ...]:
    """What each agent carries into a prompt before any task; tokens are UTF-8 bytes / 2, as for budgets."""
    constitution = (
        prompt_format.tokens(company.constitution.body) if company.constitution else 0
    )
    everywhere = sum(
        prompt_format.tokens(i.body)
        for i in company.instructions
        if globs.always(i.apply_to)
    )
    catalogue = sum(
        prompt_format.tokens(s.name + s.description)
        for s in company.skills
        if s.model_invocable
    )
    common = {"constitution": constitution, "instructions": everywhere}

    def load(agent: Agent) -> Load:
        own = sum(
            prompt_format.tokens(s.body)
            for n in agent.own.skills or ()
            if (s := company.skill(n))
        )
        return Load(
            agent=agent.id,
            role=prompt_format.tokens(agent.body),
            skills=catalogue + own,
            **common,
        )

    return tuple(map(load, company.agents))


def heavy(company: Company) -> Iterator[Diagnostic]:
    """Agents that carry so much that every call is dear."""
    hint = (
        "move detail from the role and its preloaded skills into skills read on demand"
    )
    for agent, load in zip(company.agents, loads(company), strict=True):
        if load.total > HEAVY:
            what = (
                f"{load.agent!r} carries about {load.total:,} tokens into every prompt"
            )
            yield told(agent, "", "heavy-prompt", what, hint)


def beyond_the_standard(company: Company) -> Iterator[Diagnostic]:
    """For `check --strict`: keys of a SKILL.md that the Agent Skills specification does not know."""
    for skill in company.skills:
        for key in (key for key in skill.extra if key not in STANDARD_SKILL_KEYS):
            what = f"the key {key!r} is not in the Agent Skills specification"
            yield told(skill, key, "nonstandard-key", what, "put it under metadata:")
