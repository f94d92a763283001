"""A coroutine as a child of a supervisor."""

from asyncio import FIRST_COMPLETED, Future, create_task, wait
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from agentco.supervision.end_reasons import KILLED, NORMAL, Reason, crashed


class Ticking(Protocol):
    """Time that only goes forward, in seconds."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait."""
        ...


class Routine:
    """Runs a coroutine, which may say why it ended. Killing one is cancelling it: what swallows that goes on."""

    def __init__(
        self, work: Callable[[], Coroutine[Any, Any, Reason | None]], clock: Ticking
    ) -> None:
        self._work, self._clock = work, clock
        self._task = Future[Reason | None]()
        self._task.set_result(None)  # one that never began is over

    async def start(self) -> None:
        """Begin."""
        self._task = create_task(self._work())

    async def wait(self) -> Reason:
        """Why it ended: NORMAL unless it says something else."""
        await wait([self._task])
        if self._task.cancelled():
            return KILLED
        error = self._task.exception()
        return crashed(told(error)) if error else self._task.result() or NORMAL

    async def stop(self, ms: int | None = None) -> Reason:
        """Ask it to end, and kill it when it is not over in so many milliseconds."""
        self.ask()
        if ms is not None:
            patience = create_task(self._clock.pause(ms / 1000))
            await wait([self._task, patience], return_when=FIRST_COMPLETED)
            patience.cancel()
            if not self._task.done():
                self.kill()
                return KILLED
        return await self.wait()

    def ask(self) -> None:
        """Cancel it."""
        self._task.cancel()

    def kill(self) -> None:
        """Cancel it, perhaps once more."""
        self._task.cancel()


def told(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"
