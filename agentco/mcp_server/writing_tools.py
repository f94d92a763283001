"""What a client adds to the memory or deletes: what is known is not said again, lines are signed.

What a client may delete is decided by `rules.memory_rights`; a server that the founder started
with `--trusted` deletes everything.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from agentco.file_formats.api_keys import require_no_key
from agentco.kernel.errors import WrongUsage
from agentco.mcp_server.reading_tools import CallArguments
from agentco.memory import rewrite
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import (
    LONG_OBSERVATION,
    EntityLine,
    MemoryLine,
    MemoryRecord,
    RelationLine,
    line_texts,
    normal_name,
)
from agentco.memory.reference_form import relation_document
from agentco.memory.rewrite import RecordRewrite
from agentco.rules.memory_rights import DeletionGuard

RESULT_KEYS = {
    "create_entities": "entities",
    "create_relations": "relations",
    "add_observations": "results",
}
"""The key under which an adding tool tells what it added."""
DELETED_MESSAGES = {
    "delete_entities": "Entities deleted successfully",
    "delete_observations": "Observations deleted successfully",
    "delete_relations": "Relations deleted successfully",
}
WARNING = (
    "warning: an observation of {:,} characters was kept; a memory is for short facts"
)


class Additions(Struct, frozen=True, kw_only=True):
    """The lines that a call adds, and what the client is told of them."""

    lines: Sequence[MemoryLine]
    told: Sequence[Mapping[str, Any]]


class NewTexts(Struct, frozen=True, kw_only=True):
    """What a call says of an entity that was not known."""

    name: str
    type: str
    texts: Sequence[str]


def build_additions(
    tool: str, call: CallArguments, graph: MemoryGraph, authorship: Mapping[str, Any]
) -> Additions:
    """What a call adds. Raises WrongUsage, also for a text that holds a key."""
    if tool == "create_relations":
        additions = relation_additions(call["relations"], graph, authorship)
    else:
        additions = entity_additions(tool, call, graph, authorship)
    require_no_key(line_texts(additions.lines))
    return additions


def relation_additions(
    relations: Sequence[CallArguments],
    graph: MemoryGraph,
    authorship: Mapping[str, Any],
) -> Additions:
    """The relations that are new, each once."""
    keys = dict.fromkeys(
        (normal_name(r["from"]), r["relationType"], normal_name(r["to"]))
        for r in relations
    )
    new = [key for key in keys if key not in graph.relation_keys]
    lines = [
        RelationLine(from_=from_, to=to, type=kind, **authorship)
        for from_, kind, to in new
    ]
    return Additions(lines=lines, told=[relation_document(key) for key in new])


def entity_additions(
    tool: str, call: CallArguments, graph: MemoryGraph, authorship: Mapping[str, Any]
) -> Additions:
    """The entities or observations that are new. Raises WrongUsage."""
    if tool == "create_entities":
        found = new_entities(call["entities"], graph)
        told = [
            {"name": new.name, "entityType": new.type, "observations": new.texts}
            for new in found
        ]
    else:
        found = [*new_observations(call["observations"], graph)]
        told = [
            {"entityName": new.name, "addedObservations": new.texts} for new in found
        ]
    lines = [
        EntityLine(
            name=new.name, type=new.type, observations=tuple(new.texts), **authorship
        )
        for new in found
        if new.texts or not graph.lines_of(new.name)
    ]
    return Additions(lines=lines, told=told)


def new_entities(
    entities: Sequence[CallArguments], graph: MemoryGraph
) -> list[NewTexts]:
    """The entities that are new, each once: of one name the first type and all observations."""
    types: dict[str, str] = {}
    texts: dict[str, dict[str, None]] = {}
    for entity in entities:
        name = normal_name(entity["name"])
        if not graph.lines_of(name):
            types.setdefault(name, entity["entityType"])
            texts.setdefault(name, {}).update(dict.fromkeys(entity["observations"]))
    return [
        NewTexts(name=name, type=types[name], texts=[*texts[name]]) for name in types
    ]


def new_observations(
    parts: Sequence[CallArguments], graph: MemoryGraph
) -> Iterator[NewTexts]:
    """For each part of a call what nobody said of its entity before. Raises WrongUsage."""
    known: dict[str, set[str]] = {}
    for part in parts:
        name = normal_name(part["entityName"])
        entity = graph.find_entity(name)
        if not entity:
            raise WrongUsage(f"Entity with name {name} not found", hint="")
        before = known.setdefault(name, {seen.text for seen in entity.observations})
        new = [text for text in dict.fromkeys(part["contents"]) if text not in before]
        before.update(new)
        yield NewTexts(name=name, type=entity.type, texts=new)


def length_warnings(lines: Iterable[MemoryLine]) -> Iterator[str]:
    """A warning for each observation that is no short fact."""
    for line in lines:
        for text in line.observations if isinstance(line, EntityLine) else ():
            if len(text) > LONG_OBSERVATION:
                yield WARNING.format(len(text))


def deletion_cut(call: CallArguments, *, author: str, trusted: bool) -> RecordRewrite:
    """What a deleting call takes away; raises WrongUsage at what is not the client's."""
    texts: dict[str, set[str]] = {}
    for part in call.get("deletions", ()):
        name = normal_name(part["entityName"])
        texts.setdefault(name, set()).update(part["observations"])
    names = frozenset[str](call.get("entityNames", ()))
    relations = {
        (r["from"], r["relationType"], r["to"]) for r in call.get("relations", ())
    }
    without_entities = rewrite.remove_entities(names)
    without_relations = rewrite.remove_relations(relations)
    without_texts = {
        name: rewrite.remove_observations(name, gone) for name, gone in texts.items()
    }

    def cut(record: MemoryRecord) -> bytes | None:
        line = record.line
        if without_entities(record) is None:
            return None
        if isinstance(line, EntityLine):
            return without_texts.get(line.name, rewrite.keep_everything)(record)
        return without_relations(record)

    if trusted:
        return cut
    return DeletionGuard(cut, (*names, *texts), refuse_foreign_line, author=author)


def refuse_foreign_line(line: MemoryLine) -> None:
    """Raises WrongUsage for a line that the client did not write, or that the founder trusts."""
    match line:
        case EntityLine():
            name = line.name
        case RelationLine():
            name = f"{line.from_} {line.type} {line.to}"
    protected = f"what others wrote or the founder vouched for of {name!r}"
    hint = "agentco memory delete takes it away, or a server started with --trusted"
    raise WrongUsage(f"nothing was deleted: no client deletes {protected}", hint=hint)
