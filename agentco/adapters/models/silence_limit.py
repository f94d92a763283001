"""How long a server may be silent, counted fairly when it is this process that is late.

A timer of asyncio that is due runs before what has just arrived is read. A process that was busy or
frozen for a second would end calls whose answers lie in its own buffers.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

LAST_LOOKS = 5
"""How often the event loop goes round once more after the time is over: bytes are read by then."""
LOOK_S = 0.01


class SilenceLimit:
    """Ends what is done inside it once nothing has arrived for as long as was set last."""

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout = timeout
        self._looks = 0
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Wait so long from now."""
        self.clear()
        self._looks = LAST_LOOKS
        self._timer = self._loop.call_later(seconds, self._look_again)

    def clear(self) -> None:
        """Wait without end."""
        if self._timer:
            self._timer.cancel()

    def _look_again(self) -> None:
        if not self._looks:
            self._timeout.reschedule(self._loop.time())
            return
        self._looks -= 1
        self._timer = self._loop.call_later(LOOK_S, self._look_again)


@asynccontextmanager
async def silence_limit(seconds: float) -> AsyncGenerator[SilenceLimit]:
    """End the block with TimeoutError when nothing arrives in time."""
    async with asyncio.timeout(None) as timeout:
        limit = SilenceLimit(timeout)
        limit.set(seconds)
        try:
            yield limit
        finally:
            limit.clear()
