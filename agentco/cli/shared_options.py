"""Options that several commands take, and what `--json` makes of an answer."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from agentco.cli.completing import names_of
from agentco.kernel.errors import Diagnostic
from agentco.terminal import screen

JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DueOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="2026-11-20, today, tomorrow, +3d, friday."),
]
ChannelOption = Annotated[
    str,
    typer.Option(
        metavar="C", help="Where it will be published: site, x, newsletter, …"
    ),
]
ONE_NAME_HELP = "Show only this one, in full."
RAW_HELP = "Print the Markdown as it is, also at a terminal."
RawOption = Annotated[bool, typer.Option("--raw", help=RAW_HELP)]


def name_argument(kind: str) -> Any:
    """The argument that names one thing of a kind, for `Annotated`."""
    return typer.Argument(
        metavar="[NAME]", help=ONE_NAME_HELP, autocompletion=names_of(kind)
    )


def print_answer(data: Mapping[str, object], *lines: str, as_json: bool) -> None:
    """Say the lines, or under `--json` the document that says the same."""
    if as_json:
        screen.print_json(data)
    for line in () if as_json else lines:
        screen.print_text(line)


def problem_location(problem: Diagnostic) -> str:
    """Where a problem is: `FILE:LINE`, or the file alone."""
    return f"{problem.file}:{problem.line}" if problem.line else problem.file
