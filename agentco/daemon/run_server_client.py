"""The daemon's side of its run server, which is a child of the tree, as is each run it forks."""

import asyncio
import socket
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from agentco.daemon.run_server_messages import (
    BeginRun,
    RunEnded,
    ServerOrder,
    StopRun,
    UseCompany,
)
from agentco.desk.open_company import CompanyFiles
from agentco.ports.daemon import ProcessTreePort
from agentco.supervision.end_reasons import (
    KILLED,
    NORMAL,
    SHUTDOWN,
    EndKind,
    EndReason,
    crash_reason,
)

SERVER_MODULE = "agentco.daemon.run_server"
SERVER_GONE = "the run server ended"


class RunServer:
    """One life of the run server. `limited` is told which run broke which limit."""

    def __init__(
        self,
        company: CompanyFiles,
        processes: ProcessTreePort,
        limited: Callable[[str, str], object],
    ) -> None:
        self.company = company
        self.processes = processes
        self.limited = limited
        self.runs = dict[str, asyncio.Future[RunEnded]]()
        self.process: Process | None = None
        self._control: Connection | None = None
        self._lifeline: socket.socket | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start it with the company that every run is to work by."""
        ours, theirs = socket.socketpair()
        self._lifeline, lifeline = socket.socketpair()
        with theirs, lifeline:
            handles = [theirs.fileno(), lifeline.fileno()]
            self.process = await create_subprocess_exec(
                *(sys.executable, "-P", "-m", SERVER_MODULE, *map(str, handles)),
                pass_fds=handles,
                start_new_session=True,
            )
        self._control = Connection(ours.detach())
        self.use_company(self.company)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._control.fileno(), self._receive_ended)

    async def wait(self) -> EndReason:
        """Return why it ended; whatever it left behind is ended as well."""
        code = await self.process.wait() if self.process else 0
        self._disconnect()
        await asyncio.to_thread(self.processes.sweep_orphans, ())
        return SHUTDOWN if self._stopping else crash_reason(f"{SERVER_GONE}: {code}")

    async def stop(self, ms: int | None) -> EndReason:
        """Hang up, at which it ends with all its runs; kill it after `ms` milliseconds."""
        self._stopping = True
        self._disconnect()
        patience_s = None if ms is None else ms / 1000
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self.wait()), patience_s)
        self.kill()
        await self.wait()
        return KILLED

    def kill(self) -> None:
        """End it at once, with all its runs."""
        if self.process and self.process.returncode is None:
            self.processes.kill_tree(self.process.pid)

    def use_company(self, company: CompanyFiles) -> None:
        """Have every run from now on work by these files."""
        self.company = company
        self.send_order(UseCompany(company))

    def send_order(self, order: ServerOrder) -> None:
        """Tell it what to do; nothing when it is gone."""
        with suppress(OSError):
            if self._control:
                self._control.send(order)

    def begin_run(self, run: str) -> "asyncio.Future[RunEnded]":
        """Fork a process for a run; it ends at once where there is no server."""
        ended = asyncio.get_running_loop().create_future()
        self.runs[run] = ended
        self.send_order(BeginRun(run))
        if not self._control:
            self._finish_run(server_gone(run))
        return ended

    def _receive_ended(self) -> None:
        try:
            while self._control and self._control.poll():
                self._finish_run(self._control.recv())
        except (EOFError, OSError):
            self._disconnect()

    def _finish_run(self, message: RunEnded) -> None:
        if message.limit:
            self.limited(message.run, message.limit)
        ended = self.runs.pop(message.run, None)
        if ended and not ended.done():
            ended.set_result(message)

    def _disconnect(self) -> None:
        """Hang up; what ran is over for us."""
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        if self._lifeline:
            self._lifeline.close()
            self._lifeline = None
        for run in [*self.runs]:
            self._finish_run(server_gone(run))


def server_gone(run: str) -> RunEnded:
    """What became of a run whose server is gone."""
    return RunEnded(run=run, code=0, why=SERVER_GONE, stopped=True)


class RunProcess:
    """One life of a root run."""

    def __init__(self, run: str, server: RunServer) -> None:
        self.run = run
        self.server = server
        self._ended: asyncio.Future[RunEnded] | None = None

    async def start(self) -> None:
        """Have it forked."""
        self._ended = self.server.begin_run(self.run)

    async def wait(self) -> EndReason:
        """Return why it ended.

        One that broke a limit is not started again, nor one whose server is gone.
        """
        if not self._ended:
            return NORMAL
        ended = await asyncio.shield(self._ended)
        if ended.limit or ended.stopped:
            return EndReason(EndKind.SHUTDOWN, ended.why)
        return crash_reason(ended.why) if ended.code else NORMAL

    async def stop(self, ms: int | None) -> EndReason:
        """Ask it to end; the server kills it in the end, with all that it started."""
        self.server.send_order(StopRun(self.run, ms))
        return await self.wait()

    def kill(self) -> None:
        """Have it killed."""
        self.server.send_order(StopRun(self.run, 0))
