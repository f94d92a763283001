"""Every store that the contract holds for; a new one is added here."""

from collections.abc import Generator
from pathlib import Path

import pytest

from agentco.adapters.state import Database, InMemoryStore
from agentco.ports import StorePort


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[StorePort]:
    if request.param == "memory":
        yield InMemoryStore()
        return
    database = Database(tmp_path, name="contract")
    yield database
    database.close()
