"""What an agent may write into the memory by itself, and what only the founder can allow.

Names are compared as they look: case, width, spaces, invisible signs and letters of other scripts hide
nothing. An agent takes away only what agents wrote.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias, cast

from msgspec import Struct
from msgspec.structs import astuple, replace

from agentco.company.api_keys import leaks
from agentco.kernel import characters, names, package_data
from agentco.memory.graph import Graph
from agentco.memory.lines import EntityLine, RelationLine
from agentco.runs.actions import Entity, Memory, MemoryAct, Observed, Relation

Item: TypeAlias = Entity | Observed | Relation | str
ALWAYS = frozenset({"claim", "deadline", "prompt-run"})
"""Types of which everything is governed."""
KEYS = package_data.table(__name__, dict[str, tuple[str, ...]])
"""What code reads of the other types."""
COLON = re.compile("[:\uff1a\ufe13\ufe55\u2236\u02d0\ua789\u05c3]")


class Sorted(Struct, frozen=True, kw_only=True):
    """An action in its parts; `what` says the proposal to the founder, `refused` why nothing is done."""

    own: Memory | None = None
    proposed: Memory | None = None
    what: str = ""
    refused: str = ""


def sorted_out(action: Memory, graph: Graph) -> Sorted:
    """What of an action an agent may do by itself, and what becomes a proposal."""
    verb, _, field = action.operation.partition("_")
    deleting = verb == "delete"
    if verb not in {"create", "add", "delete"}:
        return Sorted(own=action)
    field = "names" if action.operation is MemoryAct.DELETE_ENTITIES else field
    items: tuple[Item, ...] = getattr(action, field)
    if not items:
        return Sorted(refused=f"{action.operation} wants {field}")
    if not deleting and (vendor := secret(strings(items))):
        return Sorted(
            refused=f"it holds what looks like a key of {vendor}: secrets are never written down"
        )
    pairs = [divided(item, graph, deleting=deleting) for item in items]
    mine, theirs = (
        tuple(item for item in half if item is not None)
        for half in zip(*pairs, strict=True)
    )
    own = replace(action, **{field: mine}) if mine else None
    if not theirs:
        return Sorted(own=own)
    what = f"{action.operation}: {' · '.join(strings(theirs))}"
    return Sorted(own=own, proposed=replace(action, **{field: theirs}), what=what)


def divided(
    item: Item, graph: Graph, *, deleting: bool
) -> tuple[Item | None, Item | None]:
    """What of an item the agent may write or take away itself, and what is asked."""
    match item:
        case Relation():
            lines = (x for x in graph.about(item.from_) if isinstance(x, RelationLine))
            same = [
                line
                for line in lines
                if (line.from_, line.to, line.type) == astuple(item)
            ]
            return (
                (None, item)
                if deleting and not all(map(by_agent, same))
                else (item, None)
            )
        case str():
            own = not kinds(graph, item) & ALWAYS and all(
                map(by_agent, graph.about(item))
            )
            return (item, None) if own else (None, item)
        case Entity():
            of, field = kinds(graph, item.name, item.entity_type), "observations"
        case Observed():
            of, field = (
                kinds(graph, item.entity_name),
                "observations" if deleting else "contents",
            )
    if of & ALWAYS:
        return None, item
    keys = {look(key) for kind in of for key in KEYS.get(kind, ())}
    kept = (
        others(graph, item.entity_name)
        if isinstance(item, Observed) and deleting
        else ()
    )
    texts: tuple[str, ...] = getattr(item, field)
    asked = tuple(
        text for text in texts if text in kept or look(COLON.split(text)[0]) in keys
    )
    mine = tuple(text for text in texts if text not in asked)
    own = replace(item, **{field: mine}) if mine or not asked else None
    return own, replace(item, **{field: asked}) if asked else None


def kinds(graph: Graph, name: str, *types: str) -> frozenset[str]:
    """The types that a name has, or pretends to have."""
    known = (line.type for line in graph.about(name) if isinstance(line, EntityLine))
    return frozenset(map(look, (COLON.split(name)[0], *types, *known)))


def others(graph: Graph, name: str) -> frozenset[str]:
    """What is known of a name from somebody who is no agent."""
    lines = (
        line
        for line in graph.about(name)
        if isinstance(line, EntityLine) and not by_agent(line)
    )
    return frozenset(text for line in lines for text in line.observations)


def look(text: str) -> str:
    """A name as it looks, in lower-case letters and hyphens."""
    return names.skeleton(names.slug(characters.INVISIBLE.sub("", text)))


def by_agent(line: EntityLine | RelationLine) -> bool:
    """Whether an agent of the company wrote a line."""
    return line.by is not None and author(line.by) == line.by


def author(agent: str) -> str:
    """The name under which an agent writes: never one that stands for more than an agent."""
    return (
        f"agent:{agent}"
        if agent in {"", "founder", "runtime"} or agent.startswith(("mcp:", "import:"))
        else agent
    )


def secret(texts: Iterable[str]) -> str:
    """Whose key one of the texts seems to hold; empty without any."""
    return next((vendor for text in texts for _, vendor in leaks(text)), "")


def strings(item: object) -> Iterator[str]:
    """Every text in an action or a part of it."""
    if isinstance(item, str):
        yield item
    elif isinstance(item, tuple | Struct):
        parts = (
            astuple(item)
            if isinstance(item, Struct)
            else cast("tuple[object, ...]", item)
        )
        yield from (text for part in parts for text in strings(part))
