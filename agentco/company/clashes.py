"""What is wrong between files: names taken twice, names that look alike, prompts for nobody."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from agentco.company.company import lookup, names_of
from agentco.company.names import skeleton, slug
from agentco.company.places import place_of
from agentco.company.prompts import BUILT_IN
from agentco.company.records import Agent, Prompt, Record, Skill
from agentco.errors import Diagnostic, Level, close_to

_Kept = TypeVar("_Kept", bound=Record)


def settle(records: Sequence[_Kept], diagnostics: list[Diagnostic]) -> tuple[_Kept, ...]:
    """One record for each id, from the best place; two in one folder are both left out."""
    kept: dict[str, _Kept] = {}
    for id_, same in _by(records, lambda r: r.id).items():
        alone = same if len(same) == 1 else _alone(same, diagnostics)
        if alone:
            kept[id_] = alone[0]
            diagnostics += [_shadowed(r, alone[0]) for r in alone[1:]]
    return tuple(kept.values())


def _alone(same: Sequence[_Kept], diagnostics: list[Diagnostic]) -> list[_Kept]:
    """Those that share the id but not the folder."""
    folders = _by(same, _folder)
    for twins in folders.values():
        if len(twins) > 1:
            diagnostics += [_twin(r, [t for t in twins if t is not r]) for r in twins]
    return [r for r in same if len(folders[_folder(r)]) == 1]


def _by(records: Iterable[_Kept], key: Callable[[_Kept], str]) -> dict[str, list[_Kept]]:
    groups: dict[str, list[_Kept]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups


def _folder(record: Record) -> str:
    place = place_of(record.file)
    return place.group(record.file) if place else ""


def _twin(record: Record, others: Sequence[Record]) -> Diagnostic:
    return Diagnostic(
        file=record.file,
        line=record.lines.get("name"),
        level=Level.ERROR,
        code="same-id",
        message=f"{record.id!r} is also the id of {', '.join(o.file for o in others)}",
        hint="rename or delete one of the files",
    )


def _shadowed(record: Record, winner: Record) -> Diagnostic:
    return Diagnostic(
        file=record.file,
        level=Level.WARNING,
        code="shadowed",
        message=f"{record.id!r} is already taken by {winner.file}, which counts",
        hint="rename or delete one of the files",
    )


def lookalikes(agents: Sequence[Agent]) -> Iterator[Diagnostic]:
    """A warning for each agent whose name only looks like another's, drawn with other letters."""
    by_look: dict[str, dict[str, list[Agent]]] = defaultdict(lambda: defaultdict(list))
    for agent in agents:
        for name in {slug(n) for n in names_of(agent)}:
            by_look[skeleton(name)][name].append(agent)
    for same in by_look.values():
        for name, bearers in same.items() if len(same) > 1 else ():
            others = {o.file for other, ones in same.items() if other != name for o in ones}
            yield from (_lookalike(b, name, others - {b.file}) for b in bearers if others - {b.file})


def _lookalike(agent: Agent, name: str, others: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        file=agent.file,
        line=agent.lines.get("name"),
        level=Level.WARNING,
        code="lookalike-name",
        message=f"the name {name!a} looks like one of {', '.join(sorted(others))}",
        hint="rename one of them, or delete the one you did not write",
    )


def prompt_for_nobody(prompt: Prompt, agents: Sequence[Agent]) -> Diagnostic | None:
    """An error when a prompt names an agent that is not there."""
    if not prompt.agent or prompt.agent.lower() in BUILT_IN or lookup(prompt.agent, agents):
        return None
    return Diagnostic(
        file=prompt.file,
        line=prompt.lines.get("agent"),
        level=Level.ERROR,
        code="unknown-agent",
        message=f"no agent is called {prompt.agent!r}",
        hint=close_to(slug(prompt.agent), [a.id for a in agents], "agentco show agents lists them"),
    )


def commands_taken_twice(prompts: Sequence[Prompt], skills: Sequence[Skill]) -> Iterator[Diagnostic]:
    """A warning for each skill that a prompt of the same name hides."""
    by_id = {prompt.id: prompt for prompt in prompts}
    for skill in skills:
        if skill.user_invocable and (prompt := by_id.get(slug(skill.id))):
            yield Diagnostic(
                file=skill.file,
                line=skill.lines.get("name"),
                level=Level.WARNING,
                code="command-taken",
                message=f"/{skill.id} runs the prompt {prompt.file}, not this skill",
                hint="rename one of them",
            )
