"""What an agent is given: first what never changes, then what this piece of work brings (FORMATS 3, 8)."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import date
from html import escape

from msgspec import Struct

from agentco.company import mentions, tool_names
from agentco.company.company import Company
from agentco.company.globs import applies_always, matches_any_glob
from agentco.company.records import (
    Agent,
    Command,
    IncludedFile,
    Instructions,
    Record,
    SkillRecord,
)
from agentco.company.settings import Trigger
from agentco.kernel import package_data
from agentco.kernel.errors import CompanyBroken, WrongUsage
from agentco.kernel.names import slug
from agentco.review.triggers import format_triggers, merge_triggers
from agentco.runs.grants import granted_tools
from agentco.runs.model_messages import ChatMessage
from agentco.runs.prompt_format import PartKind, PromptPart

DAY_PLAN = "the day plan"
MAX_FILE_BYTES = 64 * 1024
MAX_DESCRIPTION = 1024
PREAMBLE, REVIEWS = (
    package_data.load_text(__name__),
    package_data.load_text(__name__, "reviews.md"),
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
    history: tuple[ChatMessage, ...] = ()
    company: str = ""
    language: str = ""
    triggers: tuple[Trigger, ...] = ()
    plan: str = ""


def build_prompt_parts(
    company: Company, agent: Agent, work: Assignment
) -> tuple[PromptPart, ...]:
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
    stable = tuple(_stable_parts(company, agent, work.triggers))
    return (
        *stable,
        *_task_parts(company, agent, work, {part.source for part in stable}),
    )


def skills_on_demand(company: Company, agent: Agent) -> tuple[SkillRecord, ...]:
    """The skills that an agent may read when it needs them: those of its catalogue."""
    own = _own_skills(company, agent)
    offered = (s for s in company.skills if s.model_invocable and s not in own)
    return tuple(offered) if tool_names.Tool.SKILL in granted_tools(agent) else ()


def rules_for_files(
    company: Company,
    agent: Agent,
    paths: Collection[str],
    *texts: tuple[str, str],
    told: Container[str] = (),
) -> tuple[PromptPart, ...]:
    """What the company says about files at hand and in texts (file, text), but for files already `told`."""
    nested = [
        r
        for r in company.always_on
        if any(r.folder and p.startswith(r.folder + "/") for p in paths)
    ]
    nested.sort(key=lambda record: record.folder.count("/"))
    rules = [
        i
        for i in _agent_instructions(company, agent)
        if any(matches_any_glob(i.apply_to, p) for p in paths)
    ]
    rules += _linked_instructions(
        company, agent, [*((r.file, r.body) for r in (*nested, *rules)), *texts]
    )
    found = [
        *((PartKind.ALWAYS_ON, r) for r in nested),
        *((PartKind.INSTRUCTIONS, r) for r in rules),
    ]
    return tuple(
        file_part(kind, r, stable=False) for kind, r in found if r.file not in told
    )


def file_part(
    kind: PartKind, file: Record | IncludedFile, *, stable: bool = True
) -> PromptPart:
    """A file of the company in full; a skill says where its other files lie."""
    name = file.id if isinstance(file, Agent | SkillRecord) else ""
    text = file.body.strip()
    if isinstance(file, SkillRecord):
        text += (
            f"\n\nSkill directory: {file.folder}; relative paths are relative to it."
        )
    return PromptPart(kind=kind, source=file.file, name=name, text=text, stable=stable)


def _stable_parts(
    company: Company, agent: Agent, triggers: tuple[Trigger, ...]
) -> Iterator[PromptPart]:
    """The stable part: nothing in it depends on the day, the task or its files."""
    yield PromptPart(kind=PartKind.PREAMBLE, text=PREAMBLE, stable=True)
    first = company.constitution
    held = [
        *([first] if first else []),
        *(r for r in company.always_on if not r.folder),
    ]
    files: list[tuple[PartKind, Record | IncludedFile]] = [
        *(
            (PartKind.CONSTITUTION if r is first else PartKind.ALWAYS_ON, f)
            for r in held
            for f in (r, *r.includes)
        ),
        (PartKind.ROLE, agent),
        *(
            (PartKind.INSTRUCTIONS, i)
            for i in _agent_instructions(company, agent)
            if applies_always(i.apply_to)
        ),
    ]
    own = [(PartKind.SKILL, skill) for skill in _own_skills(company, agent)]
    linked = _linked_instructions(
        company, agent, [(f.file, f.body) for _, f in (*files, *own)]
    )
    told: dict[str, PromptPart] = {}
    for kind, file in (*files, *((PartKind.INSTRUCTIONS, i) for i in linked), *own):
        told.setdefault(file.file, file_part(kind, file))
    yield from told.values()
    if told_of := format_triggers(merge_triggers(triggers), agent.id):
        yield PromptPart(
            kind=PartKind.REVIEWS, text=f"{REVIEWS}\n{told_of}", stable=True
        )
    yield from _catalogue_part(
        "available_skills", "skill", skills_on_demand(company, agent)
    )
    if tool_names.Tool.READ in granted_tools(agent):
        offered = (
            i
            for i in _agent_instructions(company, agent)
            if i.description and i.file not in told
        )
        yield from _catalogue_part("available_instructions", "instructions", offered)


def _task_parts(
    company: Company, agent: Agent, work: Assignment, told: Container[str]
) -> Iterator[PromptPart]:
    yield from (
        PromptPart(kind=PartKind.HISTORY, name=turn.role, text=turn.text)
        for turn in work.history
    )
    asked = (work.prompt.file if work.prompt else "", work.task)
    yield from rules_for_files(company, agent, work.files, asked, told=told)
    for path, text in work.files.items():
        if (size := len(text.encode("utf-8", "replace"))) > MAX_FILE_BYTES:
            what = f"{path!r} has {size:,} bytes, at most {MAX_FILE_BYTES:,} can be given along"
            raise WrongUsage(
                what,
                hint="give a part of it, or name its path in the task: the agent can read",
            )
        yield PromptPart(kind=PartKind.FILE, source=path, text=text)
    if work.plan:
        yield PromptPart(kind=PartKind.FILE, source=DAY_PLAN, text=work.plan)
    named = f"The company is {work.company}. " if work.company else ""
    language = f" The company's language is {work.language!r}." if work.language else ""
    yield PromptPart(
        kind=PartKind.TODAY,
        text=f"{named}Today is {work.today:%A}, {work.today.isoformat()}.{language}",
    )
    yield PromptPart(kind=PartKind.TASK, source=asked[0], text=work.task)


def _own_skills(company: Company, agent: Agent) -> tuple[SkillRecord, ...]:
    names = agent.skills if agent.own.skills is None else agent.own.skills
    return tuple(
        {
            skill.id: skill for name in names if (skill := company.find_skill(name))
        }.values()
    )


def _agent_instructions(company: Company, agent: Agent) -> list[Instructions]:
    """Those that do not exclude the agent, by file."""
    me = {agent.id, slug(agent.name)}
    return sorted(
        (i for i in company.instructions if me.isdisjoint(map(slug, i.exclude_agents))),
        key=lambda i: i.file,
    )


def _linked_instructions(
    company: Company, agent: Agent, texts: list[tuple[str, str]]
) -> Iterator[Instructions]:
    """The instructions that texts (file, text) refer to, those that these refer to, and so on; each once."""
    unseen = {
        i.file: i
        for i in _agent_instructions(company, agent)
        if i.file not in dict(texts)
    }
    for file, text in texts:
        for reference in mentions.find_references(text):
            path = (
                None
                if reference.mention is mentions.MentionKind.TOOL
                else mentions.resolve_path(file, reference.target)
            )
            if rule := unseen.pop(path or "", None):
                texts.append((rule.file, rule.body))
                yield rule


def _catalogue_part(
    block: str, tag: str, records: Iterable[SkillRecord | Instructions]
) -> Iterator[PromptPart]:
    """One list of names and descriptions, or nothing when there is none to name."""
    rows = "".join(
        f"<{tag}><name>{escape(r.name)}</name><description>{escape(r.description[:MAX_DESCRIPTION])}"
        f"</description><location>{escape(r.file)}</location></{tag}>\n"
        for r in records
    )
    if rows:
        yield PromptPart(
            kind=PartKind.CATALOGUE, text=f"<{block}>\n{rows}</{block}>", stable=True
        )
