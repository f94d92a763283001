"""What the company knows: look at it, search it, and see how it hangs together."""

from datetime import datetime
from itertools import islice

from msgspec import Struct

from agentco.day.memory_expiry import upcoming_expiries
from agentco.desk.open_company import OpenCompany
from agentco.kernel.errors import Diagnostic, WrongUsage, did_you_mean
from agentco.memory import relation_diagram
from agentco.memory.entity_story import StoryLine, entity_story
from agentco.memory.graph import MemoryEntity, MemoryGraph, MemoryRelation
from agentco.memory.relation_diagram import WalkSteps
from agentco.memory.retention import ExpiringEntity
from agentco.memory.search import SearchResult, mentioned_filter, search_entities
from agentco.memory.statistics import MemoryStats, count_memory

MAX_COMPARED_NAMES = 5000
"""Comparing letter by letter takes about 10 ms for a thousand names."""
EXPIRIES_SHOWN = 5


class MemoryView(Struct, frozen=True, kw_only=True):
    """Entities with the relations that touch them; `story` is that of a single one."""

    entities: tuple[MemoryEntity, ...]
    relations: tuple[MemoryRelation, ...]
    story: tuple[StoryLine, ...] | None = None


class MemoryQuery(Struct, frozen=True, kw_only=True):
    """What to search for: all words must occur; empty values filter nothing."""

    words: tuple[str, ...] = ()
    since: datetime | None = None
    type: str | None = None
    by: str | None = None
    limit: int = 20


class MemoryHealth(Struct, frozen=True, kw_only=True):
    """What is wrong with the memory's file, and how much can be read."""

    file: str
    entities: int
    relations: int
    problems: tuple[Diagnostic, ...]


class MemoryWalk(Struct, frozen=True, kw_only=True):
    """How names hang together, from `root` or everywhere.

    `titles` says how each name is called in a picture, `types` of which type it is,
    None for one that only relations name.
    """

    root: str | None
    starts: tuple[str, ...]
    steps: WalkSteps
    titles: dict[str, str]
    types: dict[str, str | None]


def find_entity(graph: MemoryGraph, name: str) -> MemoryEntity:
    """The entity of that name. Raises WrongUsage, with the names that come close."""
    entity = graph.find_entity(name)
    if entity:
        return entity
    hint = did_you_mean(
        name,
        islice(graph.entity_names, MAX_COMPARED_NAMES),
        "agentco memory search finds a name by a part",
    )
    raise WrongUsage(f"{name!r} is not in the memory", hint=hint)


def show_memory(company: OpenCompany, name: str | None = None) -> MemoryView:
    """Show everything, or the story of one name. Raises WrongUsage for an unknown one."""
    graph = company.memory.load_graph()
    if name is None:
        return MemoryView(
            entities=tuple(graph.entities()), relations=tuple(graph.relations)
        )
    entity = find_entity(graph, _whole_name(graph, name))
    name = entity.name
    touching = [tie for tie in graph.relations if name in {tie.from_, tie.to}]
    return MemoryView(
        entities=(entity,),
        relations=tuple(touching),
        story=tuple(entity_story(graph, name)),
    )


def _whole_name(graph: MemoryGraph, name: str) -> str:
    """The name that is meant by its last part, as the standup writes it: `saft`, `cfo:late`."""
    if graph.find_entity(name):
        return name
    ends = [known for known in graph.entity_names if known.partition(":")[2] == name]
    return ends[0] if len(ends) == 1 else name


def search_memory(company: OpenCompany, query: MemoryQuery) -> SearchResult:
    """Find what fits, the best matches first. Raises WrongUsage for an empty query."""
    filters = (query.since, query.type, query.by)
    is_filtered = any(value is not None for value in filters)
    if not query.words and not is_filtered:
        hint = "give words, or --since, --type or --by"
        raise WrongUsage("nothing to search for", hint=hint)
    graph = company.memory.load_graph()
    is_wanted = None
    if is_filtered:
        is_wanted = mentioned_filter(
            graph, since=query.since, type_=query.type, by=query.by
        )
    words = " ".join(query.words)
    return search_entities(graph, words, limit=query.limit, only=is_wanted)


def check_memory(company: OpenCompany) -> MemoryHealth:
    """List what is wrong with the memory's file."""
    graph = company.memory.load_graph()
    return MemoryHealth(
        file=graph.file,
        entities=len(graph.entities()),
        relations=len(graph.relations),
        problems=tuple(graph.problems),
    )


def walk_memory(
    company: OpenCompany, name: str | None = None, *, depth: int = 2
) -> MemoryWalk:
    """Walk the relations from a name, at most `depth` steps, or all of them."""
    graph = company.memory.load_graph()
    if name is not None:
        name = find_entity(graph, name).name
    starts, steps = relation_diagram.walk_relations(graph, name, depth)
    types: dict[str, str | None] = {}
    titles: dict[str, str] = {}
    for reached in steps:
        entity = graph.find_entity(reached)
        types[reached] = entity.type if entity else None
        kind = entity.type if entity else "not in the memory"
        titles[reached] = " ".join(f"{reached} ({kind})".split())
    return MemoryWalk(
        root=name, starts=tuple(starts), steps=steps, titles=titles, types=types
    )


def memory_stats(
    company: OpenCompany,
) -> tuple[MemoryStats, tuple[ExpiringEntity, ...]]:
    """Count what the company knows; also what the settings let go next."""
    graph = company.memory.load_graph()
    rules = company.settings.retention_by_type()
    expiries = upcoming_expiries(graph, rules, company.today())
    return count_memory(graph), tuple(expiries[:EXPIRIES_SHOWN])
