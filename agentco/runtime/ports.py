"""What the runtime needs of the world; edges provides it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from agentco.board.document import Board
from agentco.company.company import Company
from agentco.company.offers import Offer
from agentco.company.settings import SettingsFile
from agentco.memory.graph import Graph
from agentco.memory.lines import EntityLine
from agentco.work.deadlines import IsHoliday
from agentco.work.talk import Answer, Request


class CompanyPort(Protocol):
    """The company's own files."""

    @property
    def adopted(self) -> bool:
        """Whether agentco may write in this company."""
        ...

    def settings(self) -> SettingsFile:
        """The settings, with what is wrong with them."""
        ...

    def load(self) -> Company:
        """Every role, skill, prompt and instruction, with what is wrong with them."""
        ...


class BoardPort(Protocol):
    """The sprint board."""

    def read(self) -> Board:
        """The board as it stands."""
        ...

    def update(self, change: Callable[[Board], Board]) -> bool:
        """Change it under the lock; whether any byte changed."""
        ...


class MemoryPort(Protocol):
    """What the company knows."""

    def graph(self) -> Graph:
        """Everything that can be read."""
        ...

    def replace(
        self, *, expired: Sequence[str], superseded: Sequence[str], records: Sequence[EntityLine], at: str
    ) -> Sequence[str]:
        """Put lines in and take entities out, all or nothing; which files beside the memory got lines."""
        ...


class Ports(Protocol):
    """Everything a standup touches."""

    @property
    def company(self) -> CompanyPort:
        """The company's own files."""
        ...

    @property
    def board(self) -> BoardPort:
        """The sprint board."""
        ...

    @property
    def memory(self) -> MemoryPort:
        """What the company knows."""
        ...

    def holidays(self, country: str | None, today: date) -> IsHoliday:
        """Which days around `today` are public holidays in a country."""
        ...


Hear = Callable[[str], None]
"""Takes what a model says, piece by piece, while it says it."""


class ModelPort(Protocol):
    """Every model that can be asked."""

    async def ask(self, offer: Offer, request: Request, hear: Hear) -> Answer:
        """One call, never repeated by itself. Raises CallFailed; a cancelled call is closed at once."""
        ...

    def missing(self, offer: Offer) -> str | None:
        """What this machine lacks to ask it, such as a key, in words; None when it can be asked."""
        ...
