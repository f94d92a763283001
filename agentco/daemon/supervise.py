"""Carry out what a supervisor decides: start children, stop them, wait for their ends."""

from asyncio import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    Queue,
    Task,
    create_task,
    current_task,
    wait,
)
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeAlias, TypeVar, assert_never

from agentco.daemon.supervised_coroutine import Routine, describe_error
from agentco.ports.process import MonotonicClock
from agentco.supervision.child_specs import ChildSpec, Policy
from agentco.supervision.end_reasons import EndReason, crash_reason
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
from agentco.supervision.supervisor import ChildState, advance_tree, new_tree

T = TypeVar("T")


class SupervisedChild(Protocol):
    """One life of something supervised: a process, a coroutine, another supervisor.

    A restart makes a new one.
    """

    async def start(self) -> None:
        """Return once it is up; raise if it cannot be."""
        ...

    async def wait(self) -> EndReason:
        """Return why it ended, once it has ended with all that it started."""
        ...

    async def stop(self, ms: int | None) -> EndReason:
        """Ask it to end, and return why it ended. Nothing that it started is left.

        It is killed after `ms` milliseconds: 0 kills at once, None never.
        """
        ...

    def kill(self) -> None:
        """End it now, with all that it started, and do not wait. It may not be up."""
        ...


SupervisionWatch: TypeAlias = Callable[[SupervisorEvent | SupervisorOrder], None]


class Supervisor(Routine):
    """Keeps children up by a policy. It is a child itself, so that supervisors nest.

    What a spec makes is a SupervisedChild. `watch` is told of every order, and of every event
    that changed something. It ends with SHUTDOWN if it was asked to or gave up; its `why`
    tells which.
    """

    def __init__(
        self,
        policy: Policy,
        specs: Sequence[ChildSpec],
        clock: MonotonicClock,
        watch: SupervisionWatch = lambda _: None,
    ) -> None:
        super().__init__(self._run_loop, clock)
        self._watch = watch
        self._tree = new_tree(policy, specs)
        self._inbox = Queue[tuple[SupervisorEvent, Future[CallReply]]]()
        self._lives: dict[int, SupervisedChild] = {}
        self._tasks: set[Task[None]] = set()
        self._fault: Exception | None = None

    async def start(self) -> None:
        """Start the children in order; if one cannot start, stop the others and raise its error."""
        await super().start()
        reply = await self._await_reply(CallReceived(call=SupervisorCall.BOOT))
        if reply.answer is not CallResult.OK:
            raise self._fault or RuntimeError(reply.why)

    def request_stop(self) -> None:
        """Have it stop every child, in reverse, and end."""
        self._post_event(CallReceived(call=SupervisorCall.SHUTDOWN))

    def kill(self) -> None:
        """Kill every child without waiting."""
        kill_children(*self._lives.values())
        super().kill()

    async def terminate(self, name: str) -> CallReply:
        """Stop a child. It keeps its place, unless it is temporary."""
        return await self._await_reply(
            CallReceived(call=SupervisorCall.TERMINATE, id=name)
        )

    async def restart(self, name: str) -> CallReply:
        """Start a child that is down; one that does not start stays down."""
        return await self._await_reply(
            CallReceived(call=SupervisorCall.RESTART, id=name)
        )

    async def delete(self, name: str) -> CallReply:
        """Forget a child that is down."""
        return await self._await_reply(
            CallReceived(call=SupervisorCall.DELETE, id=name)
        )

    async def add(self, spec: ChildSpec) -> CallReply:
        """Start one more child; one that does not start is forgotten."""
        return await self._await_reply(ChildRequested(spec=spec))

    def child_states(self) -> dict[str, ChildState]:
        """Return how each child stands, in the order of their start."""
        return {name: member.standing for name, member in self._tree.members.items()}

    def _post_event(self, event: SupervisorEvent) -> Future[CallReply]:
        asking = Future[CallReply]()
        self._inbox.put_nowait((event, asking))
        return asking

    async def _await_reply(self, event: SupervisorEvent) -> CallReply:
        asking = self._post_event(event)
        await wait([asking, self._task], return_when=FIRST_COMPLETED)
        if asking.done():
            return asking.result()
        return CallReply(answer=CallResult.ENDED, why="the supervisor has ended")

    async def _run_loop(self) -> EndReason:
        """Take one event after the other, and finish with each before the next."""
        try:
            while True:
                event, asking = await self._inbox.get()
                if reason := await self._carry_out(event, asking):
                    return reason
        finally:
            kill_children(*self._lives.values())
            for task in self._tasks:
                task.cancel()

    async def _carry_out(
        self, event: SupervisorEvent, asking: Future[CallReply]
    ) -> EndReason | None:
        """Carry out the orders that follow an event; return why the supervisor ended, if so."""
        orders = deque(self._advance_tree(event))
        while orders:
            order = orders.popleft()
            self._watch(order)
            match order:
                case StartChild():
                    orders.extend(self._advance_tree(await self._start_child(order)))
                case StopChild():
                    orders.extend(self._advance_tree(await self._stop_child(order)))
                case WaitToRestart():
                    self._run_beside(self._wait_to_restart(order))
                case CallReply():
                    asking.set_result(order)
                case EndSupervisor(reason=reason):
                    return reason
                case _:
                    assert_never(order)
        return None

    def _advance_tree(self, event: SupervisorEvent) -> Sequence[SupervisorOrder]:
        tree, orders = advance_tree(self._tree, event, self._clock.monotonic())
        if tree is not self._tree:
            self._watch(event)
        self._tree = tree
        return orders

    async def _start_child(self, order: StartChild) -> SupervisorEvent:
        child = await run_guarded(start_child(self._tree.members[order.id].spec))
        if isinstance(child, Exception):
            self._fault = child
            return StartFailed(order=order, why=describe_error(child))
        self._lives[order.number] = child
        self._run_beside(self._watch_end(order, child))
        return OrderDone(order=order)

    async def _stop_child(self, order: StopChild) -> SupervisorEvent:
        if child := self._lives.get(order.number):
            outcome = await run_guarded(child.stop(order.shutdown))
            if isinstance(outcome, Exception):
                kill_children(child)
        return OrderDone(order=order)

    async def _watch_end(self, life: StartChild, child: SupervisedChild) -> None:
        reason = await run_guarded(child.wait())
        self._lives.pop(life.number, None)
        if isinstance(reason, Exception):
            reason = crash_reason(describe_error(reason))
        self._post_event(ChildExited(id=life.id, number=life.number, reason=reason))

    async def _wait_to_restart(self, order: WaitToRestart) -> None:
        await self._clock.pause(order.seconds)
        self._post_event(WaitEnded(order=order))

    def _run_beside(self, doing: Coroutine[Any, Any, None]) -> None:
        task = create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def start_child(spec: ChildSpec) -> SupervisedChild:
    """Return a child that is up; nothing is left of one that does not come up."""
    child: SupervisedChild = spec.make()
    try:
        await child.start()
    except BaseException:
        kill_children(child)
        raise
    return child


def kill_children(*children: SupervisedChild) -> None:
    """Kill children, whatever their code makes of it."""
    for child in children:
        with suppress(Exception):
            child.kill()


async def run_guarded(doing: Coroutine[Any, Any, T]) -> T | Exception:
    """Run a child's own code; return its error, which is not the supervisor's."""
    try:
        return await doing
    except CancelledError:
        if (mine := current_task()) and mine.cancelling():
            raise
        return RuntimeError("it was cancelled")
    except Exception as error:  # noqa: BLE001  it belongs to the child
        return error
