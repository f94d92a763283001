"""`agentco memory` commands that only read: show, search, check."""

import re
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import screen
from agentco.cli.dates import day
from agentco.cli.options import Json, Show, answer, place
from agentco.desk import current_company
from agentco.kernel.errors import WrongUsage, close_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agentco.adapters.files.memory_file import MemoryFile
    from agentco.memory.entity_story import Told
    from agentco.memory.graph import Entity, Graph, Relation

# comparing letter by letter takes about 10 ms for a thousand names
COMPARED = 5000


def memory(*, write: bool = False) -> "MemoryFile":
    """The memory of the company we stand in; `write` when agentco must be allowed to."""
    return (current_company.writable() if write else current_company.edges()).memory


def known(graph: "Graph", name: str) -> "Entity":
    """The entity of that name. Raises WrongUsage, naming the closest ones, when there is none."""
    if entity := graph.entity(name):
        return entity
    hint = close_to(
        name,
        islice(graph.names, COMPARED),
        "agentco memory search finds a name by a part",
    )
    raise WrongUsage(f"the memory knows no {name!r}", hint=hint)


def shown(
    entities: "Sequence[Entity]", relations: "Sequence[Relation]", total: int
) -> dict[str, object]:
    """The document of appendix C."""
    return {
        "entities": [
            {
                "name": e.name,
                "entityType": e.type,
                "observations": [o.text for o in e.observations],
            }
            for e in entities
        ],
        "relations": [
            {"from": r.from_, "to": r.to, "relationType": r.type} for r in relations
        ],
        "total": total,
    }


def print_entity(entity: "Entity") -> None:
    """One entity for people: what is known, since when, from whom."""
    screen.say(f"{entity.name} ({entity.type})")
    for o in entity.observations:
        source = ", ".join(filter(None, (o.by, (o.verified or o.at or "")[:10])))
        screen.say(f"  - {o.text}" + (f"  [{source}]" if source else ""))


def print_story(
    entity: "Entity", lines: "Iterable[Told]", relations: "Sequence[Relation]"
) -> None:
    """How we came to know an entity, for people: `+` came with a line, `=` was known before; then its arrows."""
    screen.say(f"{entity.name} ({entity.type})")
    for line in lines:
        when = minute(line.at) if line.at else "at an unknown time"
        found_true = f"verified {minute(line.verified)}" if line.verified else None
        run = f"run {line.run}" if line.run else None
        screen.say(
            f"  {', '.join(filter(None, (when, line.by or 'by nobody we know', run, line.trust, found_true)))}"
        )
        for sign, texts in (("+", line.added), ("=", line.again)):
            for text in texts:
                screen.say(f"    {sign} {text}")
    for r in relations:
        screen.say(f"  {r.from_} {r.type} {r.to}")


def minute(stamp: str) -> str:
    """A time of the memory without its seconds and zone."""
    return stamp[:16].replace("T", " ")


def show(name: Show = None, as_json: Json = False) -> None:
    """Show everything the company knows, or the story of one name: who said what when, and how sure it is.

    Examples:
      agentco memory show "Acme Ltd"
    """
    from msgspec import to_builtins

    from agentco.memory.entity_story import story

    graph = memory().graph()
    entities = [known(graph, name)] if name is not None else graph.entities()
    relations = [r for r in graph.relations if name is None or name in (r.from_, r.to)]
    if as_json:
        lines = {} if name is None else {"lines": to_builtins([*story(graph, name)])}
        screen.document(shown(entities, relations, len(entities)) | lines)
    elif name is not None:
        print_story(entities[0], story(graph, name), relations)
    elif entities:
        rows = [(e.name, e.type, str(len(e.observations))) for e in entities]
        screen.table(("name", "type", "observations"), rows)
    else:
        screen.say(
            'the memory is empty: agentco memory add NAME "observation" --type T'
        )


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS…]", help="All must occur.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Said or verified since; 7d: in 7 days."),
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="T", help="Only of this type.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Said by founder, runtime, an agent."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    as_json: Json = False,
) -> None:
    """Find what holds every word: in its name first, then its type, then its observations.

    Examples:
      agentco memory search pricing decision
      agentco memory search --since 7d --by marketing
    """
    from agentco.memory import search as searching

    if not words and since is type_ is by is None:
        raise WrongUsage(
            "nothing to search for", hint="give words, or --since, --type or --by"
        )
    graph, start = memory().graph(), None if since is None else beginning(since)
    only = (
        searching.spoken(graph, since=start, type_=type_, by=by)
        if since or type_ or by
        else None
    )
    found = searching.search(graph, " ".join(words or ()), limit=limit, only=only)
    if as_json:
        screen.document(shown(found.entities, found.relations, found.total))
        return
    for entity in found.entities:
        print_entity(entity)
    left = found.total - len(found.entities)
    if left or not found.total:
        screen.note(
            f"{left} more: --limit {found.total}"
            if left
            else "nothing holds all of this"
        )


def beginning(since: str) -> "datetime":
    """The moment at which a date begins where the company is, or a number of days ago."""
    from datetime import datetime, timedelta

    zone, today = (
        current_company.edges().company.settings().settings.zone,
        current_company.today(),
    )
    ago = re.fullmatch("([0-9]{1,5})d", since)
    first = today - timedelta(days=int(ago[1])) if ago else day(since, today)
    return datetime.combine(first, datetime.min.time(), tzinfo=zone)


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
