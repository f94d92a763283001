"""A world in which time passes only when nobody has anything left to do."""

import asyncio
import heapq
import selectors
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Still(selectors.SelectSelector):
    """Its clock goes on to the next moment that somebody waits for, at once. Nothing comes from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.count = 0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout != 0:
            assert self.sleepers, "everybody waits for somebody else"
            moment, _, sleeper = heapq.heappop(self.sleepers)
            if not sleeper.done():
                self.now = max(self.now, moment)
                sleeper.set_result(None)
        return []

    def monotonic(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.count += 1
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self.sleepers, (self.now + seconds, self.count, sleeper))
        await sleeper

    async def calm(self) -> None:
        """Until nobody has anything to do but to wait for a later moment."""
        await self.pause(1e-9)


def still(story: Callable[[Still], Awaitable[T]]) -> T:
    """What a story comes to in a world of its own."""
    world = Still()

    async def told() -> T:
        return await story(world)

    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(world)
    ) as runner:
        return runner.run(told())
