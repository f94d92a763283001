"""The one ruling on every effect: what happens by itself, what waits for the founder, what never does."""

from msgspec import Struct

from agentco.company.records import Permissions
from agentco.governance.permissions import Ruled, Ruling, Use, permitted
from agentco.work.actions import Doable, Misread, use_of
from agentco.work.effects import AskFounder, AskModel, StartTask, UseTool, Wanted

HALT, TRUST = "halt", "trust"


class Context(Struct, frozen=True, kw_only=True):
    """What a ruling depends on. `halted` and `untrusted` say why; empty when it is not so."""

    halted: str = ""
    untrusted: str = ""
    rules: Permissions = Permissions()
    own: Permissions = Permissions()
    action: Doable | Misread | None = None
    ignored: bool = False
    approved: bool = False


def rule(effect: Wanted, context: Context) -> Ruled:
    """Whether an effect may happen now. A founder's approval lifts an ASK, never a DENY."""
    if context.halted:
        return Ruled(ruling=Ruling.DENY, rule=HALT, why=context.halted)
    ruled = unhalted(effect, context)
    if ruled.ruling is Ruling.ASK and context.approved:
        return Ruled(ruling=Ruling.ALLOW, rule=ruled.rule, why="the founder approved it")
    return ruled


def unhalted(effect: Wanted, context: Context) -> Ruled:
    """The ruling while nothing is halted."""
    match effect:
        case AskModel() if context.untrusted:
            return Ruled(ruling=Ruling.DENY, rule=TRUST, why=context.untrusted)
        case AskFounder():
            return Ruled(ruling=Ruling.ASK, rule="question", why="only the founder can answer")
        case UseTool() if context.action is not None and not isinstance(context.action, Misread):
            tool, on = use_of(context.action)
            return permitted(Use(tool=tool, specifier=on, ignored=context.ignored), context.rules, context.own)
        case UseTool():
            return Ruled(ruling=Ruling.ALLOW, rule="misread", why="nothing is done but to say what is wrong")
        case StartTask():
            return permitted(Use(tool="Gather"), context.rules, context.own)
        case _:
            return Ruled(ruling=Ruling.ALLOW, rule="built in", why="it stays inside the company")
