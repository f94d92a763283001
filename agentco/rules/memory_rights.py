"""What an agent may write into the memory by itself, and what only the founder can allow.

Names are compared as they look: case, width, spaces, invisible signs and letters of other scripts hide
nothing. An agent takes away only what agents wrote.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias, cast

from msgspec import Struct
from msgspec.structs import astuple, replace

from agentco.company.api_keys import find_api_keys
from agentco.kernel import characters, names, package_data
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine, RelationLine
from agentco.runs.actions import Entity, Memory, MemoryAct, Observed, Relation

MemoryItem: TypeAlias = Entity | Observed | Relation | str
GOVERNED_TYPES = frozenset({"claim", "deadline", "prompt-run"})
"""Types of which everything is governed."""
GOVERNED_KEYS = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""What code reads of the other types."""
COLON = re.compile("[:\uff1a\ufe13\ufe55\u2236\u02d0\ua789\u05c3]")


class SplitAction(Struct, frozen=True, kw_only=True):
    """An action in its parts; `what` says the proposal to the founder, `refused` why nothing is done."""

    own: Memory | None = None
    proposed: Memory | None = None
    what: str = ""
    refused: str = ""


def split_action(action: Memory, graph: MemoryGraph) -> SplitAction:
    """What of an action an agent may do by itself, and what becomes a proposal."""
    verb, _, field = action.operation.partition("_")
    deleting = verb == "delete"
    if verb not in {"create", "add", "delete"}:
        return SplitAction(own=action)
    field = "names" if action.operation is MemoryAct.DELETE_ENTITIES else field
    items: tuple[MemoryItem, ...] = getattr(action, field)
    if not items:
        return SplitAction(refused=f"{action.operation} wants {field}")
    if not deleting and (vendor := find_secret_vendor(iter_strings(items))):
        return SplitAction(
            refused=f"it holds what looks like a key of {vendor}: secrets are never written down"
        )
    pairs = [split_item(item, graph, deleting=deleting) for item in items]
    mine, theirs = (
        tuple(item for item in half if item is not None)
        for half in zip(*pairs, strict=True)
    )
    own = replace(action, **{field: mine}) if mine else None
    if not theirs:
        return SplitAction(own=own)
    what = f"{action.operation}: {' · '.join(iter_strings(theirs))}"
    return SplitAction(own=own, proposed=replace(action, **{field: theirs}), what=what)


def split_item(
    item: MemoryItem, graph: MemoryGraph, *, deleting: bool
) -> tuple[MemoryItem | None, MemoryItem | None]:
    """What of an item the agent may write or take away itself, and what is asked."""
    match item:
        case Relation():
            lines = (
                x for x in graph.lines_about(item.from_) if isinstance(x, RelationLine)
            )
            same = [
                line
                for line in lines
                if (line.from_, line.to, line.type) == astuple(item)
            ]
            return (
                (None, item)
                if deleting and not all(map(written_by_agent, same))
                else (item, None)
            )
        case str():
            own = not entity_types(graph, item) & GOVERNED_TYPES and all(
                map(written_by_agent, graph.lines_about(item))
            )
            return (item, None) if own else (None, item)
        case Entity():
            of, field = entity_types(graph, item.name, item.entity_type), "observations"
        case Observed():
            of, field = (
                entity_types(graph, item.entity_name),
                "observations" if deleting else "contents",
            )
    if of & GOVERNED_TYPES:
        return None, item
    keys = {normalize_name(key) for kind in of for key in GOVERNED_KEYS.get(kind, ())}
    kept = (
        texts_by_others(graph, item.entity_name)
        if isinstance(item, Observed) and deleting
        else ()
    )
    texts: tuple[str, ...] = getattr(item, field)
    asked = tuple(
        text
        for text in texts
        if text in kept or normalize_name(COLON.split(text)[0]) in keys
    )
    mine = tuple(text for text in texts if text not in asked)
    own = replace(item, **{field: mine}) if mine or not asked else None
    return own, replace(item, **{field: asked}) if asked else None


def entity_types(graph: MemoryGraph, name: str, *types: str) -> frozenset[str]:
    """The types that a name has, or pretends to have."""
    known = (
        line.type for line in graph.lines_about(name) if isinstance(line, EntityLine)
    )
    return frozenset(map(normalize_name, (COLON.split(name)[0], *types, *known)))


def texts_by_others(graph: MemoryGraph, name: str) -> frozenset[str]:
    """What is known of a name from somebody who is no agent."""
    lines = (
        line
        for line in graph.lines_about(name)
        if isinstance(line, EntityLine) and not written_by_agent(line)
    )
    return frozenset(text for line in lines for text in line.observations)


def normalize_name(text: str) -> str:
    """A name as it looks, in lower-case letters and hyphens."""
    return names.skeleton(names.slug(characters.INVISIBLE.sub("", text)))


def written_by_agent(line: EntityLine | RelationLine) -> bool:
    """Whether an agent of the company wrote a line."""
    return line.by is not None and author_name(line.by) == line.by


def author_name(agent: str) -> str:
    """The name under which an agent writes: never one that stands for more than an agent."""
    return (
        f"agent:{agent}"
        if agent in {"", "founder", "runtime"} or agent.startswith(("mcp:", "import:"))
        else agent
    )


def find_secret_vendor(texts: Iterable[str]) -> str:
    """Whose key one of the texts seems to hold; empty without any."""
    return next((vendor for text in texts for _, vendor in find_api_keys(text)), "")


def iter_strings(item: object) -> Iterator[str]:
    """Every text in an action or a part of it."""
    if isinstance(item, str):
        yield item
    elif isinstance(item, tuple | Struct):
        parts = (
            astuple(item)
            if isinstance(item, Struct)
            else cast("tuple[object, ...]", item)
        )
        yield from (text for part in parts for text in iter_strings(part))
