"""What the runtime needs of the world; edges provides it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from agentco.board.document import Board
from agentco.company.company import Company
from agentco.company.model_offers import Offer
from agentco.company.settings import SettingsFile
from agentco.day.deadlines import IsHoliday
from agentco.day.facts import Standing
from agentco.memory.graph import Graph
from agentco.memory.lines import EntityLine
from agentco.memory.retention import Going
from agentco.runs.actions import Doable
from agentco.runs.effects import Image
from agentco.runs.model_messages import Answer, Request


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
        self,
        *,
        expired: Sequence[Going],
        superseded: Sequence[str],
        records: Sequence[EntityLine],
        at: str,
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

    def standing(self, moment: datetime, today: date) -> Standing:
        """What the runs of the company come to, as of `moment`."""
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

    async def aclose(self) -> None:
        """Let go of every connection."""
        ...


class Act(Struct, frozen=True, kw_only=True):
    """Who uses a tool, for which effect, when.

    `words` are the founder's and those of trusted results: what they hold, the agent may repeat as verified.
    `again` when it may have been done before: an act that was, is not done twice.
    """

    effect: str
    agent: str
    at: datetime
    skills: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    again: bool = False


class Proposal(Struct, frozen=True, kw_only=True):
    """What an agent may not do by itself: the founder sees `what` and approves the action or not."""

    what: str
    action: Doable


class Returned(Struct, frozen=True, kw_only=True):
    """What a tool says to the agent, and what it leaves to the founder.

    `doubtful` when nobody can tell whether it was done.
    """

    text: str
    ok: bool = True
    doubtful: bool = False
    proposals: tuple[Proposal, ...] = ()


class ToolPort(Protocol):
    """What an agent can do inside the company. Nothing here decides whether it may."""

    def image(self, action: Doable, act: Act) -> Image | None:
        """What a file will become by an act that is not idempotent by itself, else None."""
        ...

    def do(self, action: Doable, act: Act, image: Image | None) -> Returned:
        """Do it. With an image: only to the file as it was before; as it is after, it is done already."""
        ...

    def track(self, prompt: str, outcome: str, act: Act) -> None:
        """Remember how a prompt ended: ok, failed or no-result."""
        ...

    def prints(self, names: Sequence[str]) -> dict[str, str]:
        """A fingerprint for each glob of files or name of an entity, the same as long as nothing changed."""
        ...

    def graph(self) -> Graph:
        """What the company knows."""
        ...

    def task(self, name: str) -> str | None:
        """The title of an open task of the board; None when there is none of that id."""
        ...
