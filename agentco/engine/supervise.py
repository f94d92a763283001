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

from agentco.engine.supervised_coroutine import Routine, Ticking, told
from agentco.supervision.child_specs import Policy, Spec
from agentco.supervision.end_reasons import Reason, crashed
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
from agentco.supervision.supervisor import Standing, advance, planted

T = TypeVar("T")


class Child(Protocol):
    """One life of something supervised: a process, a coroutine, another supervisor. A restart makes a new one."""

    async def start(self) -> None:
        """Return when it is up; raise when it cannot be."""
        ...

    async def wait(self) -> Reason:
        """Why it ended, once it has, and all that it started."""
        ...

    async def stop(self, ms: int | None) -> Reason:
        """Ask it to end, kill it after so many milliseconds (0: at once, None: never); why it ended, once it has.

        Nothing that it started is left.
        """
        ...

    def kill(self) -> None:
        """End it now, with all that it started, and do not wait. It may not be up."""
        ...


Watch: TypeAlias = Callable[[Event | Order], None]


class Supervisor(Routine):
    """Keeps children up by a policy. It is a child itself, so that supervisors nest.

    What a spec makes is a Child. `watch` is told of every order, and of every event that changed something.
    It ends with SHUTDOWN when it was asked to or gave up, which its `why` tells.
    """

    def __init__(
        self,
        policy: Policy,
        specs: Sequence[Spec],
        clock: Ticking,
        watch: Watch = lambda _: None,
    ) -> None:
        super().__init__(self._live, clock)
        self._watch, self._tree = watch, planted(policy, specs)
        self._inbox = Queue[tuple[Event, Future[Reply]]]()
        self._lives: dict[int, Child] = {}
        self._tasks: set[Task[None]] = set()
        self._fault: Exception | None = None

    async def start(self) -> None:
        """Start the children in order; when one cannot start, stop the others and raise what it raised."""
        await super().start()
        reply = await self._ask(Asked(call=Call.BOOT))
        if reply.answer is not Answer.OK:
            raise self._fault or RuntimeError(reply.why)

    def ask(self) -> None:
        """Have it stop every child, in reverse, and end."""
        self._tell(Asked(call=Call.SHUTDOWN))

    def kill(self) -> None:
        """Kill every child, and do not wait."""
        put_down(*self._lives.values())
        super().kill()

    async def terminate(self, name: str) -> Reply:
        """Stop a child. It keeps its place, unless it is temporary."""
        return await self._ask(Asked(call=Call.TERMINATE, id=name))

    async def restart(self, name: str) -> Reply:
        """Start a child that is down; one that does not start stays down."""
        return await self._ask(Asked(call=Call.RESTART, id=name))

    async def delete(self, name: str) -> Reply:
        """Forget a child that is down."""
        return await self._ask(Asked(call=Call.DELETE, id=name))

    async def add(self, spec: Spec) -> Reply:
        """Start one more child; one that does not start is forgotten."""
        return await self._ask(Added(spec=spec))

    def which(self) -> dict[str, Standing]:
        """How each child stands, in the order of their start."""
        return {name: member.standing for name, member in self._tree.members.items()}

    def _tell(self, event: Event) -> Future[Reply]:
        asking = Future[Reply]()
        self._inbox.put_nowait((event, asking))
        return asking

    async def _ask(self, event: Event) -> Reply:
        asking = self._tell(event)
        await wait([asking, self._task], return_when=FIRST_COMPLETED)
        return (
            asking.result()
            if asking.done()
            else Reply(answer=Answer.ENDED, why="the supervisor has ended")
        )

    async def _live(self) -> Reason:
        """Hear one thing after the other, and see to each before the next is heard."""
        try:
            while True:
                if reason := await self._obey(*await self._inbox.get()):
                    return reason
        finally:
            put_down(*self._lives.values())
            for task in self._tasks:
                task.cancel()

    async def _obey(self, event: Event, asking: Future[Reply]) -> Reason | None:
        """Carry out what comes of an event; why the supervisor ended, once it has."""
        left = deque(self._heard(event))
        while left:
            order = left.popleft()
            self._watch(order)
            match order:
                case Start():
                    left.extend(self._heard(await self._begin(order)))
                case Stop():
                    left.extend(self._heard(await self._end(order)))
                case Wait():
                    self._beside(self._pause(order))
                case Reply():
                    asking.set_result(order)
                case End(reason=reason):
                    return reason
                case _:
                    assert_never(order)
        return None

    def _heard(self, event: Event) -> Sequence[Order]:
        tree, orders = advance(self._tree, event, self._clock.monotonic())
        if tree is not self._tree:
            self._watch(event)
        self._tree = tree
        return orders

    async def _begin(self, order: Start) -> Event:
        child = await tried(begun(self._tree.members[order.id].spec))
        if isinstance(child, Exception):
            self._fault = child
            return Failed(order=order, why=told(child))
        self._lives[order.number] = child
        self._beside(self._see_end(order, child))
        return Done(order=order)

    async def _end(self, order: Stop) -> Event:
        child = self._lives.get(order.number)
        if child and isinstance(await tried(child.stop(order.shutdown)), Exception):
            put_down(child)
        return Done(order=order)

    async def _see_end(self, life: Start, child: Child) -> None:
        reason = await tried(child.wait())
        self._lives.pop(life.number, None)
        reason = crashed(told(reason)) if isinstance(reason, Exception) else reason
        self._tell(Exited(id=life.id, number=life.number, reason=reason))

    async def _pause(self, order: Wait) -> None:
        await self._clock.pause(order.seconds)
        self._tell(Waited(order=order))

    def _beside(self, doing: Coroutine[Any, Any, None]) -> None:
        task = create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def begun(spec: Spec) -> Child:
    """A life that is up; nothing is left of one that does not come up."""
    child: Child = spec.make()
    try:
        await child.start()
    except BaseException:
        put_down(child)
        raise
    return child


def put_down(*children: Child) -> None:
    """Kill children, whatever their code makes of it."""
    for child in children:
        with suppress(Exception):
            child.kill()


async def tried(doing: Coroutine[Any, Any, T]) -> T | Exception:
    """What a child's own code comes to; no error of it is the supervisor's."""
    try:
        return await doing
    except CancelledError:
        if (mine := current_task()) and mine.cancelling():
            raise
        return RuntimeError("it was cancelled")
    except Exception as error:  # noqa: BLE001  it belongs to the child
        return error
