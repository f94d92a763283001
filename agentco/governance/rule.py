"""The one ruling on every effect: what happens by itself, what waits for the founder, what never does."""

from msgspec import Struct

from agentco.company.records import Permissions
from agentco.governance.permissions import Ruled, Ruling, Use, permitted
from agentco.work import actions, effects

HALT, TRUST = "halt", "trust"


class Context(Struct, frozen=True, kw_only=True):
    """What a ruling depends on. `halted` and `untrusted` say why; empty when it is not so."""

    halted: str = ""
    untrusted: str = ""
    rules: Permissions = Permissions()
    own: Permissions = Permissions()
    action: actions.Doable | actions.Misread | None = None
    ignored: bool = False
    approved: bool = False


def rule(effect: effects.Wanted, context: Context) -> Ruled:
    """Whether an effect may happen now. A founder's approval lifts an ASK, never a DENY."""
    if context.halted:
        return Ruled(ruling=Ruling.DENY, rule=HALT, why=context.halted)
    ruled = unhalted(effect, context)
    if ruled.ruling is Ruling.ASK and context.approved:
        return Ruled(ruling=Ruling.ALLOW, rule=ruled.rule, why="the founder approved it")
    return ruled


def unhalted(effect: effects.Wanted, context: Context) -> Ruled:
    """The ruling while nothing is halted."""
    match effect:
        case effects.AskModel() if context.untrusted:
            return Ruled(ruling=Ruling.DENY, rule=TRUST, why=context.untrusted)
        case effects.AskFounder():
            return Ruled(ruling=Ruling.ASK, rule="question", why="only the founder can answer")
        case effects.UseTool() if context.action is not None and not isinstance(context.action, actions.Misread):
            tool, on = actions.use_of(context.action)
            return permitted(Use(tool=tool, specifier=on, ignored=context.ignored), context.rules, context.own)
        case effects.UseTool():
            return Ruled(ruling=Ruling.ALLOW, rule="misread", why="nothing is done but to say what is wrong")
        case effects.StartTask():
            return permitted(Use(tool="Gather"), context.rules, context.own)
        case _:
            return Ruled(ruling=Ruling.ALLOW, rule="built in", why="it stays inside the company")
