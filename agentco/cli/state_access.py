"""The state as commands use it: looking needs no state to be there, deciding needs trust in the folder."""

from collections.abc import Callable
from typing import TypeVar

from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.open_state import has_state, open_state
from agentco.desk import current_company
from agentco.engine import run_status
from agentco.engine.inbox_items import inbox_items, restricted_agents
from agentco.engine.store import Transaction
from agentco.kernel.errors import AgentcoError, WrongUsage
from agentco.runs.run_summary import RunSummary

T = TypeVar("T")


def read_state(act: Callable[[Transaction], T], nothing: T) -> T:
    """What the state says; `nothing` where no run was ever begun."""
    root = current_company.company_root()
    if not has_state(root):
        return nothing
    with open_state(root) as state:
        return state.read(act).result()


def write_state(act: Callable[[Transaction], T]) -> T:
    """Decide something in the state. Raises NeedsFounder in a folder that is not trusted."""
    from agentco.cli.trust import trusted_edges

    current_company.writable_edges()
    with open_state(trusted_edges().company.root) as state:
        return state.write(act).result()


def is_driver_alive(driver: str | None) -> bool:
    """Whether the process that drives a run of this company still runs."""
    return Drivers(current_company.company_root()).is_alive(driver)


def runs_with_status(
    *, limit: int = -1, everything: bool = False
) -> list[tuple[RunSummary, str]]:
    """The runs that began last, each with its status."""
    found = read_state(
        lambda tx: tx.list_runs(
            current_company.now_iso(), limit=limit, everything=everything
        ),
        [],
    )
    return [(run, run.status(is_driver_alive)) for run in found]


def find_run(name: str, *, deciding: bool = False) -> RunSummary:
    """The run of that name. Raises WrongUsage, and NeedsFounder when one is `deciding` without trust."""
    if deciding:
        from agentco.cli.trust import trusted_edges

        trusted_edges()
    if found := read_state(
        lambda tx: run_status.find_run(tx, name, current_company.now_iso()), None
    ):
        return found
    raise WrongUsage(f"no run {name!r}", hint="nothing has run yet")


def inbox_line() -> str:
    """How many items wait, in one line; whatever is wrong here is for other commands to say."""
    try:
        items = read_state(
            lambda tx: (
                len(inbox_items(tx, current_company.now_iso()))
                + len(restricted_agents(tx))
            ),
            0,
        )
    except AgentcoError:
        items = 0
    return f"inbox: {describe_waiting(items)}"


def describe_waiting(items: int) -> str:
    """How many, in words."""
    return (
        f"{items} item{' waits' if items == 1 else 's wait'} for you"
        if items
        else "nothing waits for you"
    )
