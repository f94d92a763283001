"""The one ruling on every effect: what happens by itself, what waits for the founder, what never does."""

from msgspec import Struct

from agentco.company.records import Permissions
from agentco.rules.permissions import Ruling, RulingDetails, ToolUse, check_permission
from agentco.runs import actions, effects

HALT, TRUST, CHAIN, REVIEWS, RESTRICTED = (
    "halt",
    "trust",
    "chain",
    "reviews",
    "restricted",
)
PROPOSAL = "proposal"
"""What is parked under this rule holds no run back."""
READING_TOOLS = frozenset({"Read", "Search", "Skill", "Gather"})
READ_OPERATIONS = frozenset(
    {
        *(
            act
            for act in actions.MemoryAct
            if act.partition("_")[0] in {"read", "search", "open"}
        ),
        "show",
    }
)
"""The operations of memory and board that change nothing."""


class RulingContext(Struct, frozen=True, kw_only=True):
    """What a ruling depends on. `halted`, `restricted`, `untrusted` and `refused` say why; empty when it is not so.

    `refused` is why nobody else may be called, `holds` what keeps a draft back; a `reviewer` only reads,
    and so does the improver.
    """

    halted: str = ""
    restricted: str = ""
    untrusted: str = ""
    rules: Permissions = Permissions()
    own: Permissions = Permissions()
    action: actions.AnyAction | actions.MisreadCall | None = None
    ignored: bool = False
    reviewer: bool = False
    refused: str = ""
    holds: tuple[str, ...] = ()
    approved: bool = False


def rule(effect: effects.AnyEffect, context: RulingContext) -> RulingDetails:
    """Whether an effect may happen now. A founder's approval lifts an ASK, never a DENY."""
    if context.halted:
        return RulingDetails(ruling=Ruling.DENY, rule=HALT, why=context.halted)
    if context.restricted and changes_something(effect, context.action):
        why = f"it is restricted to reading until the founder lifts it: {context.restricted}"
        return RulingDetails(ruling=Ruling.DENY, rule=RESTRICTED, why=why)
    ruled = ruling_by_effect(effect, context)
    if ruled.ruling is Ruling.ASK and context.approved:
        return RulingDetails(
            ruling=Ruling.ALLOW, rule=ruled.rule, why="the founder approved it"
        )
    return ruled


def changes_something(
    effect: effects.AnyEffect, action: actions.AnyAction | actions.MisreadCall | None
) -> bool:
    """Whether a department would change something, or have others do so; reading and asking the founder is neither."""
    if (
        not isinstance(effect, effects.UseTool)
        or action is None
        or isinstance(action, actions.MisreadCall)
    ):
        return isinstance(effect, effects.DelegateWork | effects.ProposeImprovement)
    tool, on = actions.tool_and_target(action)
    return tool not in READING_TOOLS and not (
        tool in {"Memory", "Board"} and on in READ_OPERATIONS
    )


def denied_by_permission(ruled: RulingDetails) -> bool:
    """Whether a permission denies it, the founder's or one that is built in, and not how things stand just now."""
    return ruled.ruling is Ruling.DENY and ruled.rule not in {
        HALT,
        TRUST,
        CHAIN,
        REVIEWS,
        RESTRICTED,
    }


def ruling_by_effect(  # noqa: PLR0911, PLR0912, C901  one for each effect
    effect: effects.AnyEffect, context: RulingContext
) -> RulingDetails:
    """The ruling while nothing is halted or restricted."""
    match effect:
        case effects.AskModel() if context.untrusted:
            return RulingDetails(ruling=Ruling.DENY, rule=TRUST, why=context.untrusted)
        case effects.Deliver() if context.holds:
            why = f"held back by {', '.join(context.holds)}"
            return RulingDetails(ruling=Ruling.DENY, rule=REVIEWS, why=why)
        case effect if isinstance(effect, effects.ChildEffect) and context.refused:
            return RulingDetails(ruling=Ruling.DENY, rule=CHAIN, why=context.refused)
        case effects.UseTool() if isinstance(
            context.action, actions.Gather | actions.Delegate | actions.Improve
        ):
            return RulingDetails(
                ruling=Ruling.DENY,
                rule=CHAIN,
                why="this work has started as many others as it may",
            )
        case effects.OweReview():
            return RulingDetails(
                ruling=Ruling.ASK,
                rule=REVIEWS,
                why=f"{effect.why}: only the founder can waive it",
            )
        case effects.CarryOutProposal():
            return RulingDetails(
                ruling=Ruling.ASK, rule=PROPOSAL, why="an agent may only propose it"
            )
        case effects.AskFounder():
            return RulingDetails(
                ruling=Ruling.ASK, rule="question", why="only the founder can answer"
            )
        case effects.UseTool() if context.action is not None and not isinstance(
            context.action, actions.MisreadCall
        ):
            tool, on = actions.tool_and_target(context.action)
            if context.reviewer and changes_something(effect, context.action):
                return RulingDetails(
                    ruling=Ruling.DENY, rule=REVIEWS, why="this work only reads"
                )
            return check_permission(
                ToolUse(tool=tool, specifier=on, ignored=context.ignored),
                context.rules,
                context.own,
            )
        case effects.UseTool():
            return RulingDetails(
                ruling=Ruling.ALLOW,
                rule="misread",
                why="nothing is done but to say what is wrong",
            )
        case effects.StartTask():
            return check_permission(ToolUse(tool="Gather"), context.rules, context.own)
        case effects.ProposeImprovement():
            return check_permission(ToolUse(tool="Improve"), context.rules, context.own)
        case effects.DelegateWork():
            return check_permission(
                ToolUse(tool="Delegate", specifier=effect.agent),
                context.rules,
                context.own,
            )
        case _:
            return RulingDetails(
                ruling=Ruling.ALLOW, rule="built in", why="it stays inside the company"
            )
