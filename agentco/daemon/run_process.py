"""The process of one root run: it drives the run as far as it goes, and shows each second that it lives."""

import asyncio
import signal
import socket
from contextlib import suppress
from dataclasses import replace

from agentco.adapters.files.company_folder import CompanyFolder
from agentco.daemon.process_tree import adopt
from agentco.engine.drive import drive, taken_over, went_without
from agentco.kernel.errors import AgentcoError, Locked
from agentco.wiring import edges_of, office_of

EVERY_S = 1.0
GRACE_S = 8.0
"""How long what is under way may take when the run is asked to end."""
LATE_S = 5
BEAT = b"\0"
STOPPED = 128 + signal.SIGTERM
BROKEN = 70


def run(name: str, company: CompanyFolder, watcher: socket.socket) -> int:
    """Drive a root run in this process; its exit code. What went wrong is told to whoever watches."""
    adopt()
    try:
        return asyncio.run(Process(name, company, watcher).live())
    except asyncio.CancelledError:
        return STOPPED
    except Exception as error:  # noqa: BLE001  whoever watches tells it
        what = (
            error.what
            if isinstance(error, AgentcoError)
            else f"{type(error).__name__}: {error}"
        )
        with suppress(OSError):
            watcher.send(what.encode("utf-8", "replace")[:1000])
        return BROKEN


class Process:
    """One life of a root run."""

    def __init__(
        self, name: str, company: CompanyFolder, watcher: socket.socket
    ) -> None:
        self.name, self.company, self.watcher = name, company, watcher
        self.closing = False

    async def live(self) -> int:
        """Drive until the run is over, waits, is asked to end, or nobody watches any more."""
        loop, work = asyncio.get_running_loop(), asyncio.create_task(self.work())

        def close() -> None:
            self.closing = True
            loop.call_later(GRACE_S, work.cancel)

        def left_alone() -> None:
            loop.remove_reader(self.watcher)
            work.cancel()

        loop.add_signal_handler(signal.SIGTERM, close)
        loop.add_reader(
            self.watcher, left_alone
        )  # it never says anything, so this is its end
        beats = asyncio.create_task(self.beating())
        await work
        beats.cancel()
        return STOPPED if self.closing else 0

    async def work(self) -> None:
        """Drive the run as far as it goes; somebody else who does so already is left alone."""
        edges = replace(edges_of(self.company.root), company=self.company)
        with office_of(edges, closing=lambda: self.closing) as office, suppress(Locked):
            try:
                await taken_over(self.name, office)
                await drive(self.name, office)
                while not self.closing and await went_without(self.name, office):
                    await drive(self.name, office)
            finally:
                await office.models.aclose()

    async def beating(self) -> None:
        """Show each second that the loop turns; when it does not for long, the system ends this process."""
        limit = self.company.settings().usable().supervision.run.heartbeat
        while True:
            signal.alarm(limit + LATE_S)  # for when nobody is left who would end it
            with suppress(OSError):
                self.watcher.send(BEAT)
            await asyncio.sleep(EVERY_S)
