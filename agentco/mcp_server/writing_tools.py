"""What a client adds to the memory or takes away: what is known is not said again, and lines are signed.

A client takes away what clients and agents wrote; what the founder or the runtime wrote, and what is governed,
only when the founder started the server with `--trusted`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentco.company.api_keys import find_api_keys
from agentco.kernel.errors import WrongUsage
from agentco.mcp_server.reading_tools import CallArguments
from agentco.memory import rewrite
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    OtherLine,
    RelationLine,
    is_untrusted,
)
from agentco.memory.rewrite import RecordRewrite

RESULT_KEYS = {
    "create_entities": "entities",
    "create_relations": "relations",
    "add_observations": "results",
}
"""Under which name a client hears what an adding tool added."""
DELETED_MESSAGES = {
    f"delete_{what}": f"{what.title()} deleted successfully"
    for what in ("entities", "observations", "relations")
}
LONG_OBSERVATION = 2000
PROTECTED_AUTHORS = frozenset({"founder", "runtime"})
GOVERNED_TYPES = frozenset({"claim", "deadline", "prompt-run"})
WARNING = (
    "warning: an observation of {:,} characters was kept; a memory is for short facts"
)


def build_additions(
    tool: str, call: CallArguments, graph: MemoryGraph, mark: Mapping[str, Any]
) -> tuple[list[MemoryLine], list[dict[str, Any]]]:
    """The lines that a call adds, and what the client hears of them. Raises WrongUsage."""
    if tool == "create_relations":
        ties = {
            (r["from"], r["relationType"], r["to"]): None for r in call["relations"]
        }
        new = [tie for tie in ties if tie not in graph.relation_keys]
        heard = [
            {"from": from_, "to": to, "relationType": type_} for from_, type_, to in new
        ]
        return [
            RelationLine(from_=from_, to=to, type=type_, **mark)
            for from_, type_, to in new
        ], heard
    if tool == "create_entities":
        found = new_entities(call["entities"], graph)
        heard = [
            {"name": name, "entityType": type_, "observations": texts}
            for name, type_, texts in found
        ]
    else:
        found = [*new_observations(call["observations"], graph)]
        heard = [
            {"entityName": name, "addedObservations": texts} for name, _, texts in found
        ]
    lines = [
        EntityLine(name=name, type=type_, observations=tuple(texts), **mark)
        for name, type_, texts in found
        if texts or not graph.lines_of(name)
    ]
    if vendor := next(
        (
            vendor
            for line in lines
            for _, vendor in find_api_keys("\n".join((line.name, *line.observations)))
        ),
        "",
    ):
        raise WrongUsage(
            f"it holds what looks like a key of {vendor}",
            hint="secrets are never written down",
        )
    return [*lines], heard


def length_warnings(lines: Sequence[MemoryLine]) -> Iterator[str]:
    """A warning for each observation that is no short fact."""
    texts = (
        text
        for line in lines
        if isinstance(line, EntityLine)
        for text in line.observations
    )
    yield from (
        WARNING.format(len(text)) for text in texts if len(text) > LONG_OBSERVATION
    )


def new_entities(
    told: Sequence[CallArguments], graph: MemoryGraph
) -> list[tuple[str, str, list[str]]]:
    """The entities that are new, each once: of one name the first type and all observations."""
    new: dict[str, tuple[str, dict[str, None]]] = {}
    for entity in told:
        if not graph.lines_of(entity["name"]):
            new.setdefault(entity["name"], (entity["entityType"], {}))[1].update(
                dict.fromkeys(entity["observations"])
            )
    return [(name, type_, [*texts]) for name, (type_, texts) in new.items()]


def new_observations(
    told: Sequence[CallArguments], graph: MemoryGraph
) -> Iterator[tuple[str, str, list[str]]]:
    """For each part of a call the entity, its type, and what nobody said of it before. Raises WrongUsage."""
    known: dict[str, set[str]] = {}
    for name, contents in ((part["entityName"], part["contents"]) for part in told):
        if not (entity := graph.find_entity(name)):
            raise WrongUsage(f"Entity with name {name} not found", hint="")
        there = known.setdefault(name, {o.text for o in entity.observations})
        new = [text for text in dict.fromkeys(contents) if text not in there]
        there.update(new)
        yield name, entity.type, new


def deletion_cut(call: CallArguments, *, trusted: bool) -> RecordRewrite:
    """What a deleting call takes away. The cut raises WrongUsage at a record that is not the client's to delete."""
    texts: dict[str, set[str]] = {}
    for part in call.get("deletions", ()):
        texts.setdefault(part["entityName"], set()).update(part["observations"])
    some = {
        name: rewrite.remove_observations(name, gone) for name, gone in texts.items()
    }
    whole = rewrite.remove_entities(frozenset(call.get("entityNames", ())))
    ties = rewrite.remove_relations(
        {(r["from"], r["relationType"], r["to"]) for r in call.get("relations", ())}
    )

    def cut(row: MemoryRecord) -> bytes | None:
        line = row.line
        own = (
            some.get(line.name, rewrite.keep_everything)
            if isinstance(line, EntityLine)
            else ties
        )
        left = whole(row) and own(row)
        if left != row.raw and not trusted and not isinstance(line, OtherLine):
            refuse_foreign_line(line)
        return left

    return cut


def refuse_foreign_line(line: MemoryLine) -> None:
    """Raises WrongUsage for a line that only the founder, or a server with `--trusted`, takes away."""
    sources = (line, *(line.sources if isinstance(line, EntityLine) else ()))
    governed = (
        isinstance(line, EntityLine)
        and line.type in GOVERNED_TYPES
        and not is_untrusted(line)
    )
    if any(said.by in PROTECTED_AUTHORS for said in sources) or (
        line.by is None and governed
    ):
        name = (
            line.name
            if isinstance(line, EntityLine)
            else f"{line.from_} {line.type} {line.to}"
        )
        what = f"nothing was deleted: what the founder or agentco itself wrote of {name!r} stays over MCP"
        raise WrongUsage(
            what,
            hint="agentco memory delete takes it away, or a server started with --trusted",
        )
