"""What is wrong between files: names taken twice, names that look alike, prompts for nobody."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from agentco.company.company import NameIndex
from agentco.company.prompts import BUILT_IN_AGENTS
from agentco.company.records import Agent, Prompt, Record, SkillRecord
from agentco.file_formats.source_file import FileFindings
from agentco.kernel import names
from agentco.kernel.errors import Diagnostic, did_you_mean

_AnyRecord = TypeVar("_AnyRecord", bound=Record)
_RENAME_HINT = "rename or delete one of the files"


def resolve_duplicates(
    records: Iterable[_AnyRecord], diagnostics: list[Diagnostic]
) -> tuple[_AnyRecord, ...]:
    """One record for each id, from the best place; two in one folder are both left out."""
    records_of: dict[str, list[_AnyRecord]] = defaultdict(list)
    for record in records:
        records_of[record.id].append(record)
    best = [_pick_best(same, diagnostics) for same in records_of.values()]
    return tuple(record for record in best if record)


def _pick_best(
    same: Sequence[_AnyRecord], diagnostics: list[Diagnostic]
) -> _AnyRecord | None:
    if len(same) == 1:
        return same[0]
    best: _AnyRecord | None = None
    for record in same:
        findings = FileFindings(record.file, diagnostics)
        twins = _files_beside(record, same)
        if twins:
            what = f"{record.id!r} is also the id of {', '.join(twins)}"
            line = record.lines.get("name")
            findings.error("same-id", what, _RENAME_HINT, line)
        elif best:
            what = f"{record.id!r} is already taken by {best.file}, which counts"
            findings.warn("shadowed", what, _RENAME_HINT)
        else:
            best = record
    return best


def _files_beside(record: Record, same: Iterable[Record]) -> list[str]:
    """The files of other records in the same folder."""
    folder = _naming_folder(record)
    others = [other for other in same if other is not record]
    return [other.file for other in others if _naming_folder(other) == folder]


def _naming_folder(record: Record) -> str:
    """The folder within which two files must not share a name."""
    levels = 2 if isinstance(record, SkillRecord) else 1
    return record.file.rsplit("/", levels)[0]


def warn_lookalikes(agents: Iterable[Agent], diagnostics: list[Diagnostic]) -> None:
    """Warn about each agent whose name only looks like another's, in other letters."""
    by_look: dict[str, dict[tuple[str, str], Agent]] = defaultdict(dict)
    for agent in agents:
        for name in map(names.slug, agent.all_names):
            by_look[names.skeleton(name)][name, agent.file] = agent
    for same in by_look.values():
        for (name, file), agent in same.items():
            files = {f for other, f in same if other != name and f != file}
            if files:
                what = f"the name {name!a} looks like one of {', '.join(sorted(files))}"
                hint = "rename one of them, or delete the one you did not write"
                line = agent.lines.get("name")
                findings = FileFindings(file, diagnostics)
                findings.warn("lookalike-name", what, hint, line)


def prompts_with_agents(
    prompts: Iterable[Prompt], agents: Sequence[Agent], diagnostics: list[Diagnostic]
) -> tuple[Prompt, ...]:
    """The prompts whose agent exists; others are left out."""
    kept: list[Prompt] = []
    known = NameIndex(agents)
    for prompt in prompts:
        name = prompt.agent
        is_built_in = not name or name.lower() in BUILT_IN_AGENTS
        if is_built_in or known.find(name):
            kept.append(prompt)
        else:
            ids = [agent.id for agent in agents]
            otherwise = "agentco show agents lists them"
            hint = did_you_mean(names.slug(name), ids, otherwise)
            findings = FileFindings(prompt.file, diagnostics)
            line = prompt.lines.get("agent")
            findings.error("unknown-agent", f"no agent is called {name!r}", hint, line)
    return tuple(kept)


def warn_hidden_skills(
    prompts: Iterable[Prompt],
    skills: Iterable[SkillRecord],
    diagnostics: list[Diagnostic],
) -> None:
    """Warn about each skill that a prompt of the same name hides."""
    prompt_of = {prompt.id: prompt for prompt in prompts}
    for skill in skills:
        prompt = prompt_of.get(names.slug(skill.id))
        if prompt and skill.user_invocable:
            what = f"/{skill.id} runs the prompt {prompt.file}, not this skill"
            line = skill.lines.get("name")
            findings = FileFindings(skill.file, diagnostics)
            findings.warn("command-taken", what, "rename one of them", line)
