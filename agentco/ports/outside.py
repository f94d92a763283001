"""What the runtime needs of the world; edges provides it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar

from msgspec import Struct

from agentco.board.document import TaskBoard
from agentco.company.company import Company
from agentco.company.model_offers import ModelOffer
from agentco.company.settings import SettingsFile
from agentco.day.facts import RunsOverview
from agentco.kernel.dates import IsHoliday
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import MemoryLine
from agentco.memory.retention import ExpiringEntity
from agentco.ports.plans import PlanWindow, ProgramState
from agentco.runs.actions import Action, Memory
from agentco.runs.effects import FileImage
from agentco.runs.model_messages import ModelAnswer, ModelRequest

T = TypeVar("T")


class CompanyPort(Protocol):
    """The company's own files."""

    @property
    def is_adopted(self) -> bool:
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

    def read(self) -> TaskBoard:
        """The board as it stands."""
        ...

    def update(self, change: Callable[[TaskBoard], TaskBoard]) -> bool:
        """Change it under the lock; whether any byte changed."""
        ...


class MemoryPort(Protocol):
    """What the company knows."""

    def load_graph(self) -> MemoryGraph:
        """Everything that can be read."""
        ...

    def apply_changes(
        self,
        *,
        expired: Sequence[ExpiringEntity] = (),
        superseded: Sequence[str] = (),
        records: Sequence[MemoryLine],
        at: str,
    ) -> Sequence[str]:
        """Put lines in and take entities out, all or nothing.

        Returns which files beside the memory got lines.
        """
        ...


class StandupPorts(Protocol):
    """Everything a standup touches."""

    @property
    def files(self) -> CompanyPort:
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

    def standing_at(self, moment: datetime, today: date) -> RunsOverview:
        """What the runs of the company come to, as of `moment`."""
        ...

    def holidays_for(self, country: str | None, today: date) -> IsHoliday:
        """Which days around `today` are public holidays in a country."""
        ...


HearText = Callable[[str], None]
"""Takes what a model says, piece by piece, while it says it."""


def ignore_thought(_piece: str) -> None:
    """What a model thinks concerns nobody, unless somebody asks for it."""


class Hearing(NamedTuple):
    """Who takes what a model says, and what it thinks."""

    text: HearText
    thought: HearText


class ServedContext(Struct, frozen=True, kw_only=True):
    """How many tokens a model's server reads, and what makes it read more, in words."""

    tokens: int
    setting: str = ""


class ModelPort(Protocol):
    """Every model that can be asked."""

    async def ask(
        self,
        offer: ModelOffer,
        request: ModelRequest,
        hear: HearText,
        think: HearText = ignore_thought,
    ) -> ModelAnswer:
        """Make one call, never repeated by itself; a cancelled one is closed at once.

        `think` takes what the model thinks, which is no part of its answer. Raises CallFailed.
        """
        ...

    def missing(self, offer: ModelOffer) -> str | None:
        """What this machine lacks to ask it, such as a key, in words; None when it can be asked."""
        ...

    async def served_context(
        self, offer: ModelOffer, *, load: bool = True
    ) -> ServedContext | None:
        """What the founder's own server says that a model reads; None where nobody tells.

        With `load` it may load the model for that.
        """
        ...

    def plan_windows(self, offer: ModelOffer) -> Sequence[PlanWindow]:
        """How far the windows of a plan are used that count a model, as its vendor said last."""
        ...

    async def program_state(
        self, offer: ModelOffer, *, start: bool
    ) -> ProgramState | None:
        """How the program of a plan stands; None for a model of none. No model is asked.

        Without `start` the program is only looked for.
        """
        ...

    async def aclose(self) -> None:
        """Let go of every connection."""
        ...


class ToolCaller(Struct, frozen=True, kw_only=True):
    """Who uses a tool, for which effect, when.

    `words` are the founder's and those of trusted results: what they hold, the agent may repeat
    as verified. `again` says that it may have been done before: an act that was, is not done twice.
    What an `untrusted` caller adds to the memory is marked so.
    `shown` is the diff that the founder said yes to: of the board, nothing else is changed. With
    `ticks_wait` what marks a task as done is only said to be done later.
    """

    effect: str
    agent: str
    at: datetime
    skills: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    again: bool = False
    untrusted: bool = False
    shown: str = ""
    ticks_wait: bool = False


class Proposal(Struct, frozen=True, kw_only=True):
    """What an agent may not do by itself: the founder sees `what` and approves it or not."""

    what: str
    action: Memory


class ToolResult(Struct, frozen=True, kw_only=True):
    """What a tool says to the agent, and what it leaves to the founder.

    `doubtful` when nobody can tell whether it was done. `outside` names what in it the founder did
    not write.
    """

    text: str
    ok: bool = True
    doubtful: bool = False
    proposals: tuple[Proposal, ...] = ()
    outside: str = ""


class DeliveredPage(Struct, frozen=True, kw_only=True):
    """A deliverable for the file at a path.

    `own` are the hashes of what its prompt wrote, by path: only that is replaced, and the one
    before is kept beside it; else the page gets a name such as `w-2.md`. `written` is the hash of
    a page that stays, because its author wrote it by itself; empty for none.
    """

    path: str
    text: str
    own: Mapping[str, frozenset[str]] = {}
    written: str = ""


class ToolPort(Protocol):
    """What an agent can do inside the company. Nothing here decides whether it may.

    A call waits only for others that use the same resource. A cancelled one has not begun, has only
    read, or has written all that it was to write; a caller with `again` finds what it wrote.
    """

    async def planned_image(
        self, acts: Sequence[Action], caller: ToolCaller
    ) -> FileImage | ToolResult | None:
        """What a file will become by acts that are not idempotent by themselves, else None.

        A result says why the act cannot be done, before anybody is asked whether it may.
        """
        ...

    async def versions_to_keep(
        self, image: FileImage, acts: Sequence[Action], caller: ToolCaller
    ) -> tuple[bytes, ...]:
        """What is kept for an undo: a file before acts, the board also after them."""
        ...

    async def carry_out(
        self, action: Action, caller: ToolCaller, image: FileImage | None
    ) -> ToolResult:
        """Carry out an action; with an image only on the file as it was before.

        A file that is as it will be after was changed already.
        """
        ...

    async def plan_deliverable(
        self, page: DeliveredPage, caller: ToolCaller
    ) -> FileImage | ToolResult:
        """What a file becomes by a deliverable, or why it cannot be written."""
        ...

    async def save_deliverable(
        self, text: str, image: FileImage, caller: ToolCaller
    ) -> ToolResult:
        """Write what was planned, once however often it is tried."""
        ...

    async def perform_approved(
        self, action: Memory, *, by: str, run: str, at: datetime
    ) -> ToolResult:
        """Do what was proposed, in the name of whoever approved it; once for each `run`."""
        ...

    async def record_outcome(
        self, prompt: str, outcome: str, caller: ToolCaller
    ) -> None:
        """Remember how a prompt ended: ok, failed or no-result."""
        ...

    async def take_fingerprints(self, names: Sequence[str]) -> dict[str, str]:
        """A fingerprint for each glob of files or name of an entity.

        It stays the same as long as nothing changed.
        """
        ...

    async def read_memory(self, look: Callable[[MemoryGraph], T]) -> T:
        """What `look` makes of all that the company knows; nothing is written meanwhile."""
        ...

    async def open_task_title(self, name: str) -> str | None:
        """The title of an open task of the board; None when there is none of that id."""
        ...
