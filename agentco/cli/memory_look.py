"""`agentco memory graph` and `stats`: how the memory hangs together, how it grew, and what goes next."""

from collections import Counter
from heapq import nlargest
from itertools import chain
from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import screen
from agentco.cli.memory_show import known, memory
from agentco.cli.options import Json, answer
from agentco.desk import current_company

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentco.memory.graph import Graph

Start = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="Where to begin; everywhere if not named."),
]
NEXT = 5


def graph(
    name: Start = None,
    depth: Annotated[
        int, typer.Option(min=1, help="How many steps away from NAME.")
    ] = 2,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="As a diagram for Markdown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw how names hang together: as a tree, or as a Mermaid diagram that GitHub shows.

    Examples:
      agentco memory graph Lumen --depth 3
      agentco memory graph --mermaid > memory.mmd
    """
    from agentco.memory import relation_diagram

    whole = memory().graph()
    if name is not None:
        known(whole, name)
    roots, steps = relation_diagram.walk(whole, name, depth)
    called = titles(whole, steps)
    if as_json:
        nodes = [
            {"name": n, "entityType": e.type if (e := whole.entity(n)) else None}
            for n in steps
        ]
        ties = [step.tie for found in steps.values() for step in found]
        edges = [{"from": r.from_, "to": r.to, "relationType": r.type} for r in ties]
        screen.document({"root": name, "nodes": nodes, "edges": edges})
        return
    for line in (
        relation_diagram.mermaid(steps, called)
        if mermaid
        else relation_diagram.tree(roots, steps, called)
    ):
        screen.say(line)
    if not steps:
        screen.note(
            "no name is tied to another: agentco memory relate FROM RELATION TO"
        )


def titles(whole: "Graph", names: "Iterable[str]") -> dict[str, str]:
    """What each name is called in a picture, on one line."""
    kinds = (
        (name, entity.type if (entity := whole.entity(name)) else "not in the memory")
        for name in names
    )
    return {name: " ".join(f"{name} ({kind})".split()) for name, kind in kinds}


def stats(as_json: Json = False) -> None:
    """How much the company knows: by type, the heaviest entities, how it grew, and what goes next.

    Examples:
      agentco memory stats
    """
    from agentco.day.memory_expiry import going
    from agentco.memory.lines import untrusted

    graph, rules = (
        memory().graph(),
        current_company.edges().company.settings().usable().kept(),
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
        map(untrusted, chain(graph.relations, *(graph.said(e.name) for e in entities)))
    )
    goes = [
        {"name": g.name, "when": str(g.when)}
        for g in going(graph, rules, current_company.today())[:NEXT]
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
    answer(
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
            screen.table(
                columns,
                [
                    [f"{c:,}" if isinstance(c, int) else str(c) for c in row]
                    for row in counted
                ],
            )
