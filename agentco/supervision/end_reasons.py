"""Why something that is supervised ended."""

from enum import StrEnum

from msgspec import Struct


class How(StrEnum):
    """NORMAL had nothing left to do, SHUTDOWN was asked to end or gave up, KILLED did not end when asked."""

    NORMAL = "normal"
    SHUTDOWN = "shutdown"
    CRASHED = "crashed"
    KILLED = "killed"


class Reason(Struct, frozen=True):
    """How it ended and why, in words for the founder."""

    how: How
    why: str = ""

    @property
    def orderly(self) -> bool:
        """Whether a transient child stays down after it."""
        return self.how in {How.NORMAL, How.SHUTDOWN}


NORMAL, SHUTDOWN, KILLED = Reason(How.NORMAL), Reason(How.SHUTDOWN), Reason(How.KILLED)


def crashed(why: str) -> Reason:
    """It ended by a fault of its own."""
    return Reason(How.CRASHED, why)
