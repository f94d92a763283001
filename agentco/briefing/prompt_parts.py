"""What an agent is given: what never changes, then what its work brings (FORMATS 3, 8)."""

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from datetime import date
from html import escape

from msgspec import Struct

from agentco.briefing.prompt_format import PartKind, PromptPart
from agentco.company import mentions
from agentco.company.company import Company
from agentco.company.globs import applies_always, matches_any_glob
from agentco.company.records import (
    Agent,
    AlwaysOn,
    Command,
    IncludedFile,
    Instructions,
    Prompt,
    Record,
    SkillRecord,
)
from agentco.company.settings import Trigger
from agentco.kernel import package_data
from agentco.kernel.errors import CompanyBroken, WrongUsage
from agentco.kernel.names import slug
from agentco.review.founder_files import DAY_PLAN
from agentco.review.triggers import format_triggers, merge_triggers
from agentco.runs.actions import Read, Skill, name_of
from agentco.runs.grants import granted_tools
from agentco.runs.model_messages import ChatMessage

_PATH = re.compile(r"(?<![\w/:.])[\w.*-]{1,99}(?:/[\w.*-]{1,99})*/[\w.*-]{0,99}\w")
MAX_FILE_BYTES = 64 * 1024
MAX_DESCRIPTION = 1024
PREAMBLE = package_data.load_text(__name__)
REVIEWS = package_data.load_text(__name__, "reviews.md")


class Assignment(Struct, frozen=True, kw_only=True):
    """What one piece of work brings along.

    `task` is the founder's words, or the filled body of `prompt`; `files` are texts by path;
    `company`, `language` and `triggers` come from the settings; `history` are earlier turns of
    the same conversation; `plan` is the day plan, for whoever hands out work.
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
    company: Company, agent: Agent, work: Assignment, may_read: Callable[[str], bool]
) -> tuple[PromptPart, ...]:
    """Everything an agent is told, the stable part first.

    `may_read` rules on what a file of the company pulls in with `@path`.

    Raises CompanyBroken for an empty role or prompt, WrongUsage for an empty task or a large file.
    """
    for record in (agent, work.prompt):
        if record and not record.body.strip():
            what = f"{record.file}: there is nothing below the header"
            raise CompanyBroken(what, hint="write it there")
    if not work.task.strip():
        raise WrongUsage("there is no task", hint="say what to do, in quotes")
    stable = tuple(_stable_parts(company, agent, work.triggers, may_read))
    sources = {part.source for part in stable}
    return (*stable, *_task_parts(company, agent, work, sources))


def skills_on_demand(company: Company, agent: Agent) -> tuple[SkillRecord, ...]:
    """The skills that an agent may read when it needs them: those of its catalogue."""
    if name_of(Skill) not in granted_tools(agent):
        return ()
    own = _own_skills(company, agent)
    return tuple(
        skill for skill in company.skills if skill.model_invocable and skill not in own
    )


def rules_for_files(
    company: Company,
    agent: Agent,
    paths: Collection[str],
    *texts: tuple[str, str],
    known_files: Container[str] = (),
) -> tuple[PromptPart, ...]:
    """The rules for files at hand and those that texts (file, text) link, but `known_files`."""
    nested = list[AlwaysOn]()
    for record in company.always_on:
        prefix = f"{record.folder}/"
        if record.folder and any(path.startswith(prefix) for path in paths):
            nested.append(record)
    nested.sort(key=lambda record: record.folder.count("/"))
    rules = list[Instructions]()
    for rule in _agent_instructions(company, agent):
        if any(matches_any_glob(rule.apply_to, path) for path in paths):
            rules.append(rule)
    bodies = [(record.file, record.body) for record in (*nested, *rules)]
    rules += _linked_instructions(company, agent, [*bodies, *texts])
    parts = list[PromptPart]()
    for record in (*nested, *rules):
        kind = PartKind.INSTRUCTIONS
        if isinstance(record, AlwaysOn):
            kind = PartKind.ALWAYS_ON
        if record.file not in known_files:
            parts.append(file_part(kind, record, stable=False))
    return tuple(parts)


def file_part(
    kind: PartKind, file: Record | IncludedFile, *, stable: bool = True
) -> PromptPart:
    """A file of the company in full; a skill says where its other files lie."""
    name, text = "", file.body.strip()
    if isinstance(file, Agent | SkillRecord):
        name = file.id
    if isinstance(file, SkillRecord):
        place = f"Skill directory: {file.folder}; relative paths are relative to it."
        text = f"{text}\n\n{place}"
    return PromptPart(kind=kind, source=file.file, name=name, text=text, stable=stable)


def _stable_parts(
    company: Company,
    agent: Agent,
    triggers: tuple[Trigger, ...],
    may_read: Callable[[str], bool],
) -> Iterator[PromptPart]:
    """The stable part: nothing in it depends on the day, the task or its files."""
    yield PromptPart(kind=PartKind.PREAMBLE, text=PREAMBLE, stable=True)
    parts = dict[str, PromptPart]()
    for kind, file in _stable_files(company, agent, may_read):
        parts.setdefault(file.file, file_part(kind, file))
    yield from parts.values()
    table = format_triggers(merge_triggers(triggers), agent.id)
    if table:
        text = f"{REVIEWS}\n{table}"
        yield PromptPart(kind=PartKind.REVIEWS, text=text, stable=True)
    skills = skills_on_demand(company, agent)
    yield from _catalogue_part("available_skills", "skill", skills)
    if name_of(Read) in granted_tools(agent):
        instructions = [
            rule
            for rule in _agent_instructions(company, agent)
            if rule.description and rule.file not in parts
        ]
        yield from _catalogue_part(
            "available_instructions", "instructions", instructions
        )


def _stable_files(
    company: Company, agent: Agent, may_read: Callable[[str], bool]
) -> Iterator[tuple[PartKind, Record | IncludedFile]]:
    """The files that an agent is always given, in the order in which it is told."""
    files = list[tuple[PartKind, Record | IncludedFile]]()
    if company.constitution:
        files += _with_includes(PartKind.CONSTITUTION, company.constitution, may_read)
    for record in company.always_on:
        if not record.folder:
            files += _with_includes(PartKind.ALWAYS_ON, record, may_read)
    files.append((PartKind.ROLE, agent))
    for rule in _agent_instructions(company, agent):
        if applies_always(rule.apply_to):
            files.append((PartKind.INSTRUCTIONS, rule))
    skills = _own_skills(company, agent)
    texts = [(file.file, file.body) for _, file in files]
    texts += [(skill.file, skill.body) for skill in skills]
    yield from files
    for rule in _linked_instructions(company, agent, texts):
        yield PartKind.INSTRUCTIONS, rule
    for skill in skills:
        yield PartKind.SKILL, skill


def _with_includes(
    kind: PartKind, record: AlwaysOn, may_read: Callable[[str], bool]
) -> Iterator[tuple[PartKind, Record | IncludedFile]]:
    yield kind, record
    for included in record.includes:
        if may_read(included.file):
            yield kind, included


def _task_parts(
    company: Company, agent: Agent, work: Assignment, known_files: Container[str]
) -> Iterator[PromptPart]:
    """What this piece of work brings, the task last."""
    for turn in work.history:
        yield PromptPart(kind=PartKind.HISTORY, name=turn.role, text=turn.text)
    prompt_file = work.prompt.file if work.prompt else ""
    task = (prompt_file, work.task)
    at_hand = (*work.files, *_paths_of_task(work))
    yield from rules_for_files(company, agent, at_hand, task, known_files=known_files)
    for path, text in work.files.items():
        _refuse_large_file(path, text)
        yield PromptPart(kind=PartKind.FILE, source=path, text=text)
    if work.plan:
        yield PromptPart(kind=PartKind.FILE, source=DAY_PLAN, text=work.plan)
    sentences = [f"Today is {work.today:%A}, {work.today.isoformat()}."]
    if work.company:
        sentences.insert(0, f"The company is {work.company}.")
    if work.language:
        sentences.append(f"The company's language is {work.language!r}.")
    yield PromptPart(kind=PartKind.TODAY, text=" ".join(sentences))
    yield PromptPart(kind=PartKind.TASK, source=prompt_file, text=work.task)


def _paths_of_task(work: Assignment) -> list[str]:
    """The files that a task names, and those that its prompt is to write."""
    paths = _PATH.findall(work.task)
    if isinstance(work.prompt, Prompt):
        paths += work.prompt.own.products
    return paths


def _refuse_large_file(path: str, text: str) -> None:
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_FILE_BYTES:
        limit = f"the limit for a file is {MAX_FILE_BYTES:,}"
        hint = "attach a part of it, or name its path in the task: the agent can read files"
        raise WrongUsage(f"{path!r} has {size:,} bytes, {limit}", hint=hint)


def _own_skills(company: Company, agent: Agent) -> tuple[SkillRecord, ...]:
    """The skills that an agent is given in full, each once."""
    names = agent.skills if agent.own.skills is None else agent.own.skills
    skills = dict[str, SkillRecord]()
    for skill in map(company.find_skill, names):
        if skill:
            skills[skill.id] = skill
    return tuple(skills.values())


def _agent_instructions(company: Company, agent: Agent) -> list[Instructions]:
    """Those that do not exclude the agent, by file."""
    names = {agent.id, slug(agent.name)}
    instructions = [
        rule
        for rule in company.instructions
        if names.isdisjoint(map(slug, rule.exclude_agents))
    ]
    return sorted(instructions, key=lambda rule: rule.file)


def _linked_instructions(
    company: Company, agent: Agent, texts: list[tuple[str, str]]
) -> Iterator[Instructions]:
    """The instructions that texts (file, text) refer to, and those these refer to, each once."""
    files = {file for file, _ in texts}
    unseen = dict[str, Instructions]()
    for rule in _agent_instructions(company, agent):
        if rule.file not in files:
            unseen[rule.file] = rule
    for file, text in texts:  # grows while it is read
        for reference in mentions.find_references(text):
            if reference.mention is mentions.MentionKind.TOOL:
                continue
            path = mentions.resolve_path(file, reference.target)
            rule = unseen.pop(path or "", None)
            if rule:
                texts.append((rule.file, rule.body))
                yield rule


def _catalogue_part(
    block: str, tag: str, records: Iterable[SkillRecord | Instructions]
) -> Iterator[PromptPart]:
    """One list of names and descriptions, or nothing when there is none to name."""
    rows = list[str]()
    for record in records:
        name = f"<name>{escape(record.name)}</name>"
        text = escape(record.description[:MAX_DESCRIPTION])
        place = f"<location>{escape(record.file)}</location>"
        rows.append(f"<{tag}>{name}<description>{text}</description>{place}</{tag}>")
    if rows:
        text = "\n".join((f"<{block}>", *rows, f"</{block}>"))
        yield PromptPart(kind=PartKind.CATALOGUE, text=text, stable=True)
