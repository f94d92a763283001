"""Who is started, stopped or given up when children end: the rules of Erlang/OTP's supervisor, and no act.

One child is started or stopped at a time. While that is under way, only what comes of it is an event; what else
happens meanwhile is kept by the caller and told afterwards, in order.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias, assert_never

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
    """A supervisor's children by id in the order of their start, and what is to be done, the first under way."""

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
    tree = SupervisorTree(
        policy=policy, members={spec.id: TreeMember(spec=spec) for spec in specs}
    )
    if len(tree.members) < len(specs):
        raise ValueError("two children have the same id")
    if refused := "; ".join(filter(None, map(policy.why_refused, specs))):
        raise ValueError(refused)
    return tree


def advance_tree(tree: SupervisorTree, event: SupervisorEvent, now: float) -> NextTree:
    """The tree after an event at `now` seconds, and the orders. What nobody waits for changes nothing."""
    done = event.order if isinstance(event, OrderDone | StartFailed) else None
    if tree.over or done != (tree.plan[0] if tree.plan else None):
        return tree, ()
    match event:
        case CallReceived(call=call, id=name):
            tree = plan_call(tree, call, name)
        case ChildRequested(spec=spec):
            tree = plan_added_child(tree, spec)
        case ChildExited():
            tree = plan_after_exit(tree, event, now)
        case WaitEnded(order=wait):
            tree = resume_after_wait(tree, wait, now)
        case OrderDone(order=order):
            standing = (
                ChildState.UP if isinstance(order, StartChild) else ChildState.DOWN
            )
            tree = replace(
                set_child_state(tree, order.id, standing, order.number),
                plan=tree.plan[1:],
            )
        case StartFailed(order=order, why=why):
            tree = plan_after_failure(tree, order, f"{order.id!r} did not start: {why}")
        case _:
            assert_never(event)
    return next_orders(tree) if tree.plan else (tree, ())


def next_orders(tree: SupervisorTree) -> NextTree:
    """The orders up to the next that takes its time."""
    at = next(
        (
            i
            for i, order in enumerate(tree.plan)
            if isinstance(order, StartChild | StopChild)
        ),
        len(tree.plan),
    )
    over = any(isinstance(order, EndSupervisor) for order in tree.plan[:at])
    return replace(tree, plan=tree.plan[at:], over=over), tree.plan[: at + 1]


def plan_orders(
    tree: SupervisorTree,
    *,
    down: Members = (),
    up: Members = (),
    call: SupervisorCall | None = None,
    then: Sequence[SupervisorOrder] = (),
) -> SupervisorTree:
    """Stop some in reverse, start some in order, each for a new life, and then the rest."""
    for member in down:
        if member.standing is ChildState.RESTARTING:
            tree = set_child_state(tree, member.spec.id, ChildState.DOWN)
    stops = [
        StopChild(id=m.spec.id, number=m.number, shutdown=m.spec.shutdown)
        for m in reversed(down)
        if m.standing is ChildState.UP
    ]
    starts = [
        StartChild(id=m.spec.id, number=number, call=call)
        for number, m in enumerate(up, tree.number + 1)
    ]
    return replace(
        tree, plan=(*stops, *starts, *then), number=tree.number + len(starts)
    )


def plan_call(tree: SupervisorTree, call: SupervisorCall, name: str) -> SupervisorTree:
    """What a call comes to. One that asks for what cannot be changes nothing."""
    if call is SupervisorCall.BOOT:
        return plan_orders(
            tree, up=[*tree.members.values()], call=call, then=[OK_REPLY]
        )
    if call is SupervisorCall.SHUTDOWN:
        return plan_shutdown(tree, SHUTDOWN)
    if name not in tree.members:
        return plan_orders(tree, then=[CallReply(answer=CallResult.NOT_FOUND)])
    member = tree.members[name]
    if call is SupervisorCall.TERMINATE:
        return plan_orders(tree, down=[member], then=[OK_REPLY])
    if member.standing is not ChildState.DOWN:
        return plan_orders(
            tree, then=[CallReply(answer=CallResult[member.standing.name])]
        )
    again = plan_orders(tree, up=[member], call=call, then=[OK_REPLY])
    return (
        again
        if call is SupervisorCall.RESTART
        else plan_orders(forget_child(tree, name), then=[OK_REPLY])
    )


def plan_added_child(tree: SupervisorTree, spec: ChildSpec) -> SupervisorTree:
    """One more child, after the others."""
    if there := tree.members.get(spec.id):
        answer = (
            CallResult.PRESENT
            if there.standing is ChildState.DOWN
            else CallResult[there.standing.name]
        )
        return plan_orders(tree, then=[CallReply(answer=answer)])
    if why := tree.policy.why_refused(spec):
        return plan_orders(tree, then=[CallReply(answer=CallResult.FAILED, why=why)])
    member = TreeMember(spec=spec)
    tree = replace(tree, members={**tree.members, spec.id: member})
    return plan_orders(tree, up=[member], call=SupervisorCall.ADD, then=[OK_REPLY])


def plan_after_exit(
    tree: SupervisorTree, event: ChildExited, now: float
) -> SupervisorTree:
    """A child ended by itself: it is tried again, or left, or was the last that mattered."""
    member = tree.members.get(event.id)
    if member is None or (member.standing, member.number) != (
        ChildState.UP,
        event.number,
    ):
        return tree
    tree, spec = set_child_state(tree, event.id, ChildState.DOWN), member.spec
    why = f"{event.id!r} ended: {event.reason.why or event.reason.how}"
    if spec.restart is RestartRule.PERMANENT or (
        spec.restart is RestartRule.TRANSIENT and not event.reason.is_orderly
    ):
        return attempt_restart(tree, event.id, now, why)
    left = any(
        m.spec.significant and m.standing is not ChildState.DOWN
        for m in tree.members.values()
    )
    if spec.significant and (
        tree.policy.auto_shutdown is AutoShutdown.ANY_SIGNIFICANT or not left
    ):
        return plan_shutdown(tree, EndReason(EndKind.SHUTDOWN, why))
    return tree


def attempt_restart(
    tree: SupervisorTree, name: str, now: float, why: str
) -> SupervisorTree:
    """One more attempt: at once, after a wait, or never, when there were too many."""
    policy = tree.policy
    tree = replace(tree, attempts=policy.recent_attempts(tree.attempts, now))
    if len(tree.attempts) > policy.intensity:
        often = f"more than {policy.intensity} restarts in {policy.period} s"
        return plan_shutdown(
            set_child_state(tree, name, ChildState.DOWN),
            EndReason(EndKind.SHUTDOWN, f"{often}, {why}"),
        )
    if seconds := policy.restart_delay(len(tree.attempts)):
        tree = replace(tree, number=tree.number + 1)
        return wait_to_restart(
            tree, WaitToRestart(id=name, number=tree.number, seconds=seconds)
        )
    return plan_restart(tree, name)


def resume_after_wait(
    tree: SupervisorTree, wait: WaitToRestart, now: float
) -> SupervisorTree:
    """The child's turn has come, unless somebody took it meanwhile."""
    member = tree.members.get(wait.id)
    if member is None or (member.standing, member.number) != (
        ChildState.RESTARTING,
        wait.number,
    ):
        return tree
    return (
        plan_restart(tree, wait.id)
        if wait.number
        else attempt_restart(tree, wait.id, now, wait.why)
    )


def plan_restart(tree: SupervisorTree, name: str) -> SupervisorTree:
    """A child is started again, and with it those that the strategy names."""
    at, every = [*tree.members].index(name), [*tree.members.values()]
    reach = {
        Strategy.ONE_FOR_ONE: every[at : at + 1],
        Strategy.ONE_FOR_ALL: every,
        Strategy.REST_FOR_ONE: every[at:],
    }
    those = reach[tree.policy.strategy]
    return plan_orders(
        tree,
        down=those,
        up=[m for m in those if m.spec.restart is not RestartRule.TEMPORARY],
    )


def plan_after_failure(
    tree: SupervisorTree, order: StartChild, why: str
) -> SupervisorTree:
    """A child did not start. A restart is tried again, a boot is over, any other call is answered."""
    if order.call is None:
        return wait_to_restart(tree, WaitToRestart(id=order.id, why=why))
    if order.call is SupervisorCall.BOOT:
        return plan_shutdown(
            tree, crash_reason(why), CallReply(answer=CallResult.FAILED, why=why)
        )
    tree = forget_child(tree, order.id) if order.call is SupervisorCall.ADD else tree
    return plan_orders(tree, then=[CallReply(answer=CallResult.FAILED, why=why)])


def wait_to_restart(tree: SupervisorTree, wait: WaitToRestart) -> SupervisorTree:
    """A child is between two attempts."""
    return replace(
        set_child_state(tree, wait.id, ChildState.RESTARTING, wait.number), plan=[wait]
    )


def plan_shutdown(
    tree: SupervisorTree, reason: EndReason, *said: CallReply
) -> SupervisorTree:
    """Everything is stopped in reverse, and that was it."""
    return plan_orders(
        tree, down=[*tree.members.values()], then=[*said, EndSupervisor(reason=reason)]
    )


def set_child_state(
    tree: SupervisorTree, name: str, standing: ChildState, number: int = 0
) -> SupervisorTree:
    """The tree with a child as it stands now; a temporary one that is down is forgotten."""
    spec = tree.members[name].spec
    if standing is ChildState.DOWN and spec.restart is RestartRule.TEMPORARY:
        return forget_child(tree, name)
    return replace(
        tree,
        members={
            **tree.members,
            name: TreeMember(spec=spec, standing=standing, number=number),
        },
    )


def forget_child(tree: SupervisorTree, name: str) -> SupervisorTree:
    """The tree without a child."""
    return replace(
        tree,
        members={
            known: member for known, member in tree.members.items() if known != name
        },
    )
