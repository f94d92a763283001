"""What an agent does to the memory by itself, and what it can only propose to the founder."""

from collections.abc import Iterator
from typing import TypeAlias, cast

from msgspec import Struct
from msgspec.structs import astuple, replace

from agentco.file_formats.api_keys import KEY_HINT, describe_key
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import RelationLine, normal_name
from agentco.rules.memory_rights import (
    GOVERNED_TYPES,
    governed_texts,
    is_protected,
    types_in_graph,
)
from agentco.runs.actions import Entity, Memory, MemoryAct, Observed, Relation

MemoryItem: TypeAlias = Entity | Observed | Relation | str
ItemHalves: TypeAlias = tuple[MemoryItem | None, MemoryItem | None]
"""What of an item is the agent's to do, and what is proposed."""


class SplitAction(Struct, frozen=True, kw_only=True):
    """An action in two halves; `what` is the proposal in words, `refused` why nothing is done."""

    own: Memory | None = None
    proposed: Memory | None = None
    what: str = ""
    refused: str = ""


def split_action(action: Memory, graph: MemoryGraph) -> SplitAction:
    """What of an action an agent may do by itself, and what becomes a proposal."""
    verb, _, field = action.operation.partition("_")
    if verb not in {"create", "add", "delete"}:
        return SplitAction(own=action)
    if action.operation is MemoryAct.DELETE_ENTITIES:
        field = "names"
    items: tuple[MemoryItem, ...] = getattr(action, field)
    if not items:
        return SplitAction(refused=f"{action.operation} needs {field}")
    deleting = verb == "delete"
    key = "" if deleting else describe_key(iter_strings(items))
    if key:
        return SplitAction(refused=f"{key}: {KEY_HINT}")
    split = split_deletion if deleting else split_addition
    halves = [split(item, graph) for item in items]
    own = tuple(item for item, _ in halves if item is not None)
    proposed = tuple(item for _, item in halves if item is not None)
    return SplitAction(
        own=replace(action, **{field: own}) if own else None,
        proposed=replace(action, **{field: proposed}) if proposed else None,
        what=f"{action.operation}: {' · '.join(iter_strings(proposed))}"
        if proposed
        else "",
    )


def split_addition(item: MemoryItem, graph: MemoryGraph) -> ItemHalves:
    """What of a new item an agent writes itself, and what is proposed."""
    match item:
        case Entity():
            types = types_in_graph(graph, item.name, item.entity_type)
            field, texts = "observations", item.observations
        case Observed():
            types = types_in_graph(graph, item.entity_name)
            field, texts = "contents", item.contents
        case _:
            return item, None
    if not GOVERNED_TYPES.isdisjoint(types):
        return None, item
    return split_texts(item, field, governed_texts(texts, types))


def split_deletion(item: MemoryItem, graph: MemoryGraph) -> ItemHalves:
    """What of an item an agent deletes itself, and what is proposed."""
    match item:
        case Observed():
            return split_texts(item, "observations", protected_texts(item, graph))
        case Relation():
            protected = any(
                is_protected(line, ()) for line in lines_of_relation(item, graph)
            )
        case str():
            types = types_in_graph(graph, item)
            protected = any(
                is_protected(line, types) for line in graph.lines_about(item)
            )
        case Entity():
            protected = False
    return (None, item) if protected else (item, None)


def lines_of_relation(relation: Relation, graph: MemoryGraph) -> Iterator[RelationLine]:
    """The lines that say a relation."""
    ends = (normal_name(relation.from_), normal_name(relation.to))
    key = (*ends, relation.relation_type)
    for line in graph.lines_about(relation.from_):
        if isinstance(line, RelationLine) and (line.from_, line.to, line.type) == key:
            yield line


def protected_texts(item: Observed, graph: MemoryGraph) -> tuple[str, ...]:
    """The observations of a deletion that only the founder may take away."""
    types = types_in_graph(graph, item.entity_name)
    protected: list[str] = []
    for text in item.observations:
        lines = [
            line
            for line in graph.lines_of(item.entity_name)
            if text in line.observations
        ]
        if any(
            is_protected(replace(line, observations=(text,)), types) for line in lines
        ):
            protected.append(text)
    return tuple(protected)


def split_texts(
    item: Entity | Observed, field: str, asked: tuple[str, ...]
) -> ItemHalves:
    """An item without the texts that are `asked` of the founder, and with these alone."""
    texts: tuple[str, ...] = getattr(item, field)
    own = tuple(text for text in texts if text not in asked)
    return (
        replace(item, **{field: own}) if own or not asked else None,
        replace(item, **{field: asked}) if asked else None,
    )


def iter_strings(item: object) -> Iterator[str]:
    """Every text in an action or a part of it."""
    if isinstance(item, str):
        yield item
        return
    parts: tuple[object, ...] = ()
    if isinstance(item, Struct):
        parts = astuple(item)
    elif isinstance(item, tuple):
        parts = cast("tuple[object, ...]", item)
    for part in parts:
        yield from iter_strings(part)
