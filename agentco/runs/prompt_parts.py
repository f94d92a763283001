"""What an agent is given: first what never changes, then what this piece of work brings (FORMATS 3, 8)."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import date
from html import escape

from msgspec import Struct

from agentco.company import mentions, tool_names
from agentco.company.company import Company
from agentco.company.globs import always, applies
from agentco.company.records import (
    Agent,
    Command,
    Included,
    Instructions,
    Record,
    Skill,
)
from agentco.company.settings import Trigger
from agentco.kernel import package_data
from agentco.kernel.errors import CompanyBroken, WrongUsage
from agentco.kernel.names import slug
from agentco.review.triggers import rendered, table
from agentco.runs.grants import granted
from agentco.runs.model_messages import Message
from agentco.runs.prompt_format import Kind, Part

DAY_PLAN = "the day plan"
LARGEST_FILE = 64 * 1024
LONGEST_DESCRIPTION = 1024
PREAMBLE, REVIEWS = (
    package_data.text(__name__),
    package_data.text(__name__, "reviews.md"),
)


class Assignment(Struct, frozen=True, kw_only=True):
    """What one piece of work brings along.

    `task` is the founder's words, or the filled body of `prompt`; `files` are texts by path, `company` and
    `language` and `triggers` come from the settings, `history` are earlier turns of the same conversation,
    `plan` is the day plan, for whoever hands out work.
    """

    task: str
    today: date
    prompt: Command | None = None
    files: Mapping[str, str] = {}
    history: tuple[Message, ...] = ()
    company: str = ""
    language: str = ""
    triggers: tuple[Trigger, ...] = ()
    plan: str = ""


def parts(company: Company, agent: Agent, work: Assignment) -> tuple[Part, ...]:
    """Everything an agent is told, the stable part first.

    Raises CompanyBroken for an empty role or prompt, WrongUsage for an empty task or a file too large.
    """
    for record in (agent, work.prompt):
        if record and not record.body.strip():
            raise CompanyBroken(
                f"{record.file}: nothing stands below the header", hint="write it there"
            )
    if not work.task.strip():
        raise WrongUsage("nothing is asked", hint="say what is to be done, in quotes")
    stable = tuple(_standing(company, agent, work.triggers))
    return (*stable, *_brought(company, agent, work, {part.source for part in stable}))


def skills_on_demand(company: Company, agent: Agent) -> tuple[Skill, ...]:
    """The skills that an agent may read when it needs them: those of its catalogue."""
    own = _own_skills(company, agent)
    offered = (s for s in company.skills if s.model_invocable and s not in own)
    return tuple(offered) if tool_names.Tool.SKILL in granted(agent) else ()


def rules_for(
    company: Company,
    agent: Agent,
    paths: Collection[str],
    *texts: tuple[str, str],
    told: Container[str] = (),
) -> tuple[Part, ...]:
    """What the company says about files at hand and in texts (file, text), but for files already `told`."""
    nested = [
        r
        for r in company.always_on
        if any(r.folder and p.startswith(r.folder + "/") for p in paths)
    ]
    nested.sort(key=lambda record: record.folder.count("/"))
    rules = [
        i
        for i in _instructions(company, agent)
        if any(applies(i.apply_to, p) for p in paths)
    ]
    rules += _linked(
        company, agent, [*((r.file, r.body) for r in (*nested, *rules)), *texts]
    )
    found = [
        *((Kind.ALWAYS_ON, r) for r in nested),
        *((Kind.INSTRUCTIONS, r) for r in rules),
    ]
    return tuple(
        part_of(kind, r, stable=False) for kind, r in found if r.file not in told
    )


def part_of(kind: Kind, file: Record | Included, *, stable: bool = True) -> Part:
    """A file of the company in full; a skill says where its other files lie."""
    name = file.id if isinstance(file, Agent | Skill) else ""
    text = file.body.strip()
    if isinstance(file, Skill):
        text += (
            f"\n\nSkill directory: {file.folder}; relative paths are relative to it."
        )
    return Part(kind=kind, source=file.file, name=name, text=text, stable=stable)


def _standing(
    company: Company, agent: Agent, triggers: tuple[Trigger, ...]
) -> Iterator[Part]:
    """The stable part: nothing in it depends on the day, the task or its files."""
    yield Part(kind=Kind.PREAMBLE, text=PREAMBLE, stable=True)
    first = company.constitution
    held = [
        *([first] if first else []),
        *(r for r in company.always_on if not r.folder),
    ]
    files: list[tuple[Kind, Record | Included]] = [
        *(
            (Kind.CONSTITUTION if r is first else Kind.ALWAYS_ON, f)
            for r in held
            for f in (r, *r.includes)
        ),
        (Kind.ROLE, agent),
        *(
            (Kind.INSTRUCTIONS, i)
            for i in _instructions(company, agent)
            if always(i.apply_to)
        ),
    ]
    own = [(Kind.SKILL, skill) for skill in _own_skills(company, agent)]
    linked = _linked(company, agent, [(f.file, f.body) for _, f in (*files, *own)])
    told: dict[str, Part] = {}
    for kind, file in (*files, *((Kind.INSTRUCTIONS, i) for i in linked), *own):
        told.setdefault(file.file, part_of(kind, file))
    yield from told.values()
    if told_of := rendered(table(triggers), agent.id):
        yield Part(kind=Kind.REVIEWS, text=f"{REVIEWS}\n{told_of}", stable=True)
    yield from _catalogue("available_skills", "skill", skills_on_demand(company, agent))
    if tool_names.Tool.READ in granted(agent):
        offered = (
            i
            for i in _instructions(company, agent)
            if i.description and i.file not in told
        )
        yield from _catalogue("available_instructions", "instructions", offered)


def _brought(
    company: Company, agent: Agent, work: Assignment, told: Container[str]
) -> Iterator[Part]:
    yield from (
        Part(kind=Kind.HISTORY, name=turn.role, text=turn.text) for turn in work.history
    )
    asked = (work.prompt.file if work.prompt else "", work.task)
    yield from rules_for(company, agent, work.files, asked, told=told)
    for path, text in work.files.items():
        if (size := len(text.encode("utf-8", "replace"))) > LARGEST_FILE:
            what = f"{path!r} has {size:,} bytes, at most {LARGEST_FILE:,} can be given along"
            raise WrongUsage(
                what,
                hint="give a part of it, or name its path in the task: the agent can read",
            )
        yield Part(kind=Kind.FILE, source=path, text=text)
    if work.plan:
        yield Part(kind=Kind.FILE, source=DAY_PLAN, text=work.plan)
    named = f"The company is {work.company}. " if work.company else ""
    language = f" The company's language is {work.language!r}." if work.language else ""
    yield Part(
        kind=Kind.TODAY,
        text=f"{named}Today is {work.today:%A}, {work.today.isoformat()}.{language}",
    )
    yield Part(kind=Kind.TASK, source=asked[0], text=work.task)


def _own_skills(company: Company, agent: Agent) -> tuple[Skill, ...]:
    names = agent.skills if agent.own.skills is None else agent.own.skills
    return tuple(
        {skill.id: skill for name in names if (skill := company.skill(name))}.values()
    )


def _instructions(company: Company, agent: Agent) -> list[Instructions]:
    """Those that do not exclude the agent, by file."""
    me = {agent.id, slug(agent.name)}
    return sorted(
        (i for i in company.instructions if me.isdisjoint(map(slug, i.exclude_agents))),
        key=lambda i: i.file,
    )


def _linked(
    company: Company, agent: Agent, texts: list[tuple[str, str]]
) -> Iterator[Instructions]:
    """The instructions that texts (file, text) refer to, those that these refer to, and so on; each once."""
    unseen = {
        i.file: i for i in _instructions(company, agent) if i.file not in dict(texts)
    }
    for file, text in texts:
        for reference in mentions.references(text):
            path = (
                None
                if reference.mention is mentions.Mention.TOOL
                else mentions.resolved(file, reference.target)
            )
            if rule := unseen.pop(path or "", None):
                texts.append((rule.file, rule.body))
                yield rule


def _catalogue(
    block: str, tag: str, records: Iterable[Skill | Instructions]
) -> Iterator[Part]:
    """One list of names and descriptions, or nothing when there is none to name."""
    rows = "".join(
        f"<{tag}><name>{escape(r.name)}</name><description>{escape(r.description[:LONGEST_DESCRIPTION])}"
        f"</description><location>{escape(r.file)}</location></{tag}>\n"
        for r in records
    )
    if rows:
        yield Part(
            kind=Kind.CATALOGUE, text=f"<{block}>\n{rows}</{block}>", stable=True
        )
