"""`agentco mcp`: the memory for other programs."""

from typing import Annotated

import typer

ClientName = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="NAME",
        help="Who is writing; else what the client calls itself.",
    ),
]
TrustedOption = Annotated[
    bool, typer.Option("--trusted", help="What comes counts like your own words.")
]


def mcp(name: ClientName = "", trusted: TrustedOption = False) -> int:
    """Serve the memory to other programs over MCP, on stdin and stdout.

    It is a drop-in for the reference memory server: the same tools, and MEMORY_FILE_PATH names the file, else it
    is the company's memory. What clients write is untrusted unless you say --trusted.

    Examples:
      agentco mcp --as editor
    """
    from agentco.cli import current_company
    from agentco.mcp_server.stdio_loop import serve
    from agentco.memory_wiring import now_iso, open_memory

    memory = open_memory(current_company.chosen_company())
    return serve(memory, now=now_iso, name=name, trusted=trusted)
