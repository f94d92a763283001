"""What the daemon needs of its machine beside an office; adapters provide it."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.company.company import Company
from agentco.company.settings import Settings
from agentco.engine.office import Clock
from agentco.engine.supervised_coroutine import MonotonicClock
from agentco.rules.budget import Cap
from agentco.rules.notices import Notice
from agentco.runs.run import Run


class DaemonClock(Clock, MonotonicClock, Protocol):
    """The time of day, and time that only goes forward."""


class ProcessTreePort(Protocol):
    """Processes with all that they started."""

    def adopt_orphans(self) -> None:
        """Make whatever is orphaned below this process its child, where the system can."""
        ...

    def kill_tree(self, pid: int) -> None:
        """Kill a process and all below it."""
        ...

    def sweep_orphans(self, mine: Collection[int]) -> None:
        """Kill every orphan that this process adopted; `mine` are no orphans."""
        ...

    def memory_mb(self, pid: int) -> int:
        """Return the megabytes that a process and all below it hold."""
        ...


class FolderPort(Protocol):
    """The company's folder, and the founder's trust in it."""

    def change_marks(self) -> Hashable:
        """Return what differs once a file of the company, or the trust, has changed."""
        ...

    def is_trusted(self, company: Company, settings: Settings) -> bool:
        """Whether the founder trusts all that the company reaches."""
        ...

    def require_trust(self, company: Company, settings: Settings) -> None:
        """Raise NeedsFounder unless the founder trusts all that the company reaches."""
        ...


class DaemonStatePort(Protocol):
    """What the daemon asks of the state beside its runs. A Future holds the outcome."""

    def find_damage(self) -> "Future[str]":
        """What is damaged, in words; empty if nothing is."""
        ...

    def change_count(self) -> "Future[int]":
        """A number that differs once another process wrote something."""
        ...

    def restrict_from_now(self, agent: str, at: str, why: str) -> "Future[None]":
        """Let an agent only read from `at` on, whatever restricted it before."""
        ...

    def ended_run(self, name: str, at: str) -> "Future[tuple[Run, int]]":
        """A run and what it cost, in micro-dollars."""
        ...

    def current_notices(
        self, now: datetime, caps: Sequence[Cap]
    ) -> "Future[list[Notice]]":
        """Everything that the founder should know of now, whether they do or not."""
        ...

    def claim_notices(
        self,
        notices: Iterable[Notice],
        now: datetime,
        quiet_hours: str | None,
        zone: ZoneInfo,
    ) -> "Future[tuple[list[Notice], datetime | None]]":
        """What this process is to tell now, and when to look again; no other tells the same."""
        ...

    def unclaim_notices(self, notices: Iterable[Notice]) -> "Future[None]":
        """Make news again of what nobody could be told."""
        ...


class RunningDaemon(Struct, frozen=True):
    """The daemon that runs; `since` is empty while it is not yet up."""

    pid: int
    host: str = ""
    since: str = ""


class DutyPort(Protocol):
    """Who runs the company: one daemon on a machine, and one machine anywhere."""

    def running(self) -> RunningDaemon | None:
        """The daemon that runs the company on this machine, if one does."""
        ...

    def become(
        self, *, take_over: bool
    ) -> AbstractContextManager[Callable[[str], None]]:
        """Be the one daemon; what it gives says, with the time, that it is up.

        Raises Locked, naming who is, for a second one, and unless told to for another machine.
        """
        ...

    def open_log(self) -> BinaryIO:
        """The log of a daemon in the background, to be appended to. Raises StateBroken, OSError."""
        ...


SendMessage = Callable[[str, str, str, float], bool]
"""Send to a receiver of `notify` a title and a text within seconds; whether it took them."""


@dataclass(frozen=True, kw_only=True)
class DaemonPorts:
    """All that a daemon needs once it is on duty."""

    clock: DaemonClock
    processes: ProcessTreePort
    folder: FolderPort
    state: DaemonStatePort
    send_message: SendMessage
