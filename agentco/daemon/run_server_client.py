"""The daemon's side of its run server: the server is a child of the tree, and so is each run that it forks."""

import asyncio
import socket
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

from agentco.daemon.process_tree import kill_tree, sweep_orphans
from agentco.daemon.run_server_messages import BeginRun, RunEnded, ServerOrder, StopRun
from agentco.desk.open_company import CompanyFiles
from agentco.supervision.end_reasons import (
    KILLED,
    NORMAL,
    SHUTDOWN,
    EndKind,
    EndReason,
    crash_reason,
)

SERVER_GONE = "the run server ended"


class RunServer:
    """One life of the run server. `limited` is told which run broke which limit."""

    def __init__(
        self, company: CompanyFiles, limited: Callable[[str, str], object]
    ) -> None:
        self.company, self.limited = company, limited
        self.runs = dict[str, asyncio.Future[RunEnded]]()
        self._control: Connection | None = None
        self._stopping = False
        self.process: Process | None = None

    async def start(self) -> None:
        """Start it with the company that every run is to work by."""
        ours, theirs = socket.socketpair()
        command = (
            sys.executable,
            "-P",
            "-m",
            "agentco.daemon.run_server",
            str(theirs.fileno()),
        )
        with theirs:
            self.process = await create_subprocess_exec(
                *command, pass_fds=[theirs.fileno()], start_new_session=True
            )
        self._control = Connection(ours.detach())
        self.send_order(self.company)
        asyncio.get_running_loop().add_reader(
            self._control.fileno(), self._receive_ended
        )

    async def wait(self) -> EndReason:
        """Why it ended; whatever it left behind is ended as well."""
        code = await self.process.wait() if self.process else 0
        self._disconnect()
        await asyncio.to_thread(sweep_orphans, ())
        return SHUTDOWN if self._stopping else crash_reason(f"{SERVER_GONE}: {code}")

    async def stop(self, ms: int | None) -> EndReason:
        """It ends with all its runs when nobody is at the other end any more."""
        self._stopping = True
        self._disconnect()
        with suppress(TimeoutError):
            return await asyncio.wait_for(
                asyncio.shield(self.wait()), None if ms is None else ms / 1000
            )
        self.kill()
        await self.wait()
        return KILLED

    def kill(self) -> None:
        """End it at once, with all its runs."""
        if self.process and self.process.returncode is None:
            kill_tree(self.process.pid)

    def send_order(self, order: ServerOrder) -> None:
        """Tell it what to do; nothing when it is gone."""
        with suppress(OSError):
            if self._control:
                self._control.send(order)

    def begin_run(self, run: str) -> "asyncio.Future[RunEnded]":
        """Fork a process for a run; it ends at once where there is no server."""
        self.runs[run] = ended = asyncio.get_running_loop().create_future()
        self.send_order(BeginRun(run))
        if not self._control:
            self._finish_run(RunEnded(run=run, code=0, why=SERVER_GONE, stopped=True))
        return ended

    def _receive_ended(self) -> None:
        try:
            while self._control and self._control.poll():
                self._finish_run(self._control.recv())
        except (EOFError, OSError):
            self._disconnect()

    def _finish_run(self, said: RunEnded) -> None:
        if said.limit:
            self.limited(said.run, said.limit)
        if (ended := self.runs.pop(said.run, None)) and not ended.done():
            ended.set_result(said)

    def _disconnect(self) -> None:
        """Let go of the line; what ran is over for us."""
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        for run in [*self.runs]:
            self._finish_run(RunEnded(run=run, code=0, why=SERVER_GONE, stopped=True))


class RunProcess:
    """One life of a root run."""

    def __init__(self, run: str, server: RunServer) -> None:
        self.run, self.server = run, server
        self._ended: asyncio.Future[RunEnded] | None = None

    async def start(self) -> None:
        """Have it forked."""
        self._ended = self.server.begin_run(self.run)

    async def wait(self) -> EndReason:
        """Why it ended. One that broke a limit is not started again, nor one whose server is gone."""
        if not self._ended:
            return NORMAL
        said = await asyncio.shield(self._ended)
        if said.limit or said.stopped:
            return EndReason(EndKind.SHUTDOWN, said.why)
        return crash_reason(said.why) if said.code else NORMAL

    async def stop(self, ms: int | None) -> EndReason:
        """Ask it to end; the server kills it in the end, with all that it started."""
        self.server.send_order(StopRun(self.run, ms))
        return await self.wait()

    def kill(self) -> None:
        """Have it killed."""
        self.server.send_order(StopRun(self.run, 0))
