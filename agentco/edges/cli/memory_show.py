"""`agentco memory` commands that only read: show, search, check, stats."""

from collections import Counter
from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.edges.cli import here, screen
from agentco.edges.cli.options import Json, Show, answer, place
from agentco.errors import WrongUsage, close_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentco.edges.stores.memory_file import MemoryFile
    from agentco.memory.graph import Entity, Graph, Relation

# comparing letter by letter takes about 10 ms for a thousand names
COMPARED = 5000


def memory(*, write: bool = False) -> "MemoryFile":
    """The memory of the company we stand in; `write` when agentco must be allowed to."""
    return (here.writable() if write else here.edges()).memory


def known(graph: "Graph", name: str) -> "Entity":
    """The entity of that name. Raises WrongUsage, naming the closest ones, when there is none."""
    if entity := graph.entity(name):
        return entity
    hint = close_to(name, islice(graph.names, COMPARED), "agentco memory search finds a name by a part")
    raise WrongUsage(f"the memory knows no {name!r}", hint=hint)


def shown(entities: "Sequence[Entity]", relations: "Sequence[Relation]", total: int) -> dict[str, object]:
    """The document of appendix C."""
    return {
        "entities": [
            {"name": e.name, "entityType": e.type, "observations": [o.text for o in e.observations]} for e in entities
        ],
        "relations": [{"from": r.from_, "to": r.to, "relationType": r.type} for r in relations],
        "total": total,
    }


def print_entity(entity: "Entity", relations: "Sequence[Relation]") -> None:
    """One entity for people: what is known, since when, from whom; then its arrows."""
    screen.say(f"{entity.name} ({entity.type})")
    for o in entity.observations:
        source = ", ".join(filter(None, (o.by, (o.verified or o.at or "")[:10])))
        screen.say(f"  - {o.text}" + (f"  [{source}]" if source else ""))
    for r in relations:
        screen.say(f"  {r.from_} {r.type} {r.to}")


def show(name: Show = None, as_json: Json = False) -> None:
    """Show everything the company knows, or all about one name.

    Examples:
      agentco memory show "Acme Ltd"
    """
    graph = memory().graph()
    entities = [known(graph, name)] if name is not None else graph.entities()
    relations = [r for r in graph.relations if name is None or name in (r.from_, r.to)]
    if as_json:
        screen.document(shown(entities, relations, len(entities)))
    elif name is not None:
        print_entity(entities[0], relations)
    elif entities:
        rows = [(e.name, e.type, str(len(e.observations))) for e in entities]
        screen.table(("name", "type", "observations"), rows)
    else:
        screen.say('the memory is empty: agentco memory add NAME "observation" --type T')


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS…", help="All must occur.")],
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    as_json: Json = False,
) -> None:
    """Find what holds every word: in its name first, then its type, then its observations.

    Examples:
      agentco memory search pricing decision
    """
    from agentco.memory import search as searching

    found = searching.search(memory().graph(), " ".join(words), limit=limit)
    if as_json:
        screen.document(shown(found.entities, found.relations, found.total))
        return
    for entity in found.entities:
        print_entity(entity, ())
    left = found.total - len(found.entities)
    if left or not found.total:
        screen.note(f"{left} more: --limit {found.total}" if left else "nothing holds all of these words")


def check(as_json: Json = False) -> None:
    """List what is wrong with the memory file: bad lines, relations into nothing, repetitions.

    Examples:
      agentco memory check
    """
    from msgspec import to_builtins

    graph = memory().graph()
    problems = graph.problems
    counts = {"entities": len(graph.entities()), "relations": len(graph.relations)}
    lines = [f"{place(p)}: {p.level}: {p.message}\n  {p.hint}" for p in problems]
    total = f"{', '.join(f'{n} {what}' for what, n in counts.items())}, {len(problems) or 'no'} problems"
    document = {"file": graph.file, **counts, "diagnostics": to_builtins(problems)}
    answer(document, *lines, total, as_json=as_json)


def stats(as_json: Json = False) -> None:
    """How much the company knows: by type, the heaviest entities, and how it grew.

    Examples:
      agentco memory stats
    """
    file = memory()
    graph = file.graph()
    entities = graph.entities()
    size = file.real.stat().st_size if file.real.exists() else 0
    types = Counter(e.type for e in entities).most_common()
    months = sorted(Counter(o.at[:7] for e in entities for o in e.observations if o.at).items())
    heaviest = nlargest(5, ((sum(len(o.text) for o in e.observations), e.name) for e in entities))
    total = sum(len(e.observations) for e in entities)
    document: dict[str, object] = {
        "entities": len(entities),
        "observations": total,
        "relations": len(graph.relations),
        "bytes": size,
        "types": dict(types),
        "heaviest": [{"name": name, "characters": weight} for weight, name in heaviest],
        "months": dict(months),
    }
    answer(document, f"{len(entities)} entities, {total} observations, {size:,} bytes", as_json=as_json)
    tables = {
        ("type", "entities"): types,
        ("heaviest", "characters"): [(name, weight) for weight, name in heaviest],
        ("month", "new observations"): months,
    }
    for columns, counted in () if as_json else tables.items():
        if counted:
            screen.table(columns, [(name, f"{count:,}") for name, count in counted])
