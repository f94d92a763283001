"""`python -m agentco` is `agentco`."""

import sys
from contextlib import suppress

from agentco.kernel.errors import AgentcoError


def run() -> None:
    """The console script; a memory server starts without what only people need."""
    match sys.argv[1:]:
        case ["mcp", *rest] if not rest or (
            rest[0] == "--as" and not rest[-1].startswith("-") and not rest[2:]
        ):
            from agentco.mcp_server.stdio_loop import serve
            from agentco.memory_wiring import now_iso, open_memory

            # where there is no memory, the command says so
            with suppress(AgentcoError):
                name = "".join(rest[1:])
                raise SystemExit(serve(open_memory(), now=now_iso, name=name))
        case _:
            pass
    from agentco.cli import main

    main.run()


if __name__ == "__main__":
    run()
