"""`python -m agentco` is `agentco`: the one place that knows every face."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from agentco.kernel.errors import AgentcoError

if TYPE_CHECKING:
    from agentco.desk.company_status import DayScreen
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
    from agentco.cli.current_company import chosen_company
    from agentco.mcp_server.stdio_loop import serve
    from agentco.memory_wiring import now_iso, open_memory

    memory = open_memory(chosen_company())
    return serve(memory, now=now_iso, name=name, trusted=trusted)


def stay_up(
    company: "OpenCompany", screen: "DayScreen", ready: Callable[[str], None]
) -> int:
    """Run a company until somebody ends it; return the exit code."""
    import asyncio

    from agentco.daemon.day import run_day
    from agentco.wiring import daemon_ports

    ports = daemon_ports(company.root)
    return asyncio.run(run_day(company, ports, screen, ready))


if __name__ == "__main__":
    run()
