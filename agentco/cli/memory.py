"""`agentco memory`: what the company knows, shown, searched, written, removed and put back."""

import typer

from agentco.cli import memory_edit, memory_read, memory_stats, memory_upkeep

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show or change what the company knows.",
)
for command in (
    memory_read.show,
    memory_read.search,
    memory_edit.add,
    memory_edit.done,
    memory_edit.relate,
    memory_edit.delete,
    memory_edit.undo,
    memory_edit.trust,
    memory_upkeep.prune,
    memory_read.check,
    memory_upkeep.repair,
    memory_stats.stats,
    memory_stats.graph,
    memory_upkeep.export,
    memory_upkeep.import_,
):
    app.command(command.__name__.rstrip("_"))(command)
