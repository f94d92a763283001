"""Children that do what a script says, and write down what is done to them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any
from weakref import WeakSet

from otp.still import Still

from agentco.supervision import KILLED, SHUTDOWN, ChildSpec, EndReason


class Stage:
    """Everything that happens to some children, and how to make one end. `takes` is how long it is to start or stop."""

    def __init__(self, clock: Still | None = None, takes: float = 0) -> None:
        self.clock, self.takes = clock, takes
        self.log: list[str] = []
        self.starts = Counter[str]()
        self.playing: dict[str, Scripted] = {}
        self.made = WeakSet[Scripted]()

    def make(
        self, name: str, failing: Collection[int] = ()
    ) -> "Callable[[], Scripted]":
        return lambda: Scripted(self, name, failing)

    def spec(self, name: str, failing: Collection[int] = (), **given: Any) -> ChildSpec:
        return ChildSpec(id=name, make=self.make(name, failing), **given)

    def exit(self, name: str, reason: EndReason) -> bool:
        """End a child from within; whether it was up."""
        child = self.playing.get(name)
        if child is None:
            return False
        self.log.append(f"died {name}")
        child.over(reason)
        return True

    def told(self) -> str:
        """What happened since this was asked last."""
        said = ",".join(self.log)
        self.log.clear()
        return said


class Scripted:
    """A child whose starts fail as its stage says."""

    def __init__(self, stage: Stage, name: str, failing: Collection[int]) -> None:
        self.stage, self.name, self.failing = stage, name, failing
        stage.made.add(self)
        self.end: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()

    def over(self, reason: EndReason) -> None:
        if self.stage.playing.pop(self.name, None):
            self.end.set_result(reason)

    async def start(self) -> None:
        await self.take_time()
        self.stage.starts[self.name] += 1
        if self.stage.starts[self.name] in self.failing:
            self.stage.log.append(f"startfail {self.name}")
            raise OSError(f"{self.name} cannot")
        self.stage.log.append(f"start {self.name}")
        assert self.name not in self.stage.playing, "two lives at once"
        self.stage.playing[self.name] = self

    async def wait(self) -> EndReason:
        return await asyncio.shield(self.end)

    async def stop(self, ms: int | None) -> EndReason:
        await self.take_time()
        if not self.end.done():
            self.stage.log.append(f"stop {self.name}" if ms else f"kill {self.name}")
            self.over(SHUTDOWN)
        return self.end.result()

    def kill(self) -> None:
        if self.stage.playing.get(self.name) is self:
            self.stage.log.append(f"kill {self.name}")
            self.over(KILLED)

    async def take_time(self) -> None:
        if self.stage.clock and self.stage.takes:
            await self.stage.clock.pause(self.stage.takes)
