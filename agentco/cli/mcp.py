"""`agentco mcp`: the memory for other programs."""

from typing import Annotated

import typer

from agentco.cli.doors import doors_of

NAME_HELP = "Who is writing; else what the client calls itself."
ClientName = Annotated[str, typer.Option("--as", metavar="NAME", help=NAME_HELP)]
TRUSTED_HELP = "What comes counts like your own words."
TrustedOption = Annotated[bool, typer.Option("--trusted", help=TRUSTED_HELP)]


def mcp(
    ctx: typer.Context, name: ClientName = "", trusted: TrustedOption = False
) -> int:
    """Serve the memory to other programs over MCP, on stdin and stdout.

    It is a drop-in for the reference memory server: the same tools, and MEMORY_FILE_PATH names the
    file, else it is the company's memory. What clients write is untrusted unless you say --trusted.

    Examples:
      agentco mcp --as editor
    """
    return doors_of(ctx).serve_memory(name, trusted=trusted)
