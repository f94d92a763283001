"""What a supervisor wants done."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from agentco.supervision.end_reasons import EndReason


class SupervisorCall(StrEnum):
    """What others ask of a supervisor."""

    BOOT = "boot"
    ADD = "add"
    TERMINATE = "terminate"
    RESTART = "restart"
    DELETE = "delete"
    SHUTDOWN = "shutdown"


class CallResult(StrEnum):
    """What comes of a call.

    FAILED: a child did not start; PRESENT: there is one, which is down; ENDED: it came too late.
    """

    OK = "ok"
    NOT_FOUND = "not_found"
    UP = "running"
    RESTARTING = "restarting"
    PRESENT = "already_present"
    FAILED = "error"
    ENDED = "ended"


class StartChild(Struct, frozen=True, kw_only=True):
    """Start a child; `number` is that of this life, `call` what it answers, if anything."""

    id: str
    number: int
    call: SupervisorCall | None = None


class StopChild(Struct, frozen=True, kw_only=True):
    """Stop this life of a child, which has `shutdown` milliseconds to end when asked."""

    id: str
    number: int
    shutdown: int | None


class WaitToRestart(Struct, frozen=True, kw_only=True):
    """Let so many seconds pass before the next attempt; with 0, what was heard before goes first.

    One without a number stands for OTP's message to itself: the attempt is counted when its turn
    has come.
    """

    id: str
    number: int = 0
    seconds: float = 0
    why: str = ""


class CallReply(Struct, frozen=True, kw_only=True):
    """Answer the call; `why` a child did not start."""

    answer: CallResult
    why: str = ""


class EndSupervisor(Struct, frozen=True, kw_only=True):
    """No child is up, and the supervisor ends."""

    reason: EndReason


SlowOrder: TypeAlias = StartChild | StopChild
"""What takes its time: until it is done nothing else is heard."""
SupervisorOrder: TypeAlias = SlowOrder | WaitToRestart | CallReply | EndSupervisor
