"""The process of one root run: it drives the run, and shows each second that it lives."""

import asyncio
import signal
import socket
from contextlib import suppress

from agentco.desk.open_company import CompanyFiles
from agentco.engine.drive import drive_run, proceed_without_founder
from agentco.engine.take_over import take_over_run
from agentco.kernel.errors import AgentcoError, Locked
from agentco.wiring import open_company

HEARTBEAT_S = 1.0
"""How often a run shows that it lives, at least four times as often as it must."""
GRACE_S = 8.0
"""How long what is under way may take when the run is asked to end."""
ALARM_MARGIN_S = 5
HEARTBEAT = b"\0"
MAX_ERROR_BYTES = 1000
EXIT_STOPPED = 128 + signal.SIGTERM
EXIT_BROKEN = 70


def run_in_process(
    name: str, files: CompanyFiles, watcher: socket.socket, lifeline: socket.socket
) -> int:
    """Drive a root run in this process; return its exit code.

    The run server holds the other end of `watcher` and is told what went wrong; the daemon
    that of `lifeline`. With either gone the run ends.
    """
    try:
        worker = RunWorker(name, files, watcher, lifeline)
        return asyncio.run(worker.run_until_stopped())
    except asyncio.CancelledError:
        return EXIT_STOPPED
    except Exception as error:  # noqa: BLE001  whoever watches tells it
        with suppress(OSError):
            watcher.send(
                describe_error(error).encode("utf-8", "replace")[:MAX_ERROR_BYTES]
            )
        return EXIT_BROKEN


def describe_error(error: Exception) -> str:
    """Say what went wrong; an error that is none of ours bears its type."""
    if isinstance(error, AgentcoError):
        return error.what
    return f"{type(error).__name__}: {error}"


class RunWorker:
    """One life of a root run."""

    def __init__(
        self,
        name: str,
        files: CompanyFiles,
        watcher: socket.socket,
        lifeline: socket.socket,
    ) -> None:
        self.name = name
        self.files = files
        self.watcher = watcher
        self.lifeline = lifeline
        self.closing = False

    async def run_until_stopped(self) -> int:
        """Drive until the run is over, waits, is asked to end, or nobody watches any more."""
        loop = asyncio.get_running_loop()
        work = asyncio.create_task(self.drive_to_end())

        def close() -> None:
            self.closing = True
            loop.call_later(GRACE_S, work.cancel)

        def left_alone() -> None:
            for end in (self.watcher, self.lifeline):
                loop.remove_reader(end)
            self.closing = True
            work.cancel()

        loop.add_signal_handler(signal.SIGTERM, close)
        # Nobody ever says anything there, so what can be read is the end.
        for end in (self.watcher, self.lifeline):
            loop.add_reader(end, left_alone)
        heartbeats = asyncio.create_task(self.send_heartbeats())
        await work
        heartbeats.cancel()
        return EXIT_STOPPED if self.closing else 0

    async def drive_to_end(self) -> None:
        """Drive the run as far as it goes; leave it to another process that does so already."""
        company = open_company(self.files.root, files=self.files)
        with (
            company.open_office(closing=lambda: self.closing) as office,
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
        """Show each second that the loop turns.

        If it does not for long, the system ends this process, even if nobody watches any more.
        Its limit is in seconds of work, so that a machine that stood still ends nothing.
        """
        settings = self.files.settings().require_valid()
        heartbeat_s = settings.supervision.run.heartbeat
        silence_s = heartbeat_s + ALARM_MARGIN_S
        while True:
            signal.setitimer(signal.ITIMER_PROF, silence_s)
            with suppress(OSError):
                self.watcher.send(HEARTBEAT)
            await asyncio.sleep(min(HEARTBEAT_S, heartbeat_s / 4))
