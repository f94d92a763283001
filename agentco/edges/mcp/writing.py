"""What a client's call adds to the memory or takes away: what is known is not said again, and lines are signed.

A client takes away what came from clients and from agents; what the founder or the runtime wrote, and what is
governed, only when the founder started the server with `--trusted`.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from agentco.company.leaks import leaks
from agentco.edges.mcp.tools import Entity, Observed, Wanted
from agentco.errors import WrongUsage
from agentco.memory import change
from agentco.memory.change import Cut
from agentco.memory.graph import Graph, Triple
from agentco.memory.lines import EntityLine, Line, OtherLine, RelationLine, Row, Trust

ADDS = frozenset({"create_entities", "create_relations", "add_observations"})
OWN = frozenset({"founder", "runtime"})
DELETED = {
    "delete_entities": "Entities deleted successfully",
    "delete_observations": "Observations deleted successfully",
    "delete_relations": "Relations deleted successfully",
}
LONG = 2000
GOVERNED = frozenset({"claim", "deadline", "prompt-run"})


class Mark(Struct, frozen=True, kw_only=True):
    """How lines are signed; `at` is an ISO time."""

    at: str
    by: str
    trust: Trust


class Added(Struct, frozen=True, kw_only=True, rename="camel"):
    """What was new of what is said of an entity."""

    entity_name: str
    added_observations: tuple[str, ...]


class Missing(WrongUsage):
    """Something is said of an entity that is not there; in the reference's words."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Entity with name {name} not found", hint="")


def refuse_secrets(call: Wanted) -> None:
    """Raises WrongUsage for a text that holds what looks like a key."""
    told = (text for e in call.entities for text in (e.name, *e.observations))
    more = (text for o in call.observations for text in o.contents)
    if vendor := next((vendor for text in (*told, *more) for _, vendor in leaks(text)), ""):
        raise WrongUsage(f"it holds what looks like a key of {vendor}", hint="secrets are never written down")


def additions(tool: str, call: Wanted, graph: Graph, mark: Mark) -> tuple[list[Line], str, Sequence[Struct]]:
    """The lines that a call adds, and under which name the client hears which of them.

    Raises WrongUsage when it may not be written.
    """
    refuse_secrets(call)
    signed = structs.asdict(mark)
    match tool:
        case "create_entities":
            new = united(call.entities, graph)
            told = [(e.name, e.entity_type, e.observations) for e in new]
            lines = [EntityLine(name=name, type=type_, observations=texts, **signed) for name, type_, texts in told]
            return [*lines], "entities", new
        case "create_relations":
            ties = {(r.from_, r.type, r.to): r for r in call.relations}
            fresh = [tie for triple, tie in ties.items() if triple not in graph.triples]
            return [RelationLine(from_=r.from_, to=r.to, type=r.type, **signed) for r in fresh], "relations", fresh
        case _:
            more = [*learned(call.observations, graph)]
            told = [(o.entity_name, graph.said(o.entity_name)[0].type, o.added_observations) for o in more]
            lines = [EntityLine(name=name, type=type_, observations=texts, **signed) for name, type_, texts in told]
            return [line for line in lines if line.observations], "results", more


def too_long(lines: Sequence[Line]) -> Iterator[str]:
    """A warning for each observation that is no short fact."""
    for text in (text for line in lines if isinstance(line, EntityLine) for text in line.observations):
        if len(text) > LONG:
            yield f"warning: an observation of {len(text):,} characters was kept; a memory is for short facts"


def united(told: Sequence[Entity], graph: Graph) -> list[Entity]:
    """The entities that are new, each once: of one name the first type and all observations."""
    new: dict[str, Entity] = {}
    for entity in told:
        if not graph.said(entity.name):
            first = new.get(entity.name, entity)
            texts = dict.fromkeys((*first.observations, *entity.observations))
            new[entity.name] = structs.replace(first, observations=tuple(texts))
    return [*new.values()]


def learned(told: Sequence[Observed], graph: Graph) -> Iterator[Added]:
    """For each part of a call what nobody said before, also not the call itself. Raises Missing."""
    known: dict[str, set[str]] = {}
    for part in told:
        if not (entity := graph.entity(part.entity_name)):
            raise Missing(part.entity_name)
        there = known.setdefault(entity.name, {o.text for o in entity.observations})
        new = tuple(text for text in dict.fromkeys(part.contents) if text not in there)
        there.update(new)
        yield Added(entity_name=entity.name, added_observations=new)


def cut_of(call: Wanted, *, trusted: bool) -> Cut:
    """What a deleting call takes away. The cut raises WrongUsage at a record that is not the client's to delete."""
    triples: set[Triple] = {(r.from_, r.type, r.to) for r in call.relations}
    texts: dict[str, set[str]] = {}
    for part in call.deletions:
        texts.setdefault(part.entity_name, set()).update(part.observations)
    cuts = {name: change.observations(name, some) for name, some in texts.items()}
    whole, ties = change.entities(frozenset(call.entity_names)), change.relations(triples)

    def cut(row: Row) -> bytes | None:
        line = row.line
        own = cuts.get(line.name) if isinstance(line, EntityLine) else ties
        left = whole(row) and (own(row) if own else row.raw)
        if left != row.raw and not trusted and not isinstance(line, OtherLine):
            refuse_foreign(line)
        return left

    return cut


def refuse_foreign(line: Line) -> None:
    """Raises WrongUsage for a line that only the founder, or a server with `--trusted`, takes away."""
    governed = isinstance(line, EntityLine) and line.type in GOVERNED and line.trust is not Trust.UNTRUSTED
    if line.by in OWN or (line.by is None and governed):
        name = line.name if isinstance(line, EntityLine) else f"{line.from_} {line.type} {line.to}"
        what = f"what the founder or agentco itself wrote of {name!r} is not deleted over MCP; nothing was deleted"
        raise WrongUsage(what, hint="agentco memory delete does it, or a server started with --trusted")
