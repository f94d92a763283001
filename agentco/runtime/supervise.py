"""Carry out what a supervisor decides: start children, stop them, wait for their ends."""

from typing import Protocol

from agentco.supervision.reasons import Reason


class Child(Protocol):
    """One life of something supervised: a process, a task, another supervisor. A restart makes a new one."""

    async def start(self) -> None:
        """Return when it is up; raise when it cannot be."""
        ...

    async def wait(self) -> Reason:
        """Why it ended, once it has."""
        ...

    async def stop(self, ms: int | None) -> Reason:
        """Ask it to end, kill it after so many milliseconds (0: at once, None: never); why it ended, once it has.

        One that ended already is asked nothing. Nothing that it started is left.
        """
        ...

    def kill(self) -> None:
        """End it now, with all that it started, and do not wait."""
        ...
