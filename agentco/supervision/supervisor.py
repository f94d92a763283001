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
    Policy,
    Restart,
    Spec,
    Strategy,
)
from agentco.supervision.end_reasons import SHUTDOWN, How, Reason, crashed
from agentco.supervision.events import Added, Asked, Done, Event, Exited, Failed, Waited
from agentco.supervision.orders import (
    Answer,
    Call,
    End,
    Order,
    Reply,
    Start,
    Stop,
    Wait,
)

OK = Reply(answer=Answer.OK)


class Standing(StrEnum):
    """How a child stands. RESTARTING is between two attempts."""

    UP = "up"
    DOWN = "down"
    RESTARTING = "restarting"


class Member(Struct, frozen=True, kw_only=True):
    """A child, and the number of its life, or of its wait."""

    spec: Spec
    standing: Standing = Standing.DOWN
    number: int = 0


class Tree(Struct, frozen=True, kw_only=True):
    """A supervisor's children by id in the order of their start, and what is to be done, the first under way."""

    policy: Policy
    members: dict[str, Member]
    attempts: tuple[int, ...] = ()
    plan: Sequence[Order] = ()
    number: int = 0
    over: bool = False


Next: TypeAlias = tuple[Tree, Sequence[Order]]
Members: TypeAlias = Sequence[Member]


def planted(policy: Policy, specs: Sequence[Spec]) -> Tree:
    """A supervisor before its boot. Raises ValueError for children that cannot be together."""
    tree = Tree(policy=policy, members={spec.id: Member(spec=spec) for spec in specs})
    if len(tree.members) < len(specs):
        raise ValueError("two children have the same id")
    if refused := "; ".join(filter(None, map(policy.refused, specs))):
        raise ValueError(refused)
    return tree


def advance(tree: Tree, event: Event, now: float) -> Next:
    """The tree after an event at `now` seconds, and the orders. What nobody waits for changes nothing."""
    done = event.order if isinstance(event, Done | Failed) else None
    if tree.over or done != (tree.plan[0] if tree.plan else None):
        return tree, ()
    match event:
        case Asked(call=call, id=name):
            tree = asked(tree, call, name)
        case Added(spec=spec):
            tree = added(tree, spec)
        case Exited():
            tree = exited(tree, event, now)
        case Waited(order=wait):
            tree = waited(tree, wait, now)
        case Done(order=order):
            standing = Standing.UP if isinstance(order, Start) else Standing.DOWN
            tree = replace(
                stands(tree, order.id, standing, order.number), plan=tree.plan[1:]
            )
        case Failed(order=order, why=why):
            tree = failed(tree, order, f"{order.id!r} did not start: {why}")
        case _:
            assert_never(event)
    return onward(tree) if tree.plan else (tree, ())


def onward(tree: Tree) -> Next:
    """The orders up to the next that takes its time."""
    at = next(
        (i for i, order in enumerate(tree.plan) if isinstance(order, Start | Stop)),
        len(tree.plan),
    )
    over = any(isinstance(order, End) for order in tree.plan[:at])
    return replace(tree, plan=tree.plan[at:], over=over), tree.plan[: at + 1]


def planned(
    tree: Tree,
    *,
    down: Members = (),
    up: Members = (),
    call: Call | None = None,
    then: Sequence[Order] = (),
) -> Tree:
    """Stop some in reverse, start some in order, each for a new life, and then the rest."""
    for member in down:
        if member.standing is Standing.RESTARTING:
            tree = stands(tree, member.spec.id, Standing.DOWN)
    stops = [
        Stop(id=m.spec.id, number=m.number, shutdown=m.spec.shutdown)
        for m in reversed(down)
        if m.standing is Standing.UP
    ]
    starts = [
        Start(id=m.spec.id, number=number, call=call)
        for number, m in enumerate(up, tree.number + 1)
    ]
    return replace(
        tree, plan=(*stops, *starts, *then), number=tree.number + len(starts)
    )


def asked(tree: Tree, call: Call, name: str) -> Tree:
    """What a call comes to. One that asks for what cannot be changes nothing."""
    if call is Call.BOOT:
        return planned(tree, up=[*tree.members.values()], call=call, then=[OK])
    if call is Call.SHUTDOWN:
        return ending(tree, SHUTDOWN)
    if name not in tree.members:
        return planned(tree, then=[Reply(answer=Answer.NOT_FOUND)])
    member = tree.members[name]
    if call is Call.TERMINATE:
        return planned(tree, down=[member], then=[OK])
    if member.standing is not Standing.DOWN:
        return planned(tree, then=[Reply(answer=Answer[member.standing.name])])
    again = planned(tree, up=[member], call=call, then=[OK])
    return again if call is Call.RESTART else planned(without(tree, name), then=[OK])


def added(tree: Tree, spec: Spec) -> Tree:
    """One more child, after the others."""
    if there := tree.members.get(spec.id):
        answer = (
            Answer.PRESENT
            if there.standing is Standing.DOWN
            else Answer[there.standing.name]
        )
        return planned(tree, then=[Reply(answer=answer)])
    if why := tree.policy.refused(spec):
        return planned(tree, then=[Reply(answer=Answer.FAILED, why=why)])
    member = Member(spec=spec)
    tree = replace(tree, members={**tree.members, spec.id: member})
    return planned(tree, up=[member], call=Call.ADD, then=[OK])


def exited(tree: Tree, event: Exited, now: float) -> Tree:
    """A child ended by itself: it is tried again, or left, or was the last that mattered."""
    member = tree.members.get(event.id)
    if member is None or (member.standing, member.number) != (
        Standing.UP,
        event.number,
    ):
        return tree
    tree, spec = stands(tree, event.id, Standing.DOWN), member.spec
    why = f"{event.id!r} ended: {event.reason.why or event.reason.how}"
    if spec.restart is Restart.PERMANENT or (
        spec.restart is Restart.TRANSIENT and not event.reason.orderly
    ):
        return attempted(tree, event.id, now, why)
    left = any(
        m.spec.significant and m.standing is not Standing.DOWN
        for m in tree.members.values()
    )
    if spec.significant and (
        tree.policy.auto_shutdown is AutoShutdown.ANY_SIGNIFICANT or not left
    ):
        return ending(tree, Reason(How.SHUTDOWN, why))
    return tree


def attempted(tree: Tree, name: str, now: float, why: str) -> Tree:
    """One more attempt: at once, after a wait, or never, when there were too many."""
    policy = tree.policy
    tree = replace(tree, attempts=policy.attempted(tree.attempts, now))
    if len(tree.attempts) > policy.intensity:
        often = f"more than {policy.intensity} restarts in {policy.period} s"
        return ending(
            stands(tree, name, Standing.DOWN), Reason(How.SHUTDOWN, f"{often}, {why}")
        )
    if seconds := policy.pause(len(tree.attempts)):
        tree = replace(tree, number=tree.number + 1)
        return waiting(tree, Wait(id=name, number=tree.number, seconds=seconds))
    return restarted(tree, name)


def waited(tree: Tree, wait: Wait, now: float) -> Tree:
    """The child's turn has come, unless somebody took it meanwhile."""
    member = tree.members.get(wait.id)
    if member is None or (member.standing, member.number) != (
        Standing.RESTARTING,
        wait.number,
    ):
        return tree
    return (
        restarted(tree, wait.id)
        if wait.number
        else attempted(tree, wait.id, now, wait.why)
    )


def restarted(tree: Tree, name: str) -> Tree:
    """A child is started again, and with it those that the strategy names."""
    at, every = [*tree.members].index(name), [*tree.members.values()]
    reach = {
        Strategy.ONE_FOR_ONE: every[at : at + 1],
        Strategy.ONE_FOR_ALL: every,
        Strategy.REST_FOR_ONE: every[at:],
    }
    those = reach[tree.policy.strategy]
    return planned(
        tree,
        down=those,
        up=[m for m in those if m.spec.restart is not Restart.TEMPORARY],
    )


def failed(tree: Tree, order: Start, why: str) -> Tree:
    """A child did not start. A restart is tried again, a boot is over, any other call is answered."""
    if order.call is None:
        return waiting(tree, Wait(id=order.id, why=why))
    if order.call is Call.BOOT:
        return ending(tree, crashed(why), Reply(answer=Answer.FAILED, why=why))
    tree = without(tree, order.id) if order.call is Call.ADD else tree
    return planned(tree, then=[Reply(answer=Answer.FAILED, why=why)])


def waiting(tree: Tree, wait: Wait) -> Tree:
    """A child is between two attempts."""
    return replace(stands(tree, wait.id, Standing.RESTARTING, wait.number), plan=[wait])


def ending(tree: Tree, reason: Reason, *said: Reply) -> Tree:
    """Everything is stopped in reverse, and that was it."""
    return planned(
        tree, down=[*tree.members.values()], then=[*said, End(reason=reason)]
    )


def stands(tree: Tree, name: str, standing: Standing, number: int = 0) -> Tree:
    """The tree with a child as it stands now; a temporary one that is down is forgotten."""
    spec = tree.members[name].spec
    if standing is Standing.DOWN and spec.restart is Restart.TEMPORARY:
        return without(tree, name)
    return replace(
        tree,
        members={
            **tree.members,
            name: Member(spec=spec, standing=standing, number=number),
        },
    )


def without(tree: Tree, name: str) -> Tree:
    """The tree without a child."""
    return replace(
        tree,
        members={
            known: member for known, member in tree.members.items() if known != name
        },
    )
