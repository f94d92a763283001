"""The state as commands use it: looking needs no state to be there, deciding needs trust in the folder."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from agentco.edges.cli import here

if TYPE_CHECKING:
    from agentco.edges.stores.drivers import Drivers
    from agentco.edges.stores.state.transaction import Transaction

T = TypeVar("T")


def looked(act: "Callable[[Transaction], T]", nothing: T) -> T:
    """What the state says; `nothing` where no run was ever begun."""
    from agentco.edges.state import has_state, state_of

    root = here.root()
    if not has_state(root):
        return nothing
    with state_of(root) as state:
        return state.read(act).result()


def writing(act: "Callable[[Transaction], T]") -> T:
    """Decide something in the state. Raises NeedsFounder in a folder that is not trusted."""
    from agentco.edges.cli.trust import trusted_edges
    from agentco.edges.state import state_of

    here.writable()
    with state_of(trusted_edges().company.root) as state:
        return state.write(act).result()


def drivers() -> "Drivers":
    """Which processes drive runs of this company."""
    from agentco.edges.stores.drivers import Drivers

    return Drivers(here.root())
