"""The process of one root run: it drives the run as far as it goes, and shows each second that it lives."""

import asyncio
import signal
import socket
from contextlib import suppress
from dataclasses import replace

from agentco.adapters.files.company_folder import CompanyFolder
from agentco.daemon.process_tree import adopt_orphans
from agentco.engine.drive import drive_run, proceed_without_founder
from agentco.engine.take_over import take_over_run
from agentco.kernel.errors import AgentcoError, Locked
from agentco.wiring import company_ports, open_office

HEARTBEAT_S = 1.0
GRACE_S = 8.0
"""How long what is under way may take when the run is asked to end."""
ALARM_MARGIN_S = 5
HEARTBEAT = b"\0"
EXIT_STOPPED = 128 + signal.SIGTERM
EXIT_BROKEN = 70


def run_in_process(name: str, company: CompanyFolder, watcher: socket.socket) -> int:
    """Drive a root run in this process; its exit code. What went wrong is told to whoever watches."""
    adopt_orphans()
    try:
        return asyncio.run(RunWorker(name, company, watcher).run_until_stopped())
    except asyncio.CancelledError:
        return EXIT_STOPPED
    except Exception as error:  # noqa: BLE001  whoever watches tells it
        what = (
            error.what
            if isinstance(error, AgentcoError)
            else f"{type(error).__name__}: {error}"
        )
        with suppress(OSError):
            watcher.send(what.encode("utf-8", "replace")[:1000])
        return EXIT_BROKEN


class RunWorker:
    """One life of a root run."""

    def __init__(
        self, name: str, company: CompanyFolder, watcher: socket.socket
    ) -> None:
        self.name, self.company, self.watcher = name, company, watcher
        self.closing = False

    async def run_until_stopped(self) -> int:
        """Drive until the run is over, waits, is asked to end, or nobody watches any more."""
        loop, work = (
            asyncio.get_running_loop(),
            asyncio.create_task(self.drive_to_end()),
        )

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
        beats = asyncio.create_task(self.send_heartbeats())
        await work
        beats.cancel()
        return EXIT_STOPPED if self.closing else 0

    async def drive_to_end(self) -> None:
        """Drive the run as far as it goes; somebody else who does so already is left alone."""
        edges = replace(company_ports(self.company.root), company=self.company)
        with (
            open_office(edges, closing=lambda: self.closing) as office,
            suppress(Locked),
        ):
            try:
                await take_over_run(self.name, office)
                await drive_run(self.name, office)
                while not self.closing and await proceed_without_founder(
                    self.name, office
                ):
                    await drive_run(self.name, office)
            finally:
                await office.models.aclose()

    async def send_heartbeats(self) -> None:
        """Show each second that the loop turns; when it does not for long, the system ends this process."""
        limit = self.company.settings().require_valid().supervision.run.heartbeat
        while True:
            signal.alarm(
                limit + ALARM_MARGIN_S
            )  # for when nobody is left who would end it
            with suppress(OSError):
                self.watcher.send(HEARTBEAT)
            await asyncio.sleep(HEARTBEAT_S)
