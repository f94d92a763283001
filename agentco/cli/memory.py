"""`agentco memory`: what the company knows, shown, searched, written, removed and put back."""

import typer

from agentco.cli import memory_change, memory_keep, memory_look, memory_show

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What the company knows."
)
for command in (
    memory_show.show,
    memory_show.search,
    memory_change.add,
    memory_change.relate,
    memory_change.delete,
    memory_change.undo,
    memory_change.trust,
    memory_keep.prune,
    memory_show.check,
    memory_keep.repair,
    memory_look.stats,
    memory_look.graph,
    memory_keep.export,
    memory_keep.import_,
):
    app.command(command.__name__.rstrip("_"))(command)
