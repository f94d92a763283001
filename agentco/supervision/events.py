"""What a supervisor hears."""

from typing import TypeAlias

from msgspec import Struct

from agentco.supervision.child_specs import Spec
from agentco.supervision.end_reasons import Reason
from agentco.supervision.orders import Call, Slow, Start, Wait


class Asked(Struct, frozen=True, kw_only=True):
    """Somebody called; `id` is the child's, where it is about one."""

    call: Call
    id: str = ""


class Added(Struct, frozen=True, kw_only=True):
    """Somebody wants one more child."""

    spec: Spec


class Exited(Struct, frozen=True, kw_only=True):
    """A life of a child ended by itself."""

    id: str
    number: int
    reason: Reason


class Waited(Struct, frozen=True, kw_only=True):
    """The seconds of a Wait are over."""

    order: Wait


class Done(Struct, frozen=True, kw_only=True):
    """A child was started, or stopped."""

    order: Slow


class Failed(Struct, frozen=True, kw_only=True):
    """A child did not start."""

    order: Start
    why: str


Event: TypeAlias = Asked | Added | Exited | Waited | Done | Failed
