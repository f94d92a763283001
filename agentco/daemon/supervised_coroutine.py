"""A coroutine as a child of a supervisor."""

from asyncio import FIRST_COMPLETED, Future, create_task, wait
from collections.abc import Callable, Coroutine
from typing import Any

from agentco.ports.process import MonotonicClock
from agentco.supervision.end_reasons import KILLED, NORMAL, EndReason, crash_reason


class Routine:
    """Runs a coroutine, which may say why it ended.

    Killing one is cancelling it: a coroutine that swallows that goes on.
    """

    def __init__(
        self,
        work: Callable[[], Coroutine[Any, Any, EndReason | None]],
        clock: MonotonicClock,
    ) -> None:
        self._work = work
        self._clock = clock
        self._task = Future[EndReason | None]()
        self._task.set_result(None)  # a routine that never began is over

    async def start(self) -> None:
        """Begin."""
        self._task = create_task(self._work())

    async def wait(self) -> EndReason:
        """Return why it ended: NORMAL unless it says something else."""
        await wait([self._task])
        if self._task.cancelled():
            return KILLED
        error = self._task.exception()
        if error:
            return crash_reason(describe_error(error))
        reason = self._task.result()
        return NORMAL if reason is None else reason

    async def stop(self, ms: int | None = None) -> EndReason:
        """Ask it to end, and kill it if it is not over in so many milliseconds."""
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
    """Return an error in one line."""
    return f"{type(error).__name__}: {error}"
