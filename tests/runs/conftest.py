"""Companies whose runs are driven by tests."""

from collections.abc import Callable, Generator
from typing import Any

import pytest
from offices import Firm
from small_company import Place
from wire.server import WireServer

from agentco.adapters.state import InMemoryStore


@pytest.fixture
def firm_with(place: Place, wire: WireServer) -> Generator[Callable[..., Firm]]:
    """A company with more settings, at the test's model server unless another is named."""
    opened: list[Firm] = []

    def made(more: str = "", *, url: str = "", **others: Any) -> Firm:
        opened.append(Firm(place, url or wire.url, more, **others))
        return opened[-1]

    yield made
    for firm in opened:
        firm.close()


@pytest.fixture
def firm(request: pytest.FixtureRequest, firm_with: Callable[..., Firm]) -> Firm:
    """A company; `on_every_store` gives it each store in turn."""
    in_memory = getattr(request, "param", "sqlite") == "memory"
    return firm_with(store=InMemoryStore() if in_memory else None)
