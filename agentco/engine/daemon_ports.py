"""What the daemon needs of its machine beside an office; adapters provide it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from msgspec import Struct


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
