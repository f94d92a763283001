"""The state as commands use it: looking needs no state to be there, deciding needs trust in the folder."""

from collections.abc import Callable
from typing import TypeVar

from agentco.adapters.state import reports
from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.open_state import has_state, state_of
from agentco.adapters.state.transaction import Transaction
from agentco.desk import current_company
from agentco.kernel.errors import AgentcoError, WrongUsage

T = TypeVar("T")


def looked(act: Callable[[Transaction], T], nothing: T) -> T:
    """What the state says; `nothing` where no run was ever begun."""
    root = current_company.root()
    if not has_state(root):
        return nothing
    with state_of(root) as state:
        return state.read(act).result()


def writing(act: Callable[[Transaction], T]) -> T:
    """Decide something in the state. Raises NeedsFounder in a folder that is not trusted."""
    from agentco.cli.trust import trusted_edges

    current_company.writable()
    with state_of(trusted_edges().company.root) as state:
        return state.write(act).result()


def alive(driver: str | None) -> bool:
    """Whether the process that drives a run of this company still runs."""
    return Drivers(current_company.root()).alive(driver)


def listed(
    *, limit: int = -1, everything: bool = False
) -> list[tuple[reports.Summary, str]]:
    """The runs that began last, each with its status."""
    found = looked(
        lambda t: reports.runs(
            t, current_company.stamp(), limit=limit, everything=everything
        ),
        [],
    )
    return [(run, run.status(alive)) for run in found]


def run_named(name: str, *, deciding: bool = False) -> reports.Summary:
    """The run of that name. Raises WrongUsage, and NeedsFounder when one is `deciding` without trust."""
    if deciding:
        from agentco.cli.trust import trusted_edges

        trusted_edges()
    if found := looked(
        lambda t: reports.run_named(t, name, current_company.stamp()), None
    ):
        return found
    raise WrongUsage(f"no run {name!r}", hint="nothing has run yet")


def waiting() -> str:
    """How many items wait, in one line; whatever is wrong here is for other commands to say."""
    try:
        items = looked(
            lambda t: (
                len(reports.inbox(t, current_company.stamp()))
                + len(reports.restricted(t))
            ),
            0,
        )
    except AgentcoError:
        items = 0
    return f"inbox: {counted(items)}"


def counted(items: int) -> str:
    """How many, in words."""
    return (
        f"{items} item{' waits' if items == 1 else 's wait'} for you"
        if items
        else "nothing waits for you"
    )
