"""`agentco mcp`: the memory for other programs."""

from typing import Annotated

import typer

from agentco.cli.doors import doors_of

NAME_HELP = "Name of the writer; default: what the client calls itself."
ClientName = Annotated[str, typer.Option("--as", metavar="NAME", help=NAME_HELP)]
TRUSTED_HELP = "Trust what clients write as your own words."
TrustedOption = Annotated[bool, typer.Option("--trusted", help=TRUSTED_HELP)]


def mcp(
    ctx: typer.Context, name: ClientName = "", trusted: TrustedOption = False
) -> int:
    """Serve the memory to other programs over MCP, on stdin and stdout.

    A drop-in replacement for the reference memory server, with the same tools. MEMORY_FILE_PATH
    names the file; the default is the company's memory. What clients write is untrusted unless
    you pass --trusted.

    Examples:
      agentco mcp --as editor
    """
    return doors_of(ctx).serve_memory(name, trusted=trusted)
