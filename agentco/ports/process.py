"""Time, chance, and which processes drive runs."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> datetime:
        """The present moment, with its zone."""
        ...

    def random_fraction(self) -> float:
        """Somewhere from 0 to 1."""
        ...

    def new_name(self) -> str:
        """A short name that nobody has."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait."""
        ...


class MonotonicClock(Protocol):
    """Time that only goes forward, in seconds."""

    def monotonic(self) -> float:
        """Return the seconds since some moment."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait."""
        ...


class DriverPort(Protocol):
    """Which processes drive runs."""

    @property
    def mine(self) -> str:
        """The name under which this process drives."""
        ...

    def is_alive(self, name: str | None) -> bool:
        """Whether the process of that name still runs."""
        ...
