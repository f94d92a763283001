"""Why something that is supervised ended."""

from enum import StrEnum

from msgspec import Struct


class EndKind(StrEnum):
    """NORMAL had no more to do, SHUTDOWN was asked or gave up, KILLED did not end when asked."""

    NORMAL = "normal"
    SHUTDOWN = "shutdown"
    CRASHED = "crashed"
    KILLED = "killed"


class EndReason(Struct, frozen=True):
    """How it ended and why, in words for the founder."""

    how: EndKind
    why: str = ""

    @property
    def is_orderly(self) -> bool:
        """Whether a transient child stays down after it."""
        return self.how in {EndKind.NORMAL, EndKind.SHUTDOWN}


NORMAL = EndReason(EndKind.NORMAL)
SHUTDOWN = EndReason(EndKind.SHUTDOWN)
KILLED = EndReason(EndKind.KILLED)


def crash_reason(why: str) -> EndReason:
    """It ended by a fault of its own."""
    return EndReason(EndKind.CRASHED, why)
