"""What is wrong between files: names taken twice, names that look alike, prompts for nobody."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from agentco.company import company, source_file
from agentco.company.prompts import BUILT_IN_AGENTS
from agentco.company.records import Agent, Prompt, Record, SkillRecord
from agentco.kernel import names
from agentco.kernel.errors import Diagnostic, did_you_mean

_AnyRecord = TypeVar("_AnyRecord", bound=Record)
_RENAME_HINT = "rename or delete one of the files"


def resolve_duplicates(
    records: Iterable[_AnyRecord], diagnostics: list[Diagnostic]
) -> tuple[_AnyRecord, ...]:
    """One record for each id, from the best place; two in one folder are both left out."""
    by_id: dict[str, list[_AnyRecord]] = defaultdict(list)
    for record in records:
        by_id[record.id].append(record)
    best = (
        same[0] if len(same) == 1 else _pick_best(same, diagnostics)
        for same in by_id.values()
    )
    return tuple(record for record in best if record)


def _pick_best(
    same: Sequence[_AnyRecord], diagnostics: list[Diagnostic]
) -> _AnyRecord | None:
    best: _AnyRecord | None = None
    for record in same:
        found = source_file.FileFindings(record.file, diagnostics)
        if twins := [
            r.file
            for r in same
            if r is not record and _naming_folder(r) == _naming_folder(record)
        ]:
            what = f"{record.id!r} is also the id of {', '.join(twins)}"
            found.error("same-id", what, _RENAME_HINT, record.lines.get("name"))
        elif best:
            found.warn(
                "shadowed",
                f"{record.id!r} is already taken by {best.file}, which counts",
                _RENAME_HINT,
            )
        else:
            best = record
    return best


def _naming_folder(record: Record) -> str:
    """The folder within which two files must not share a name."""
    return record.file.rsplit("/", 2 if isinstance(record, SkillRecord) else 1)[0]


def warn_lookalikes(agents: Iterable[Agent], diagnostics: list[Diagnostic]) -> None:
    """A warning for each agent whose name only looks like another's, drawn with other letters."""
    by_look: dict[str, dict[tuple[str, str], Agent]] = defaultdict(dict)
    for agent in agents:
        for name in map(names.slug, agent.all_names):
            by_look[names.skeleton(name)][name, agent.file] = agent
    for same in by_look.values():
        for (name, file), agent in same.items():
            if others := sorted(
                {f for other, f in same if other != name and f != file}
            ):
                what = f"the name {name!a} looks like one of {', '.join(others)}"
                hint = "rename one of them, or delete the one you did not write"
                source_file.FileFindings(file, diagnostics).warn(
                    "lookalike-name", what, hint, agent.lines.get("name")
                )


def prompts_with_agents(
    prompts: Iterable[Prompt], agents: Sequence[Agent], diagnostics: list[Diagnostic]
) -> tuple[Prompt, ...]:
    """The prompts whose agent is there; one for nobody is left out."""
    kept: list[Prompt] = []
    for prompt in prompts:
        if (
            not prompt.agent
            or prompt.agent.lower() in BUILT_IN_AGENTS
            or company.find_by_name(prompt.agent, agents)
        ):
            kept.append(prompt)
        else:
            what = f"no agent is called {prompt.agent!r}"
            hint = did_you_mean(
                names.slug(prompt.agent),
                [a.id for a in agents],
                "agentco show agents lists them",
            )
            source_file.FileFindings(prompt.file, diagnostics).error(
                "unknown-agent", what, hint, prompt.lines.get("agent")
            )
    return tuple(kept)


def warn_hidden_skills(
    prompts: Iterable[Prompt],
    skills: Iterable[SkillRecord],
    diagnostics: list[Diagnostic],
) -> None:
    """A warning for each skill that a prompt of the same name hides."""
    by_id = {prompt.id: prompt for prompt in prompts}
    for skill in skills:
        if skill.user_invocable and (prompt := by_id.get(names.slug(skill.id))):
            what = f"/{skill.id} runs the prompt {prompt.file}, not this skill"
            found = source_file.FileFindings(skill.file, diagnostics)
            found.warn(
                "command-taken", what, "rename one of them", skill.lines.get("name")
            )
