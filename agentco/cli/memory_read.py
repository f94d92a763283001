"""`agentco memory` commands that only read: show, search, check."""

import re
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company, screen
from agentco.cli.date_input import parse_date
from agentco.cli.shared_options import (
    JsonOption,
    NameArgument,
    print_answer,
    problem_location,
)
from agentco.kernel.errors import WrongUsage, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from agentco.desk.open_company import MemoryStore
    from agentco.memory.entity_story import StoryLine
    from agentco.memory.graph import MemoryEntity, MemoryGraph, MemoryRelation

# comparing letter by letter takes about 10 ms for a thousand names
MAX_COMPARED_NAMES = 5000


def open_memory(*, write: bool = False) -> "MemoryStore":
    """The memory of the company we stand in; `write` when agentco must be allowed to."""
    return (
        current_company.open_writable() if write else current_company.open_current()
    ).memory


def find_entity(graph: "MemoryGraph", name: str) -> "MemoryEntity":
    """The entity of that name. Raises WrongUsage, naming the closest ones, when there is none."""
    if entity := graph.find_entity(name):
        return entity
    hint = did_you_mean(
        name,
        islice(graph.entity_names, MAX_COMPARED_NAMES),
        "agentco memory search finds a name by a part",
    )
    raise WrongUsage(f"the memory knows no {name!r}", hint=hint)


def memory_document(
    entities: "Sequence[MemoryEntity]",
    relations: "Sequence[MemoryRelation]",
    total: int,
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


def print_entity(entity: "MemoryEntity") -> None:
    """One entity for people: what is known, since when, from whom."""
    screen.print_text(f"{entity.name} ({entity.type})")
    for o in entity.observations:
        source = ", ".join(filter(None, (o.by, (o.verified or o.at or "")[:10])))
        screen.print_text(f"  - {o.text}" + (f"  [{source}]" if source else ""))


def print_entity_story(
    entity: "MemoryEntity",
    lines: "Iterable[StoryLine]",
    relations: "Sequence[MemoryRelation]",
) -> None:
    """How we came to know an entity, for people: `+` came with a line, `=` was known before; then its arrows."""
    screen.print_text(f"{entity.name} ({entity.type})")
    for line in lines:
        when = format_minute(line.at) if line.at else "at an unknown time"
        found_true = (
            f"verified {format_minute(line.verified)}" if line.verified else None
        )
        run = f"run {line.run}" if line.run else None
        screen.print_text(
            f"  {', '.join(filter(None, (when, line.by or 'by nobody we know', run, line.trust, found_true)))}"
        )
        for sign, texts in (("+", line.added), ("=", line.again)):
            for text in texts:
                screen.print_text(f"    {sign} {text}")
    for r in relations:
        screen.print_text(f"  {r.from_} {r.type} {r.to}")


def format_minute(stamp: str) -> str:
    """A time of the memory without its seconds and zone."""
    return stamp[:16].replace("T", " ")


def show(name: NameArgument = None, as_json: JsonOption = False) -> None:
    """Show everything the company knows, or the story of one name: who said what when, and how sure it is.

    Examples:
      agentco memory show "Acme Ltd"
    """
    from msgspec import to_builtins

    from agentco.memory.entity_story import entity_story

    graph = open_memory().load_graph()
    entities = [find_entity(graph, name)] if name is not None else graph.entities()
    relations = [r for r in graph.relations if name is None or name in (r.from_, r.to)]
    if as_json:
        lines = (
            {} if name is None else {"lines": to_builtins([*entity_story(graph, name)])}
        )
        screen.print_json(memory_document(entities, relations, len(entities)) | lines)
    elif name is not None:
        print_entity_story(entities[0], entity_story(graph, name), relations)
    elif entities:
        rows = [(e.name, e.type, str(len(e.observations))) for e in entities]
        screen.print_table(("name", "type", "observations"), rows)
    else:
        screen.print_text(
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
    as_json: JsonOption = False,
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
    graph, start = (
        open_memory().load_graph(),
        None if since is None else parse_since(since),
    )
    only = (
        searching.mentioned_filter(graph, since=start, type_=type_, by=by)
        if since or type_ or by
        else None
    )
    found = searching.search_entities(
        graph, " ".join(words or ()), limit=limit, only=only
    )
    if as_json:
        screen.print_json(memory_document(found.entities, found.relations, found.total))
        return
    for entity in found.entities:
        print_entity(entity)
    left = found.total - len(found.entities)
    if left or not found.total:
        screen.print_note(
            f"{left} more: --limit {found.total}"
            if left
            else "nothing holds all of this"
        )


def parse_since(since: str) -> "datetime":
    """The moment at which a date begins where the company is, or a number of days ago."""
    from datetime import datetime, timedelta

    zone, today = (
        current_company.open_current().files.settings().settings.time_zone,
        current_company.today(),
    )
    ago = re.fullmatch("([0-9]{1,5})d", since)
    first = today - timedelta(days=int(ago[1])) if ago else parse_date(since, today)
    return datetime.combine(first, datetime.min.time(), tzinfo=zone)


def check(as_json: JsonOption = False) -> None:
    """List what is wrong with the memory file: bad lines, relations into nothing, repetitions.

    Examples:
      agentco memory check
    """
    from msgspec import to_builtins

    graph = open_memory().load_graph()
    problems = graph.problems
    counts = {"entities": len(graph.entities()), "relations": len(graph.relations)}
    lines = [
        f"{problem_location(p)}: {p.level}: {p.message}\n  {p.hint}" for p in problems
    ]
    total = f"{', '.join(f'{n} {what}' for what, n in counts.items())}, {len(problems) or 'no'} problems"
    document = {"file": graph.file, **counts, "diagnostics": to_builtins(problems)}
    print_answer(document, *lines, total, as_json=as_json)
