"""How names hang together, to look at: a walk from where we begin, as a tree or as a Mermaid diagram."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from agentco.memory.graph import MemoryGraph, MemoryRelation

PLAIN_CHARACTERS = frozenset(" ,:_-/()'")


class WalkStep(Struct, frozen=True, kw_only=True):
    """A relation as it was walked: to which name, and whether we had been there."""

    tie: MemoryRelation
    to: str
    again: bool


WalkSteps = Mapping[str, list[WalkStep]]
"""The steps from each name, the names in the order in which they were reached."""


def walk_relations(
    graph: MemoryGraph, start: str | None, depth: int
) -> tuple[list[str], WalkSteps]:
    """Where the walk begins, and once every relation at most `depth` steps away from there.

    Without a start it goes everywhere, first from the names that nothing leads to.
    """
    ties: dict[str, dict[MemoryRelation, None]] = {}
    for tie in graph.relations:
        ties.setdefault(tie.from_, {})[tie] = ties.setdefault(tie.to, {})[tie] = None
    everywhere = sorted(
        ties, key=lambda name: any(tie.to == name for tie in ties[name])
    )
    roots, steps = list[str](), dict[str, list[WalkStep]]()
    for root in everywhere if start is None else [start]:
        if root not in steps:
            roots.append(root)
            steps[root] = []
            near, left = [root], depth
            while near and (left or start is None):
                near, left = (
                    [to for name in near for to in take_steps(name, ties, steps)],
                    left - 1,
                )
    return roots, steps


def take_steps(
    name: str,
    ties: Mapping[str, dict[MemoryRelation, None]],
    steps: dict[str, list[WalkStep]],
) -> list[str]:
    """Take every step from a name that was not taken yet; where it leads for the first time."""
    new: list[str] = []
    for tie in [*ties.get(name, ())]:
        to = tie.to if tie.from_ == name else tie.from_
        steps[name].append(WalkStep(tie=tie, to=to, again=to in steps))
        ties[to].pop(tie, None)
        if to not in steps:
            steps[to] = []
            new.append(to)
    return new


def tree_lines(
    roots: Iterable[str], steps: WalkSteps, called: Mapping[str, str]
) -> Iterator[str]:
    """The walk as lines; a name that was shown is not opened again."""
    for root in roots:
        yield called[root]
        stack = stack_entries(steps[root], "")
        while stack:
            step, indent, last = stack.pop()
            arrow = (
                f"{step.tie.type} → "
                if step.tie.to == step.to
                else f"← {step.tie.type} "
            )
            yield f"{indent}{'└── ' if last else '├── '}{arrow}{called[step.to]}{' (again)' if step.again else ''}"
            stack += (
                []
                if step.again
                else stack_entries(
                    steps[step.to], indent + ("    " if last else "│   ")
                )
            )


def stack_entries(
    steps: Sequence[WalkStep], indent: str
) -> list[tuple[WalkStep, str, bool]]:
    """Steps as they are put on the stack, each with whether it is the last of its parent."""
    return [(step, indent, place == 0) for place, step in enumerate(reversed(steps))]


def mermaid_lines(steps: WalkSteps, called: Mapping[str, str]) -> Iterator[str]:
    """The walk as Mermaid draws it."""
    ids = {name: f"n{i}" for i, name in enumerate(steps)}
    yield "graph LR"
    yield from (
        f'  {id_}["{escape_mermaid(called[name])}"]' for name, id_ in ids.items()
    )
    ties = (step.tie for found in steps.values() for step in found)
    yield from (
        f'  {ids[tie.from_]} -->|"{escape_mermaid(tie.type)}"| {ids[tie.to]}'
        for tie in ties
    )


def escape_mermaid(text: str) -> str:
    """A text that Mermaid can only take for text."""
    return "".join(
        c if c.isalnum() or c in PLAIN_CHARACTERS else f"#{ord(c)};" for c in text
    )
