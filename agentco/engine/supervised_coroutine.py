"""A coroutine as a child of a supervisor."""

from asyncio import FIRST_COMPLETED, Future, create_task, wait
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from agentco.supervision.end_reasons import KILLED, NORMAL, EndReason, crash_reason


class MonotonicClock(Protocol):
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
        self,
        work: Callable[[], Coroutine[Any, Any, EndReason | None]],
        clock: MonotonicClock,
    ) -> None:
        self._work, self._clock = work, clock
        self._task = Future[EndReason | None]()
        self._task.set_result(None)  # one that never began is over

    async def start(self) -> None:
        """Begin."""
        self._task = create_task(self._work())

    async def wait(self) -> EndReason:
        """Why it ended: NORMAL unless it says something else."""
        await wait([self._task])
        if self._task.cancelled():
            return KILLED
        error = self._task.exception()
        return (
            crash_reason(describe_error(error))
            if error
            else self._task.result() or NORMAL
        )

    async def stop(self, ms: int | None = None) -> EndReason:
        """Ask it to end, and kill it when it is not over in so many milliseconds."""
        self.request_stop()
        if ms is not None:
            patience = create_task(self._clock.pause(ms / 1000))
            await wait([self._task, patience], return_when=FIRST_COMPLETED)
            patience.cancel()
            if not self._task.done():
                self.kill()
                return KILLED
        return await self.wait()

    def request_stop(self) -> None:
        """Cancel it."""
        self._task.cancel()

    def kill(self) -> None:
        """Cancel it, perhaps once more."""
        self._task.cancel()


def describe_error(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"
