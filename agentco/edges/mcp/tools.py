"""The nine tools as data: what each is called with, and what the reading ones answer."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, convert, field

from agentco.company import beside
from agentco.edges.mcp.arguments import issues
from agentco.errors import WrongUsage
from agentco.memory.graph import Graph
from agentco.memory.search import search

TOOLS = {tool["name"]: tool for tool in beside.table(__name__, list[dict[str, Any]])}
BEST = 200


class Entity(Struct, frozen=True, kw_only=True, rename="camel"):
    """An entity as clients see it."""

    name: str
    entity_type: str
    observations: tuple[str, ...]


class Relation(Struct, frozen=True, kw_only=True):
    """A relation as clients see it."""

    from_: str = field(name="from")
    to: str
    type: str = field(name="relationType")


class Nodes(Struct, frozen=True, kw_only=True):
    """A part of the memory as clients see it."""

    entities: list[Entity]
    relations: list[Relation]


class Observed(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is said of an entity, or is to be forgotten."""

    entity_name: str
    contents: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()


class Wanted(Struct, frozen=True, kw_only=True, rename="camel"):
    """The arguments of a call; every tool has its own few. `limit` None is no limit."""

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    observations: tuple[Observed, ...] = ()
    entity_names: tuple[str, ...] = ()
    deletions: tuple[Observed, ...] = ()
    query: str = ""
    names: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0


class Misused(WrongUsage):
    """A call that no tool can make anything of, in the reference's words."""

    def __init__(self, what: str) -> None:
        super().__init__(f"MCP error -32602: {what}", hint="")


def wanted(tool: str, arguments: object) -> Wanted:
    """The arguments of a call. Raises Misused."""
    if tool not in TOOLS:
        raise Misused(f"Tool {tool} not found")
    if wrong := [*issues(TOOLS[tool]["inputSchema"], arguments)]:
        told = "\n".join(map(str, wrong))
        raise Misused(f"Input validation error: Invalid arguments for tool {tool}: {told}")
    return convert(arguments, Wanted)


def read(tool: str, graph: Graph, call: Wanted) -> Nodes:
    """What a reading tool answers."""
    if tool == "open_nodes":
        asked = frozenset(call.names)
        return nodes(graph, [name for name in graph.names if name in asked], call)
    if not call.query.split():
        return nodes(graph, [*graph.names], call, whole=call.limit is None and not call.offset)
    limit = BEST if call.limit is None else call.limit
    found = search(graph, call.query, limit=call.offset + limit)
    return nodes(graph, [entity.name for entity in found.entities], call)


def nodes(graph: Graph, names: Sequence[str], call: Wanted, *, whole: bool = False) -> Nodes:
    """One page of these names, with the relations that touch them, or the `whole` memory."""
    page = names[call.offset :][: call.limit]
    chosen = frozenset(page)
    known = (entity for name in page if (entity := graph.entity(name)))
    return Nodes(
        entities=[
            Entity(name=e.name, entity_type=e.type, observations=tuple(o.text for o in e.observations)) for e in known
        ],
        relations=[
            Relation(from_=from_, to=to, type=type_)
            for from_, type_, to in graph.triples
            if whole or from_ in chosen or to in chosen
        ],
    )
