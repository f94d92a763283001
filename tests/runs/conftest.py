"""Companies whose runs are driven by tests."""

from collections.abc import Callable, Generator

import pytest
from offices import Firm
from small_company import Place
from wire.server import WireServer


@pytest.fixture
def firm_with(place: Place, wire: WireServer) -> Generator[Callable[..., Firm]]:
    """A company with more settings, at the test's model server unless another is named."""
    opened: list[Firm] = []

    def made(more: str = "", *, url: str = "", **others: str) -> Firm:
        opened.append(Firm(place, url or wire.url, more, **others))
        return opened[-1]

    yield made
    for firm in opened:
        firm.close()


@pytest.fixture
def firm(firm_with: Callable[..., Firm]) -> Firm:
    return firm_with()
