"""Who is started, stopped or given up when children end: the rules of Erlang/OTP's supervisor.

One child is started or stopped at a time. While that is under way, only what comes of it is an
event; the caller keeps what else happens meanwhile and tells it afterwards, in order.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias, TypeGuard, assert_never

from msgspec import Struct
from msgspec.structs import replace

from agentco.supervision.child_specs import (
    AutoShutdown,
    ChildSpec,
    Policy,
    RestartRule,
    Strategy,
)
from agentco.supervision.end_reasons import SHUTDOWN, EndKind, EndReason, crash_reason
from agentco.supervision.events import (
    CallReceived,
    ChildExited,
    ChildRequested,
    OrderDone,
    StartFailed,
    SupervisorEvent,
    WaitEnded,
)
from agentco.supervision.orders import (
    CallReply,
    CallResult,
    EndSupervisor,
    SlowOrder,
    StartChild,
    StopChild,
    SupervisorCall,
    SupervisorOrder,
    WaitToRestart,
)

OK_REPLY = CallReply(answer=CallResult.OK)


class ChildState(StrEnum):
    """How a child stands. RESTARTING is between two attempts."""

    UP = "up"
    DOWN = "down"
    RESTARTING = "restarting"


class TreeMember(Struct, frozen=True, kw_only=True):
    """A child, and the number of its life, or of its wait."""

    spec: ChildSpec
    standing: ChildState = ChildState.DOWN
    number: int = 0


class SupervisorTree(Struct, frozen=True, kw_only=True):
    """A supervisor's children by id in the order of their start, and its plan.

    The first order of the plan is under way.
    """

    policy: Policy
    members: dict[str, TreeMember]
    attempts: tuple[int, ...] = ()
    plan: Sequence[SupervisorOrder] = ()
    number: int = 0
    over: bool = False


NextTree: TypeAlias = tuple[SupervisorTree, Sequence[SupervisorOrder]]
Members: TypeAlias = Sequence[TreeMember]


def new_tree(policy: Policy, specs: Sequence[ChildSpec]) -> SupervisorTree:
    """A supervisor before its boot. Raises ValueError for children that cannot be together."""
    members = {spec.id: TreeMember(spec=spec) for spec in specs}
    if len(members) < len(specs):
        raise ValueError("two children have the same id")
    refusals = "; ".join(filter(None, map(policy.why_refused, specs)))
    if refusals:
        raise ValueError(refusals)
    return SupervisorTree(policy=policy, members=members)


def advance_tree(tree: SupervisorTree, event: SupervisorEvent, now: float) -> NextTree:
    """The tree after an event at `now` seconds, and the orders.

    What nobody waits for changes nothing.
    """
    done = event.order if isinstance(event, OrderDone | StartFailed) else None
    under_way = tree.plan[0] if tree.plan else None
    if tree.over or done != under_way:
        return tree, ()
    tree = plan_after_event(tree, event, now)
    return next_orders(tree) if tree.plan else (tree, ())


def plan_after_event(
    tree: SupervisorTree, event: SupervisorEvent, now: float
) -> SupervisorTree:
    """The tree with what an event makes of its plan."""
    match event:
        case CallReceived(call=call, id=name):
            return plan_call(tree, call, name)
        case ChildRequested(spec=spec):
            return plan_added_child(tree, spec)
        case ChildExited():
            return plan_after_exit(tree, event, now)
        case WaitEnded(order=wait):
            return resume_after_wait(tree, wait, now)
        case OrderDone(order=order):
            return settle_order(tree, order)
        case StartFailed(order=order, why=why):
            return plan_after_failure(tree, order, f"{order.id!r} did not start: {why}")
        case _:
            assert_never(event)


def settle_order(tree: SupervisorTree, order: SlowOrder) -> SupervisorTree:
    """The tree after a child was started or stopped."""
    standing = ChildState.UP if isinstance(order, StartChild) else ChildState.DOWN
    rest = tree.plan[1:]
    return replace(set_child_state(tree, order.id, standing, order.number), plan=rest)


def next_orders(tree: SupervisorTree) -> NextTree:
    """The orders up to the next that takes its time, that one included."""
    orders: list[SupervisorOrder] = []
    for order in tree.plan:
        orders.append(order)
        if isinstance(order, StartChild | StopChild):
            left = tree.plan[len(orders) - 1 :]
            return replace(tree, plan=left), orders
    over = any(isinstance(order, EndSupervisor) for order in orders)
    return replace(tree, plan=(), over=over), orders


def plan_orders(
    tree: SupervisorTree,
    *,
    down: Members = (),
    up: Members = (),
    call: SupervisorCall | None = None,
    then: Sequence[SupervisorOrder] = (),
) -> SupervisorTree:
    """Stop some in reverse, start some in order, each for a new life, and then the rest."""
    up_members = [member for member in down if member.standing is ChildState.UP]
    orders: list[SupervisorOrder] = [*map(stop_order, reversed(up_members))]
    for member in down:
        if member.standing is ChildState.RESTARTING:
            tree = set_child_state(tree, member.spec.id, ChildState.DOWN)
    number = tree.number
    for member in up:
        number += 1
        orders.append(StartChild(id=member.spec.id, number=number, call=call))
    return replace(tree, plan=(*orders, *then), number=number)


def stop_order(member: TreeMember) -> StopChild:
    """The order to stop the life of a child."""
    spec = member.spec
    return StopChild(id=spec.id, number=member.number, shutdown=spec.shutdown)


def plan_call(tree: SupervisorTree, call: SupervisorCall, name: str) -> SupervisorTree:
    """What a call comes to. One that asks for what cannot be changes nothing."""
    if call is SupervisorCall.BOOT:
        return plan_orders(tree, up=all_members(tree), call=call, then=[OK_REPLY])
    if call is SupervisorCall.SHUTDOWN:
        return plan_shutdown(tree, SHUTDOWN)
    member = tree.members.get(name)
    if member is None:
        return plan_reply(tree, CallResult.NOT_FOUND)
    return plan_child_call(tree, call, member)


def plan_child_call(
    tree: SupervisorTree, call: SupervisorCall, member: TreeMember
) -> SupervisorTree:
    """What a call about a child comes to."""
    if call is SupervisorCall.TERMINATE:
        return plan_orders(tree, down=[member], then=[OK_REPLY])
    if member.standing is not ChildState.DOWN:
        return plan_reply(tree, CallResult[member.standing.name])
    if call is SupervisorCall.RESTART:
        return plan_orders(tree, up=[member], call=call, then=[OK_REPLY])
    return plan_reply(forget_child(tree, member.spec.id), CallResult.OK)


def plan_reply(
    tree: SupervisorTree, result: CallResult, why: str = ""
) -> SupervisorTree:
    """The tree that only answers a call."""
    return plan_orders(tree, then=[CallReply(answer=result, why=why)])


def plan_added_child(tree: SupervisorTree, spec: ChildSpec) -> SupervisorTree:
    """One more child, after the others."""
    present = tree.members.get(spec.id)
    if present and present.standing is ChildState.DOWN:
        return plan_reply(tree, CallResult.PRESENT)
    if present:
        return plan_reply(tree, CallResult[present.standing.name])
    refusal = tree.policy.why_refused(spec)
    if refusal:
        return plan_reply(tree, CallResult.FAILED, refusal)
    member = TreeMember(spec=spec)
    tree = replace(tree, members={**tree.members, spec.id: member})
    return plan_orders(tree, up=[member], call=SupervisorCall.ADD, then=[OK_REPLY])


def plan_after_exit(
    tree: SupervisorTree, event: ChildExited, now: float
) -> SupervisorTree:
    """A child ended by itself: it is tried again, or left, or was the last that mattered."""
    member = tree.members.get(event.id)
    if not is_in_state(member, ChildState.UP, event.number):
        return tree
    spec = member.spec
    tree = set_child_state(tree, event.id, ChildState.DOWN)
    why = f"{event.id!r} ended: {event.reason.why or event.reason.how}"
    crashed = spec.restart is RestartRule.TRANSIENT and not event.reason.is_orderly
    if crashed or spec.restart is RestartRule.PERMANENT:
        return attempt_restart(tree, event.id, now, why)
    if spec.significant and shuts_down_without(tree):
        return plan_shutdown(tree, EndReason(EndKind.SHUTDOWN, why))
    return tree


def is_in_state(
    member: TreeMember | None, standing: ChildState, number: int
) -> TypeGuard[TreeMember]:
    """Whether a child is there, stands so, and is in this life or wait."""
    if member is None:
        return False
    return member.standing is standing and member.number == number


def shuts_down_without(tree: SupervisorTree) -> bool:
    """Whether the supervisor ends now that a significant child ended by itself."""
    if tree.policy.auto_shutdown is AutoShutdown.ANY_SIGNIFICANT:
        return True
    return not any(
        member.spec.significant and member.standing is not ChildState.DOWN
        for member in tree.members.values()
    )


def attempt_restart(
    tree: SupervisorTree, name: str, now: float, why: str
) -> SupervisorTree:
    """One more attempt: at once, after a wait, or never, when there were too many."""
    policy = tree.policy
    attempts = policy.recent_attempts(tree.attempts, now)
    tree = replace(tree, attempts=attempts)
    if len(attempts) > policy.intensity:
        limit = f"more than {policy.intensity} restarts in {policy.period} s"
        reason = EndReason(EndKind.SHUTDOWN, f"{limit}, {why}")
        return plan_shutdown(set_child_state(tree, name, ChildState.DOWN), reason)
    seconds = policy.restart_delay(len(attempts))
    if not seconds:
        return plan_restart(tree, name)
    number = tree.number + 1
    wait = WaitToRestart(id=name, number=number, seconds=seconds)
    return wait_to_restart(replace(tree, number=number), wait)


def resume_after_wait(
    tree: SupervisorTree, wait: WaitToRestart, now: float
) -> SupervisorTree:
    """The child's turn has come, unless somebody took it meanwhile."""
    member = tree.members.get(wait.id)
    if not is_in_state(member, ChildState.RESTARTING, wait.number):
        return tree
    if wait.number:
        return plan_restart(tree, wait.id)
    return attempt_restart(tree, wait.id, now, wait.why)


def plan_restart(tree: SupervisorTree, name: str) -> SupervisorTree:
    """A child is started again, and with it those that the strategy names."""
    members = all_members(tree)
    place = [*tree.members].index(name)
    match tree.policy.strategy:
        case Strategy.ONE_FOR_ONE:
            members = members[place : place + 1]
        case Strategy.ONE_FOR_ALL:
            pass
        case Strategy.REST_FOR_ONE:
            members = members[place:]
    lasting = [
        member for member in members if member.spec.restart is not RestartRule.TEMPORARY
    ]
    return plan_orders(tree, down=members, up=lasting)


def plan_after_failure(
    tree: SupervisorTree, order: StartChild, why: str
) -> SupervisorTree:
    """A child did not start: a restart is tried again, a boot is over, other calls answered."""
    failed = CallReply(answer=CallResult.FAILED, why=why)
    match order.call:
        case None:
            return wait_to_restart(tree, WaitToRestart(id=order.id, why=why))
        case SupervisorCall.BOOT:
            return plan_shutdown(tree, crash_reason(why), failed)
        case SupervisorCall.ADD:
            return plan_orders(forget_child(tree, order.id), then=[failed])
        case _:
            return plan_orders(tree, then=[failed])


def wait_to_restart(tree: SupervisorTree, wait: WaitToRestart) -> SupervisorTree:
    """A child is between two attempts."""
    tree = set_child_state(tree, wait.id, ChildState.RESTARTING, wait.number)
    return replace(tree, plan=[wait])


def plan_shutdown(
    tree: SupervisorTree, reason: EndReason, *replies: CallReply
) -> SupervisorTree:
    """Everything is stopped in reverse, and the supervisor ends."""
    last = [*replies, EndSupervisor(reason=reason)]
    return plan_orders(tree, down=all_members(tree), then=last)


def all_members(tree: SupervisorTree) -> Members:
    """The children in the order of their start."""
    return [*tree.members.values()]


def set_child_state(
    tree: SupervisorTree, name: str, standing: ChildState, number: int = 0
) -> SupervisorTree:
    """The tree with a child as it stands now; a temporary one that is down is forgotten."""
    spec = tree.members[name].spec
    if standing is ChildState.DOWN and spec.restart is RestartRule.TEMPORARY:
        return forget_child(tree, name)
    member = TreeMember(spec=spec, standing=standing, number=number)
    return replace(tree, members={**tree.members, name: member})


def forget_child(tree: SupervisorTree, name: str) -> SupervisorTree:
    """The tree without a child."""
    members = dict(tree.members)
    members.pop(name, None)
    return replace(tree, members=members)
