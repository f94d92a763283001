"""How long a server may be silent, counted fairly when it is this process that is late.

A timer that is due runs before what has just arrived is read, so a process that was busy or frozen
would end calls whose answers lie in its own buffers. And a call may be just putting away the
connections of others: only a limit of anyio's lets it finish that.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anyio import CancelScope

LAST_LOOKS = 5
"""How often the event loop goes round once more after the time is over: bytes are read by then."""
LOOK_S = 0.01


class SilenceLimit:
    """Ends what is done inside it once nothing has arrived for as long as was set last."""

    def __init__(self, scope: "CancelScope") -> None:
        self._loop = asyncio.get_running_loop()
        self._scope = scope
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
            self._scope.cancel()
            return
        self._looks -= 1
        self._timer = self._loop.call_later(LOOK_S, self._look_again)


@asynccontextmanager
async def silence_limit(seconds: float) -> AsyncGenerator[SilenceLimit]:
    """End the block with TimeoutError when nothing arrives in time."""
    from anyio import CancelScope

    with CancelScope() as scope:
        limit = SilenceLimit(scope)
        limit.set(seconds)
        try:
            yield limit
        finally:
            limit.clear()
    if scope.cancelled_caught:
        raise TimeoutError
