"""What is wrong between files: names taken twice, names that look alike, prompts for nobody."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from agentco.company import company, source_file
from agentco.company.prompts import BUILT_IN
from agentco.company.records import Agent, Prompt, Record, Skill
from agentco.kernel import names
from agentco.kernel.errors import Diagnostic, close_to

_Kept = TypeVar("_Kept", bound=Record)
_RENAME = "rename or delete one of the files"


def settle(
    records: Iterable[_Kept], diagnostics: list[Diagnostic]
) -> tuple[_Kept, ...]:
    """One record for each id, from the best place; two in one folder are both left out."""
    by_id: dict[str, list[_Kept]] = defaultdict(list)
    for record in records:
        by_id[record.id].append(record)
    best = (
        same[0] if len(same) == 1 else _best(same, diagnostics)
        for same in by_id.values()
    )
    return tuple(record for record in best if record)


def _best(same: Sequence[_Kept], diagnostics: list[Diagnostic]) -> _Kept | None:
    best: _Kept | None = None
    for record in same:
        found = source_file.Findings(record.file, diagnostics)
        if twins := [
            r.file for r in same if r is not record and _folder(r) == _folder(record)
        ]:
            what = f"{record.id!r} is also the id of {', '.join(twins)}"
            found.error("same-id", what, _RENAME, record.lines.get("name"))
        elif best:
            found.warn(
                "shadowed",
                f"{record.id!r} is already taken by {best.file}, which counts",
                _RENAME,
            )
        else:
            best = record
    return best


def _folder(record: Record) -> str:
    """The folder within which two files must not share a name."""
    return record.file.rsplit("/", 2 if isinstance(record, Skill) else 1)[0]


def lookalikes(agents: Iterable[Agent], diagnostics: list[Diagnostic]) -> None:
    """A warning for each agent whose name only looks like another's, drawn with other letters."""
    by_look: dict[str, dict[tuple[str, str], Agent]] = defaultdict(dict)
    for agent in agents:
        for name in map(names.slug, agent.names):
            by_look[names.skeleton(name)][name, agent.file] = agent
    for same in by_look.values():
        for (name, file), agent in same.items():
            if others := sorted(
                {f for other, f in same if other != name and f != file}
            ):
                what = f"the name {name!a} looks like one of {', '.join(others)}"
                hint = "rename one of them, or delete the one you did not write"
                source_file.Findings(file, diagnostics).warn(
                    "lookalike-name", what, hint, agent.lines.get("name")
                )


def addressed(
    prompts: Iterable[Prompt], agents: Sequence[Agent], diagnostics: list[Diagnostic]
) -> tuple[Prompt, ...]:
    """The prompts whose agent is there; one for nobody is left out."""
    kept: list[Prompt] = []
    for prompt in prompts:
        if (
            not prompt.agent
            or prompt.agent.lower() in BUILT_IN
            or company.lookup(prompt.agent, agents)
        ):
            kept.append(prompt)
        else:
            what = f"no agent is called {prompt.agent!r}"
            hint = close_to(
                names.slug(prompt.agent),
                [a.id for a in agents],
                "agentco show agents lists them",
            )
            source_file.Findings(prompt.file, diagnostics).error(
                "unknown-agent", what, hint, prompt.lines.get("agent")
            )
    return tuple(kept)


def commands_taken_twice(
    prompts: Iterable[Prompt], skills: Iterable[Skill], diagnostics: list[Diagnostic]
) -> None:
    """A warning for each skill that a prompt of the same name hides."""
    by_id = {prompt.id: prompt for prompt in prompts}
    for skill in skills:
        if skill.user_invocable and (prompt := by_id.get(names.slug(skill.id))):
            what = f"/{skill.id} runs the prompt {prompt.file}, not this skill"
            found = source_file.Findings(skill.file, diagnostics)
            found.warn(
                "command-taken", what, "rename one of them", skill.lines.get("name")
            )
