"""`agentco memory graph` and `stats`: how the memory hangs together, how it grew, and what goes next."""

from collections import Counter
from heapq import nlargest
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company, screen
from agentco.cli.memory_read import find_entity, open_memory
from agentco.cli.shared_options import JsonOption, print_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentco.memory.graph import MemoryGraph

StartName = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="Where to begin; everywhere if not named."),
]
NEXT_SHOWN = 5


def graph(
    name: StartName = None,
    depth: Annotated[
        int, typer.Option(min=1, help="How many steps away from NAME.")
    ] = 2,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="As a diagram for Markdown.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Draw how names hang together: as a tree, or as a Mermaid diagram that GitHub shows.

    Examples:
      agentco memory graph Lumen --depth 3
      agentco memory graph --mermaid > memory.mmd
    """
    from agentco.memory import relation_diagram

    whole = open_memory().load_graph()
    if name is not None:
        find_entity(whole, name)
    roots, steps = relation_diagram.walk_relations(whole, name, depth)
    called = node_titles(whole, steps)
    if as_json:
        nodes = [
            {"name": n, "entityType": e.type if (e := whole.find_entity(n)) else None}
            for n in steps
        ]
        ties = [step.relation for found in steps.values() for step in found]
        edges = [{"from": r.from_, "to": r.to, "relationType": r.type} for r in ties]
        screen.print_json({"root": name, "nodes": nodes, "edges": edges})
        return
    for line in (
        relation_diagram.mermaid_lines(steps, called)
        if mermaid
        else relation_diagram.tree_lines(roots, steps, called)
    ):
        screen.print_text(line)
    if not steps:
        screen.print_note(
            "no name is tied to another: agentco memory relate FROM RELATION TO"
        )


def node_titles(whole: "MemoryGraph", names: "Iterable[str]") -> dict[str, str]:
    """What each name is called in a picture, on one line."""
    kinds = (
        (
            name,
            entity.type if (entity := whole.find_entity(name)) else "not in the memory",
        )
        for name in names
    )
    return {name: " ".join(f"{name} ({kind})".split()) for name, kind in kinds}


def stats(as_json: JsonOption = False) -> None:
    """How much the company knows: by type, the heaviest entities, how it grew, and what goes next.

    Examples:
      agentco memory stats
    """
    from agentco.day.memory_expiry import upcoming_expiries
    from agentco.memory.lines import is_untrusted

    graph, rules = (
        open_memory().load_graph(),
        current_company.open_current()
        .files.settings()
        .require_valid()
        .retention_by_type(),
    )
    entities = graph.entities()
    types = Counter(e.type for e in entities).most_common()
    grown = Counter(
        (o.at[:7], e.type) for e in entities for o in e.observations if o.at
    )
    months = sorted({month for month, _ in grown})
    growth = {
        month: {t: n for (m, t), n in grown.most_common() if m == month}
        for month in months
    }
    heaviest = nlargest(
        5, ((sum(len(o.text) for o in e.observations), e.name) for e in entities)
    )
    doubtful = sum(
        map(
            is_untrusted,
            chain(graph.relations, *(graph.lines_of(e.name) for e in entities)),
        )
    )
    goes = [
        {"name": g.name, "when": str(g.when)}
        for g in upcoming_expiries(graph, rules, current_company.today())[:NEXT_SHOWN]
    ]
    total = sum(len(e.observations) for e in entities)
    document: dict[str, object] = {
        "entities": len(entities),
        "observations": total,
        "relations": len(graph.relations),
        "bytes": graph.size,
        "types": dict(types),
        "heaviest": [{"name": name, "characters": weight} for weight, name in heaviest],
        "months": {month: sum(growth[month].values()) for month in months},
        "growth": growth,
        "next": goes,
        "untrusted": doubtful,
        "rejected": len(graph.rejected),
    }
    summary = f"{len(entities)} entities, {total} observations, {graph.size:,} bytes"
    print_answer(
        document,
        f"{summary}, {doubtful} lines untrusted, {len(graph.rejected)} rejected",
        as_json=as_json,
    )
    tables = {
        ("type", "entities"): types,
        ("heaviest", "characters"): [(name, weight) for weight, name in heaviest],
        ("month", "type", "new observations"): [
            (m, t, n) for (m, t), n in sorted(grown.items())
        ],
        ("goes next", "when"): [(g["name"], g["when"]) for g in goes],
    }
    for columns, counted in () if as_json else tables.items():
        if counted:
            screen.print_table(
                columns,
                [
                    [f"{c:,}" if isinstance(c, int) else str(c) for c in row]
                    for row in counted
                ],
            )
