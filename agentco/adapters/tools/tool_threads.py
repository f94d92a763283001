"""Where the blocking part of a tool runs: one thread for each resource, a few for reading files.

A call waits only for the calls that use the same resource. A cancelled one that has not begun
never begins; one that reads is asked to stop; one that may be writing is finished first.
"""

import asyncio
from asyncio import CancelledError, wrap_future
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import TypeVar

from agentco.company.tool_table import Resource

MAX_READERS = 16
"""Calls that read files at the same time; more wait for one of them."""
IsStopped = Callable[[], bool]
T = TypeVar("T")


class ToolThreads:
    """The threads of one company's tools."""

    def __init__(self) -> None:
        self._readers = ThreadPoolExecutor(MAX_READERS, "tool-reader")
        self._by_resource = dict[Resource, ThreadPoolExecutor]()
        for resource in Resource:
            self._by_resource[resource] = ThreadPoolExecutor(1, f"tool-{resource}")

    async def read(self, work: Callable[[IsStopped], T]) -> T:
        """Do what only reads; `work` looks at its argument to learn that nobody waits any more."""
        stopped = Event()
        try:
            return await wrap_future(self._readers.submit(work, stopped.is_set))
        finally:
            stopped.set()

    async def use(self, resource: Resource, work: Callable[[], T]) -> T:
        """Do something with a resource that nothing else uses meanwhile."""
        future = self._by_resource[resource].submit(work)
        try:
            return await wrap_future(future)
        except CancelledError:
            await wait_until_done(future)
            raise

    def close(self) -> None:
        """Wait until nothing runs any more."""
        for threads in (self._readers, *self._by_resource.values()):
            threads.shutdown()


async def wait_until_done(future: Future[T]) -> None:
    """Wait for what a thread has begun, however often that is cancelled."""
    done, loop = asyncio.Event(), asyncio.get_running_loop()
    future.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
    while not done.is_set():
        with suppress(CancelledError):
            await done.wait()
