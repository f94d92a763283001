"""What a supervisor hears."""

from typing import TypeAlias

from msgspec import Struct

from agentco.supervision.child_specs import ChildSpec
from agentco.supervision.end_reasons import EndReason
from agentco.supervision.orders import (
    SlowOrder,
    StartChild,
    SupervisorCall,
    WaitToRestart,
)


class CallReceived(Struct, frozen=True, kw_only=True):
    """Somebody called; `id` is the child's, where it is about one."""

    call: SupervisorCall
    id: str = ""


class ChildRequested(Struct, frozen=True, kw_only=True):
    """Somebody wants one more child."""

    spec: ChildSpec


class ChildExited(Struct, frozen=True, kw_only=True):
    """A life of a child ended by itself."""

    id: str
    number: int
    reason: EndReason


class WaitEnded(Struct, frozen=True, kw_only=True):
    """The seconds of a wait are over."""

    order: WaitToRestart


class OrderDone(Struct, frozen=True, kw_only=True):
    """A child was started, or stopped."""

    order: SlowOrder


class StartFailed(Struct, frozen=True, kw_only=True):
    """A child did not start."""

    order: StartChild
    why: str


SupervisorEvent: TypeAlias = (
    CallReceived | ChildRequested | ChildExited | WaitEnded | OrderDone | StartFailed
)
