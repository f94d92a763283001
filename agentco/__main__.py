"""`python -m agentco` is `agentco`: the one place that knows every face."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from agentco.kernel.errors import AgentcoError

if TYPE_CHECKING:
    from agentco.daemon.stay_up import DayScreen
    from agentco.desk.open_company import OpenCompany


def run() -> None:
    """The console script; a memory server starts without what only people need."""
    match sys.argv[1:]:
        case ["mcp", *rest] if not rest or (
            rest[0] == "--as" and not rest[-1].startswith("-") and not rest[2:]
        ):
            # where there is no memory, the command says so
            with suppress(AgentcoError):
                raise SystemExit(serve_memory("".join(rest[1:])))
        case _:
            pass
    from agentco.cli import main
    from agentco.cli.doors import Doors

    main.run(Doors(serve_memory=serve_memory, stay_up=stay_up))


def serve_memory(name: str, *, trusted: bool = False) -> int:
    """Serve the memory over MCP until nobody asks any more; return the exit code."""
    from agentco.mcp_server.stdio_loop import serve

    return serve(name, trusted=trusted)


def stay_up(
    company: "OpenCompany",
    screen: "AbstractContextManager[DayScreen]",
    ready: Callable[[str], None],
) -> int:
    """Run a company until somebody ends it; return the exit code."""
    from agentco.daemon import stay_up as daemon

    return daemon.stay_up(company, screen, ready)


if __name__ == "__main__":
    run()
