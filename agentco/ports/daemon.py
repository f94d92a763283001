"""What the daemon needs of its machine beside an office; adapters provide it."""

from collections.abc import Callable, Collection, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from msgspec import Struct

from agentco.ports.process import Clock, MonotonicClock


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

        Raises Locked, naming who is, for a second one, and unless told to for another machine
        or another folder.
        """
        ...

    def open_log(self) -> BinaryIO:
        """The log of a daemon in the background, to be appended to. Raises StateBroken, OSError."""
        ...


SendMessage = Callable[[str, str, str, float], bool]
"""Send to a receiver of `notify` a title and a text within seconds; whether it took them."""


@dataclass(frozen=True, kw_only=True)
class DaemonPorts:
    """All that a daemon needs once it is on duty, beside its office.

    `change_marks` gives what differs once a file of the company, or the trust, has changed;
    `trim_log` keeps the log of a daemon in the background in bounds.
    """

    clock: DaemonClock
    processes: ProcessTreePort
    change_marks: Callable[[], Hashable]
    trim_log: Callable[[], None]
    send_message: SendMessage
