"""The other faces that a command can open; __main__ knows them, the command line does not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import typer

from agentco.kernel.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.desk.company_status import DayScreen
    from agentco.desk.open_company import OpenCompany


class ServeMemory(Protocol):
    """Serves the memory over MCP until nobody asks any more; returns the exit code."""

    def __call__(self, name: str, *, trusted: bool) -> int:
        """`name` is who is writing; empty for what the client calls itself."""
        ...


StayUp = Callable[["OpenCompany", "DayScreen", Callable[[str], None]], int]
"""Runs a company until somebody ends it; returns the exit code.

It shows what happens on the screen, and calls back with the time once it is up.
"""


@dataclass(frozen=True, kw_only=True)
class Doors:
    """How the other faces are opened. Each is loaded when it is called."""

    serve_memory: ServeMemory
    stay_up: StayUp


def doors_of(context: typer.Context) -> Doors:
    """The doors that a command was given. Raises WrongUsage where there are none."""
    doors = context.obj
    if not isinstance(doors, Doors):
        hint = "start it with agentco, or python -m agentco"
        raise WrongUsage("this command cannot run inside another program", hint=hint)
    return doors
