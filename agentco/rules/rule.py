"""The one ruling on every effect: it happens, it waits for the founder, or it never does."""

from msgspec import Struct

from agentco.company.records import Permissions
from agentco.permissions.acts import ToolUse
from agentco.permissions.ruling import Ruling, RulingDetails, check_permission
from agentco.rules.outside import is_draft, is_kept_apart
from agentco.runs import actions, effects
from agentco.runs.actions import name_of, tool_of
from agentco.runs.board_changes import ruled_operations
from agentco.runs.tool_calls import MisreadCall, tool_and_target

HALT = "halt"
TRUST = "trust"
CHAIN = "chain"
REVIEWS = "reviews"
RESTRICTED = "restricted"
OUTSIDE = "outside"
"""Under which a run waits that was told what the founder did not write."""
_CHANGING_ORDERS = (
    effects.DelegateWork | effects.ProposeImprovement | effects.SaveDeliverable
)

MAX_DIFF_CHARS = 60_000
PROPOSAL = "proposal"
"""What is parked under this rule holds no run back."""
PASSING_RULES = frozenset({HALT, TRUST, CHAIN, REVIEWS, RESTRICTED})
"""What denies as things stand just now, and is no permission."""


class RulingContext(Struct, frozen=True, kw_only=True):
    """What a ruling depends on; `image` is what a file becomes, what is `impossible` is only told.

    `halted`, `restricted`, `untrusted` and `refused` say why; empty when it is not so. `refused` is
    why nobody else may be called, `holds` what keeps a draft back; a `reviewer` only reads, and so
    does the improver. `outside` is what the run was told that the founder did not write, `strange`
    the addresses in what it would write now that the founder did not give.
    """

    halted: str = ""
    restricted: str = ""
    untrusted: str = ""
    rules: Permissions = Permissions()
    own: Permissions = Permissions()
    action: actions.Action | MisreadCall | None = None
    image: effects.FileImage | None = None
    impossible: bool = False
    ignored: bool = False
    reviewer: bool = False
    refused: str = ""
    holds: tuple[str, ...] = ()
    outside: str = ""
    strange: tuple[str, ...] = ()
    approved: bool = False

    def check_use(self, tool: str, target: str = "") -> RulingDetails:
        """The ruling of the permissions on a tool and what it acts on."""
        use = ToolUse(
            tool=tool,
            specifier=target,
            ignored=self.ignored,
            executable=self.image is not None and self.image.executable,
        )
        return check_permission(use, self.rules, self.own)


def rule(effect: effects.AnyEffect, context: RulingContext) -> RulingDetails:
    """Whether an effect may happen now. A founder's approval lifts an ASK, never a DENY."""
    if context.halted:
        return deny(HALT, context.halted)
    if context.restricted and changes_something(effect, context.action):
        why = f"it is restricted to reading until the founder lifts it: {context.restricted}"
        return deny(RESTRICTED, why)
    ruling = ruling_by_effect(effect, context)
    if ruling.ruling is Ruling.ASK and context.approved:
        return allow(ruling.rule, "the founder approved it")
    return ruling


def deny(rule: str, why: str) -> RulingDetails:
    """It never happens as things stand."""
    return RulingDetails(ruling=Ruling.DENY, rule=rule, why=why)


def ask(rule: str, why: str) -> RulingDetails:
    """It waits for the founder."""
    return RulingDetails(ruling=Ruling.ASK, rule=rule, why=why)


def allow(rule: str, why: str) -> RulingDetails:
    """It happens by itself."""
    return RulingDetails(ruling=Ruling.ALLOW, rule=rule, why=why)


def changes_something(
    effect: effects.AnyEffect, action: actions.Action | MisreadCall | None
) -> bool:
    """Whether a department would change something, or have others do so.

    Reading and asking the founder is neither.
    """
    if isinstance(effect, _CHANGING_ORDERS):
        return True
    if not isinstance(effect, effects.UseTool) or action is None:
        return False
    if isinstance(action, MisreadCall):
        return False
    _, target = tool_and_target(action)
    return tool_of(action).is_change(target)


def denied_by_permission(ruling: RulingDetails) -> bool:
    """Whether a permission denies it, the founder's or one that is built in."""
    return ruling.ruling is Ruling.DENY and ruling.rule not in PASSING_RULES


def ruling_by_effect(  # noqa: PLR0911, C901  one for each effect
    effect: effects.AnyEffect, context: RulingContext
) -> RulingDetails:
    """The ruling while nothing is halted or restricted."""
    match effect:
        case effects.AskModel() if context.untrusted:
            return deny(TRUST, context.untrusted)
        case effects.Deliver() if context.holds:
            return deny(REVIEWS, f"held back by {', '.join(context.holds)}")
        case effect if isinstance(effect, effects.ChildEffect) and context.refused:
            return deny(CHAIN, context.refused)
        case effects.UseTool():
            return ruling_on_tool(effect, context)
        case effects.SaveDeliverable(path=path):
            path = context.image.file if context.image else path
            ruling = context.check_use(name_of(actions.Edit), path)
            ruling = ruling_on_outside(ruling, context, is_apart=is_draft(path))
            return ruling_on_asked(ruling, context)
        case effects.CarryOutProposal():
            return ask(PROPOSAL, "an agent may only propose it")
        case effects.OweReview():
            return ask(REVIEWS, f"{effect.why}: only the founder can waive it")
        case effects.AskFounder():
            return ask("question", "only the founder can answer")
        case effects.StartTask():
            return context.check_use(name_of(actions.Gather))
        case effects.ProposeImprovement():
            return context.check_use(name_of(actions.Improve))
        case effects.DelegateWork():
            return context.check_use(name_of(actions.Delegate), effect.agent)
        case _:
            return allow("built in", "it stays inside the company")


def ruling_on_tool(effect: effects.UseTool, context: RulingContext) -> RulingDetails:
    """The ruling on a call of a tool."""
    match context.action:
        case None | MisreadCall():
            return allow("misread", "nothing is done but to say what is wrong")
        case actions.Gather() | actions.Delegate() | actions.Improve():
            return deny(CHAIN, "this work has started as many others as allowed")
        case action:
            if context.reviewer and changes_something(effect, action):
                return deny(REVIEWS, "this work only reads")
            _, target = tool_and_target(action)
            is_apart = is_kept_apart(action, target)
            is_apart = is_apart or not changes_something(effect, action)
            ruling = strictest_ruling(action, context)
            ruling = ruling_on_outside(ruling, context, is_apart=is_apart)
            return ruling_on_asked(ruling, context)


def strictest_ruling(action: actions.Action, context: RulingContext) -> RulingDetails:
    """The strictest of the rulings on all that a call does, the first of them."""
    tool, target = tool_and_target(action)
    targets = [target]
    if isinstance(action, actions.Board):
        targets = [*ruled_operations(action)]
    targets += context.image.ruled_as if context.image else ()
    rulings = [context.check_use(tool, target) for target in targets]
    strictness = list(Ruling)
    return min(rulings, key=lambda details: strictness.index(details.ruling))


def ruling_on_outside(
    ruling: RulingDetails, context: RulingContext, *, is_apart: bool
) -> RulingDetails:
    """A ruling on what a run does that was told something from outside.

    What it changes waits for the founder unless that `is_apart`, and so does a way out.
    """
    if not context.outside or ruling.ruling is not Ruling.ALLOW:
        return ruling
    if context.strange:
        return ask(OUTSIDE, f"it would link to {context.strange[0]}, read from outside")
    if is_apart:
        return ruling
    return ask(OUTSIDE, f"this run read {context.outside}, which you did not write")


def ruling_on_asked(ruling: RulingDetails, context: RulingContext) -> RulingDetails:
    """A ruling on a call, where the founder is asked only for what can be done and be shown."""
    if ruling.ruling is not Ruling.ASK:
        return ruling
    if context.impossible:
        return allow("impossible", "nothing is done but to say why it is not")
    if context.image and context.image.changes_nothing:
        return allow("nothing", "nothing is done: it is so already")
    if context.image and len(context.image.diff) > MAX_DIFF_CHARS:
        return deny(REVIEWS, "it is more than the founder can be shown at once")
    return ruling
