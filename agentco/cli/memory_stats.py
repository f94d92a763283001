"""`agentco memory graph` and `stats`: how the memory hangs together and how it grows."""

from collections.abc import Sequence
from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.terminal import screen
from agentco.terminal.cells import wrap_cells

START_HELP = "Where to start; the whole graph if omitted."
StartName = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]", help=START_HELP, autocompletion=names_of("memory")
    ),
]
Depth = Annotated[int, typer.Option(min=1, help="How many steps from NAME to show.")]
MERMAID_HELP = "Print a Mermaid diagram for Markdown."
MermaidOption = Annotated[bool, typer.Option("--mermaid", help=MERMAID_HELP)]


def graph(
    name: StartName = None,
    depth: Depth = 2,
    mermaid: MermaidOption = False,
    as_json: JsonOption = False,
) -> None:
    """Draw how entities are connected, as a tree or a Mermaid diagram for GitHub.

    Examples:
      agentco memory graph Lumen --depth 3
      agentco memory graph --mermaid > memory.mmd
    """
    from agentco.desk.memory import walk_memory
    from agentco.documents.memory import walk_document
    from agentco.memory.relation_diagram import mermaid_lines, tree_lines

    walk = walk_memory(current_company.open_current(), name, depth=depth)
    if as_json:
        screen.print_json(walk_document(walk))
        return
    tree = tree_lines(walk.starts, walk.steps, walk.titles)
    diagram = mermaid_lines(walk.steps, walk.titles)
    for line in diagram if mermaid else tree:
        screen.print_text(line)
    if not walk.steps:
        hint = "agentco memory relate FROM RELATION TO"
        screen.print_note(f"there are no relations yet: {hint}")


def stats(as_json: JsonOption = False) -> None:
    """Show the size of the memory: by type, largest entities, growth, and what expires next.

    Examples:
      agentco memory stats
    """
    from agentco.desk.memory import memory_stats
    from agentco.documents.memory import stats_document

    found, expiries = memory_stats(current_company.open_current())
    counts = f"{found.entities} entities, {found.observations} observations"
    doubts = f"{found.untrusted} lines untrusted, {found.rejected} rejected"
    document = stats_document(found, expiries)
    line = f"{counts}, {found.size:,} bytes, {doubts}"
    lines = wrap_cells(line, screen.terminal_width())
    print_answer(document, *lines, as_json=as_json)
    if as_json:
        return
    growth = [(row.month, row.type, row.count) for row in found.growth]
    print_counts(("type", "entities"), found.types)
    print_counts(("heaviest", "characters"), found.heaviest)
    print_counts(("month", "type", "new observations"), growth)
    print_counts(("goes next", "when"), [(gone.name, gone.when) for gone in expiries])


def print_counts(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table if there is anything to say."""
    cells = [[format_cell(value) for value in row] for row in rows]
    if cells:
        screen.print_table(columns, cells)


def format_cell(value: object) -> str:
    """A value as a cell; numbers with commas."""
    return f"{value:,}" if isinstance(value, int) else str(value)
