"""What a supervisor wants done."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from agentco.supervision.end_reasons import Reason


class Call(StrEnum):
    """What others ask of a supervisor."""

    BOOT = "boot"
    ADD = "add"
    TERMINATE = "terminate"
    RESTART = "restart"
    DELETE = "delete"
    SHUTDOWN = "shutdown"


class Answer(StrEnum):
    """What comes of a call. FAILED: a child did not start; PRESENT: there is one, which is down; ENDED: too late."""

    OK = "ok"
    NOT_FOUND = "not_found"
    UP = "running"
    RESTARTING = "restarting"
    PRESENT = "already_present"
    FAILED = "error"
    ENDED = "ended"


class Start(Struct, frozen=True, kw_only=True):
    """Start a child; `number` is that of this life, `call` what it answers, if anything."""

    id: str
    number: int
    call: Call | None = None


class Stop(Struct, frozen=True, kw_only=True):
    """Stop this life of a child, which has `shutdown` milliseconds to end when asked."""

    id: str
    number: int
    shutdown: int | None


class Wait(Struct, frozen=True, kw_only=True):
    """Let so many seconds pass before the next attempt; with none, only what was heard before goes first.

    One without a number stands for OTP's message to itself: the attempt is counted when its turn has come.
    """

    id: str
    number: int = 0
    seconds: float = 0
    why: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """Answer the call; `why` a child did not start."""

    answer: Answer
    why: str = ""


class End(Struct, frozen=True, kw_only=True):
    """No child is up, and the supervisor ends."""

    reason: Reason


Slow: TypeAlias = Start | Stop
"""What takes its time: until it is done nothing else is heard."""
Order: TypeAlias = Slow | Wait | Reply | End
