"""Laws of the supervisor, whatever its children do and whoever calls, when."""

from itertools import pairwise
from typing import Any

from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace
from otp.monitor import Monitor
from otp.scripted import Stage
from otp.still import Still, still

from agentco.daemon import Supervisor
from agentco.supervision import (
    NORMAL,
    SHUTDOWN,
    AutoShutdown,
    CallReceived,
    CallReply,
    CallResult,
    ChildExited,
    ChildRequested,
    ChildSpec,
    ChildState,
    EndReason,
    EndSupervisor,
    OrderDone,
    Policy,
    RestartRule,
    StartChild,
    StartFailed,
    StopChild,
    Strategy,
    SupervisorCall,
    SupervisorEvent,
    SupervisorOrder,
    SupervisorTree,
    WaitEnded,
    WaitToRestart,
    advance_tree,
    crash_reason,
    new_tree,
)

IDS = ["a", "b", "c", "d"]
NAMES = st.sampled_from([*IDS, "nobody"])
REASONS = st.sampled_from([NORMAL, SHUTDOWN, crash_reason("a fault")])
STEPS = 25


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return Policy(
        strategy=draw(st.sampled_from(Strategy)),
        intensity=draw(st.integers(0, 4)),
        period=draw(st.integers(0, 4)),
        auto_shutdown=draw(st.sampled_from(AutoShutdown)),
        backoff=tuple(draw(st.lists(st.integers(0, 5), max_size=3))),
    )


@st.composite
def specs_for(draw: st.DrawFn, policy: Policy) -> list[ChildSpec]:
    made = list[ChildSpec]()
    for name in IDS[: draw(st.integers(0, 4))]:
        restart = draw(st.sampled_from(RestartRule))
        may = (
            policy.auto_shutdown is not AutoShutdown.NEVER
            and restart is not RestartRule.PERMANENT
        )
        made.append(
            ChildSpec(
                id=name,
                make=object,
                restart=restart,
                significant=may and draw(st.booleans()),
            )
        )
    return made


class World:
    """A supervisor without a shell, and what can happen to it next."""

    def __init__(self, data: st.DataObject, policy: Policy) -> None:
        self.data = data
        self.specs = data.draw(specs_for(policy))
        self.monitor = Monitor(self.specs)
        self.waits: list[WaitToRestart] = []
        self.replies: list[CallReply] = []
        self.now = 0.0
        self.ended = False
        self.tree = new_tree(policy, self.specs)
        self.hear(CallReceived(call=SupervisorCall.BOOT))

    def ordered(self, orders: Any) -> None:
        for order in orders:
            self.monitor(order)
        self.waits += [order for order in orders if isinstance(order, WaitToRestart)]
        self.replies += [order for order in orders if isinstance(order, CallReply)]
        self.ended = self.ended or any(
            isinstance(order, EndSupervisor) for order in orders
        )

    def hear(self, event: SupervisorEvent) -> list[SupervisorOrder]:
        before = self.tree
        self.tree, orders = advance_tree(before, event, self.now)
        assert (self.tree, orders) == advance_tree(before, event, self.now)
        if self.tree is not before:
            self.monitor(event)
        self.ordered(orders)
        return list(orders)

    def outcome(self) -> SupervisorEvent:
        order = self.tree.plan[0]
        assert isinstance(order, StartChild | StopChild)
        fails = isinstance(order, StartChild) and self.data.draw(st.integers(0, 3)) == 0
        return (
            StartFailed(order=order, why="no")
            if fails and isinstance(order, StartChild)
            else OrderDone(order=order)
        )

    def news(self) -> SupervisorEvent:
        draw = self.data.draw
        self.now += draw(st.sampled_from([0, 0, 0.4, 1, 7]))
        match draw(st.integers(0, 9)):
            case 0:
                call = draw(
                    st.sampled_from(
                        [
                            SupervisorCall.TERMINATE,
                            SupervisorCall.RESTART,
                            SupervisorCall.DELETE,
                        ]
                    )
                )
                return CallReceived(call=call, id=draw(NAMES))
            case 1:
                return ChildRequested(spec=ChildSpec(id=draw(NAMES), make=object))
            case 2 | 3 if self.waits:
                return WaitEnded(
                    order=self.waits.pop(draw(st.integers(0, len(self.waits) - 1)))
                )
            case 4:
                return ChildExited(
                    id=draw(NAMES),
                    number=draw(st.integers(0, self.tree.number + 1)),
                    reason=draw(REASONS),
                )
            case _:
                up = [*self.monitor.up.items()] or [("nobody", 1)]
                name, number = draw(st.sampled_from(up))
                return ChildExited(id=name, number=number, reason=draw(REASONS))

    def settle(self) -> None:
        while self.tree.plan:
            self.hear(self.outcome())


@claim("supervisor:laws")
@given(data=st.data(), policy=policies())
def test_nothing_is_started_twice_stopped_by_mistake_or_left_up(
    data: st.DataObject, policy: Policy
) -> None:
    world = World(data, policy)
    for _ in range(STEPS):
        world.settle()
        world.hear(world.news())
    world.settle()
    world.hear(CallReceived(call=SupervisorCall.SHUTDOWN))
    world.settle()
    assert world.ended
    assert world.monitor.up == {}


@claim("supervisor:laws")
@given(data=st.data(), policy=policies())
def test_children_start_in_their_order_and_stop_in_reverse(
    data: st.DataObject, policy: Policy
) -> None:
    world = World(data, policy)
    for _ in range(STEPS):
        place = [*world.tree.members].index
        for one, next_ in pairwise(world.tree.plan):
            match one, next_:
                case (StartChild(), StartChild()):
                    assert place(one.id) < place(next_.id)
                case (StopChild(), StopChild()):
                    assert place(one.id) > place(next_.id)
                case (StartChild(), StopChild()):
                    raise AssertionError("stopped after it began to start")
                case _:
                    pass
        world.hear(world.outcome() if world.tree.plan else world.news())


@claim("supervisor:laws")
@given(data=st.data(), policy=policies())
def test_every_call_is_answered_once(data: st.DataObject, policy: Policy) -> None:
    world = World(data, policy)
    world.settle()
    assert len(world.replies) == 1
    for _ in range(STEPS):
        event, before, over = world.news(), len(world.replies), world.ended
        world.hear(event)
        world.settle()
        assert len(world.replies) - before == (
            isinstance(event, CallReceived | ChildRequested) and not over
        )


@claim("supervisor:intensity")
@given(data=st.data(), policy=policies())
def test_no_period_has_more_restarts_than_its_intensity(
    data: st.DataObject, policy: Policy
) -> None:
    world = World(data, replace(policy, backoff=()))
    world.settle()
    restarts = list[int]()
    for _ in range(STEPS):
        event = world.news()
        world.hear(event)
        if any(
            isinstance(order, StartChild) and order.call is None
            for order in world.tree.plan
        ):
            restarts.append(int(world.now))
        world.settle()
    for last in restarts:
        assert (
            sum(last - policy.period <= moment <= last for moment in restarts)
            <= policy.intensity
        )


@claim("supervisor:lives")
@given(data=st.data(), policy=policies(), reason=REASONS)
def test_what_nobody_waits_for_changes_nothing(
    data: st.DataObject, policy: Policy, reason: EndReason
) -> None:
    world = World(data, policy)
    for _ in range(STEPS):
        tree: SupervisorTree = world.tree
        stale = ChildExited(
            id=data.draw(NAMES),
            number=data.draw(st.integers(0, tree.number + 1)),
            reason=reason,
        )
        if tree.plan or world.monitor.up.get(stale.id) != stale.number:
            assert advance_tree(tree, stale, world.now) == (tree, ())
        stranger = StartChild(id="a", number=tree.number + 1)
        assert advance_tree(tree, OrderDone(order=stranger), world.now) == (tree, ())
        world.hear(world.outcome() if tree.plan else world.news())


@claim("supervisor:laws")
@given(data=st.data(), policy=policies(), takes=st.sampled_from([0, 0.3]))
def test_the_shell_keeps_the_laws_whoever_ends_while_it_is_busy(
    data: st.DataObject, policy: Policy, takes: float
) -> None:
    specs = data.draw(specs_for(policy))
    failing = {
        spec.id: data.draw(st.lists(st.integers(2, 6), max_size=3)) for spec in specs
    }
    moments = data.draw(
        st.lists(
            st.tuples(NAMES, REASONS, st.sampled_from([0, 0.1, 0.3, 1])), max_size=20
        )
    )
    calls = data.draw(
        st.lists(
            st.tuples(NAMES, st.sampled_from(["terminate", "restart", "delete"])),
            max_size=20,
        )
    )

    async def told(clock: Still) -> None:
        stage, monitor = Stage(clock, takes), Monitor(specs)
        made = [
            stage.spec(
                spec.id,
                failing[spec.id],
                restart=spec.restart,
                significant=spec.significant,
            )
            for spec in specs
        ]
        supervisor = Supervisor(policy, made, clock, monitor)
        await supervisor.start()
        for i, (name, reason, later) in enumerate(moments):
            stage.exit(name, reason)
            if i < len(calls):
                about, call = calls[i]
                assert isinstance(await getattr(supervisor, call)(about), CallReply)
            await clock.pause(later)
        await clock.pause(100)
        up = {
            name
            for name, standing in supervisor.child_states().items()
            if standing is ChildState.UP
        }
        assert up == set(monitor.up) == set(stage.playing)
        await supervisor.stop()
        assert stage.playing == {}
        assert (await supervisor.terminate("a")).answer is CallResult.ENDED

    still(told)
