"""How names hang together: a walk along the relations, as a tree or a Mermaid diagram."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from agentco.memory.graph import MemoryGraph, MemoryRelation

PLAIN_CHARACTERS = frozenset(" ,:_-/()'")
BRANCH = ("├── ", "│   ")
"""How a line of a tree is tied to its parent, and the margin of the lines below it."""
LAST_BRANCH = ("└── ", "    ")
"""The same for the last line of a parent."""


class WalkStep(Struct, frozen=True, kw_only=True):
    """A relation as it was walked: to which name, and whether that was visited before."""

    relation: MemoryRelation
    to: str
    again: bool


WalkSteps = Mapping[str, list[WalkStep]]
"""The steps from each name, the names in the order in which they were reached."""


class RelationWalk:
    """A walk that takes every relation once."""

    def __init__(self, relations: Iterable[MemoryRelation]) -> None:
        self.steps: dict[str, list[WalkStep]] = {}
        self._untaken: dict[str, dict[MemoryRelation, None]] = {}
        for relation in relations:
            self._untaken.setdefault(relation.from_, {})[relation] = None
            self._untaken.setdefault(relation.to, {})[relation] = None

    def roots_first(self) -> list[str]:
        """All names, those that no relation leads to first."""
        return sorted(self._untaken, key=self._is_reached)

    def _is_reached(self, name: str) -> bool:
        return any(relation.to == name for relation in self._untaken[name])

    def visit(self, root: str, depth: int | None) -> None:
        """Take every step at most `depth` away from a name; None goes all the way."""
        self.steps[root] = []
        names = [root]
        while names and depth != 0:
            reached: list[str] = []
            for name in names:
                reached += self._take_steps(name)
            names = reached
            if depth is not None:
                depth -= 1

    def _take_steps(self, name: str) -> list[str]:
        """Take every untaken step from a name; the names it reaches for the first time."""
        reached: list[str] = []
        for relation in list(self._untaken.get(name, ())):
            to = relation.to if relation.from_ == name else relation.from_
            step = WalkStep(relation=relation, to=to, again=to in self.steps)
            self.steps[name].append(step)
            self._untaken[to].pop(relation, None)
            if to not in self.steps:
                self.steps[to] = []
                reached.append(to)
        return reached


def walk_relations(
    graph: MemoryGraph, start: str | None, depth: int
) -> tuple[list[str], WalkSteps]:
    """Where the walk starts, and every relation at most `depth` steps away from there.

    Without a start it goes everywhere, first from the names that nothing leads to.
    """
    walk = RelationWalk(graph.relations)
    if start is not None:
        walk.visit(start, depth)
        return [start], walk.steps
    roots: list[str] = []
    for name in walk.roots_first():
        if name not in walk.steps:
            roots.append(name)
            walk.visit(name, None)
    return roots, walk.steps


def tree_lines(
    roots: Iterable[str], steps: WalkSteps, called: Mapping[str, str]
) -> Iterator[str]:
    """The walk as lines, each name as it is `called`; a name that was shown is not opened again."""
    for root in roots:
        yield called[root]
        stack = stack_entries(steps[root], "")
        while stack:
            step, indent, last = stack.pop()
            branch, margin = LAST_BRANCH if last else BRANCH
            line = f"{indent}{branch}{arrow_to(step)}{called[step.to]}"
            if step.again:
                yield f"{line} (again)"
                continue
            yield line
            stack += stack_entries(steps[step.to], indent + margin)


def arrow_to(step: WalkStep) -> str:
    """A relation with the direction in which it was walked."""
    relation = step.relation
    if relation.to == step.to:
        return f"{relation.type} → "
    return f"← {relation.type} "


def stack_entries(
    steps: Sequence[WalkStep], indent: str
) -> list[tuple[WalkStep, str, bool]]:
    """Steps as they go on the stack, each with whether it is the last of its parent."""
    return [(step, indent, place == 0) for place, step in enumerate(reversed(steps))]


def mermaid_lines(steps: WalkSteps, called: Mapping[str, str]) -> Iterator[str]:
    """The walk as a Mermaid diagram, each name as it is `called`."""
    node_of = {name: f"n{i}" for i, name in enumerate(steps)}
    yield "graph LR"
    for name, node in node_of.items():
        yield f'  {node}["{escape_mermaid(called[name])}"]'
    for steps_from_name in steps.values():
        for step in steps_from_name:
            start = node_of[step.relation.from_]
            end = node_of[step.relation.to]
            label = escape_mermaid(step.relation.type)
            yield f'  {start} -->|"{label}"| {end}'


def escape_mermaid(text: str) -> str:
    """A text that Mermaid can only read as text."""
    escaped: list[str] = []
    for character in text:
        plain = character.isalnum() or character in PLAIN_CHARACTERS
        escaped.append(character if plain else f"#{ord(character)};")
    return "".join(escaped)
