"""The run server: forks a process for each root run, watches them all, and ends with the daemon.

It has one thread, no event loop and no client, but everything loaded that a run needs, so that a
fork is a run within milliseconds. LiteLLM, which takes seconds, is loaded when there is nothing
else to do, and only for a company that names a model which needs it. A run that shows no sign of
life, or takes more memory or time than the settings allow, is killed with all that it started.
"""

import gc
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from time import monotonic, sleep
from typing import assert_never

from agentco.company.model_offers import WireFormat
from agentco.company.settings import RunLimits
from agentco.daemon.run_process import EXIT_BROKEN, HEARTBEAT, run_in_process
from agentco.daemon.run_server_messages import (
    BeginRun,
    RunEnded,
    ServerOrder,
    StopRun,
    UseCompany,
)
from agentco.desk.open_company import CompanyFiles
from agentco.engine.ask_model import why_unusable
from agentco.kernel.errors import AgentcoError
from agentco.ports.daemon import ProcessTreePort
from agentco.upkeep.model_choices import named_models
from agentco.wiring import load_run_modules, open_company, process_trees

TICK_S = 1.0
REAP_PAUSE_S = 0.005
MAX_RECV_BYTES = 4096
END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(kw_only=True)
class ForkedRun:
    """The process of one run. Times are in seconds that the server has lived.

    `born` and `beat` are when it began and when it last showed that it lives; `limit` says in words
    which limit it broke, and after `kill_at` it is killed.
    """

    run: str
    pid: int
    socket: socket.socket
    born: float
    beat: float
    memory: int = 0
    last_words: bytes = b""
    limit: str = ""
    stopping: bool = False
    kill_at: float | None = None

    def broken_limit(self, limits: RunLimits, now: float) -> str:
        """Say in words which limit it is beyond; empty while it keeps to them."""
        if now - self.beat > limits.heartbeat:
            return f"no heartbeat for {limits.heartbeat} s"
        if now - self.born > limits.minutes * 60:
            return f"it took more than {limits.minutes} minutes"
        if self.memory > limits.memory_mb:
            return f"it took more than {limits.memory_mb} MB of memory"
        return ""

    def read_heartbeats(self, now: float) -> None:
        """Take in that it lives, and what it says before it ends."""
        with suppress(OSError):
            while data := self.socket.recv(MAX_RECV_BYTES):
                self.beat = now
                self.last_words += data.replace(HEARTBEAT, b"")

    def end_reason(self, code: int) -> str:
        """Say in words why it ended with an exit code, or by a signal below zero."""
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return self.limit or self.last_words.decode("utf-8", "replace") or name


class ForkServer:
    """All runs that have a process, by its id.

    `lifeline` is a socket whose other end only the daemon holds; runs watch it too. `lived` is
    how many seconds this process could run: while the machine stands still, so does it, and
    what froze together with us is not taken for hung.
    """

    def __init__(
        self, control: Connection, lifeline: socket.socket, processes: ProcessTreePort
    ) -> None:
        self.control = control
        self.lifeline = lifeline
        self.processes = processes
        self.runs: dict[int, ForkedRun] = {}
        self.company: CompanyFiles | None = None
        self.wake_reader, self.wake_writer = socket.socketpair()
        self.is_cold = False
        self.lived = 0.0
        self.looked_at = monotonic()

    def count_time(self) -> None:
        """Count what passed since the last look, but not what we never meant to wait."""
        now = monotonic()
        passed = now - self.looked_at
        self.looked_at = now
        if passed < 2 * TICK_S:
            self.lived += passed

    def serve(self) -> None:
        """Do what the daemon says until it is gone."""
        self.listen_to_signals()
        last_check = self.lived
        while True:
            sockets = {run.socket: run for run in self.runs.values()}
            timeout = TICK_S if sockets or self.is_cold else None
            ready = wait([self.control, self.wake_reader, *sockets], timeout)
            self.count_time()
            for readable in ready:
                if isinstance(readable, socket.socket) and readable in sockets:
                    sockets[readable].read_heartbeats(self.lived)
            if self.control in ready and not self.obey_next_order():
                return
            if self.is_cold and not ready and not self.runs:
                self.load_slow_clients()
            self.reap_ended()
            if self.lived - last_check >= TICK_S:
                last_check = self.lived
                self.enforce_limits()

    def listen_to_signals(self) -> None:
        """Wake for a child that ended; ignore what would end us, since the daemon says when."""
        self.wake_reader.settimeout(0)
        self.wake_writer.settimeout(0)
        signal.set_wakeup_fd(self.wake_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        for number in END_SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def obey_next_order(self) -> bool:
        """Do the next thing that the daemon wants; False when it is gone."""
        try:
            order: ServerOrder = self.control.recv()
        except (EOFError, OSError):
            return False
        match order:
            case UseCompany():
                self.company = order.company
                self.is_cold = True
            case BeginRun():
                self.fork_run(order.run)
            case StopRun():
                self.stop_run(order.run, order.ms)
            case _:
                assert_never(order)
        return True

    def load_slow_clients(self) -> None:
        """Load LiteLLM if a model that can be asked needs it, so that no run has to."""
        self.is_cold = False
        if not self.company:
            return
        with suppress(AgentcoError):
            company = open_company(self.company.root, files=self.company)
            models = company.models()
            named = named_models(company, company.settings)
            wires = {o.wire for _, o in named if not why_unusable(o, models)}
            if WireFormat.LITELLM in wires:
                company.machine().load_clients()
                gc.collect()
                gc.freeze()

    def fork_run(self, name: str) -> None:
        """Fork a process for a run."""
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:
            why = f"could not start a process: {error.strerror}"
            self.tell_daemon(RunEnded(run=name, code=EXIT_BROKEN, why=why))
            return
        if not pid:
            code = EXIT_BROKEN
            try:
                ours.close()  # else a run would hold its own watcher's end, and never be alone
                code = self.run_forked(name, theirs)
            finally:
                os._exit(code)  # whatever happens, a run never goes on as the server
        theirs.close()
        ours.settimeout(0)
        now = self.lived
        self.runs[pid] = ForkedRun(run=name, pid=pid, socket=ours, born=now, beat=now)

    def run_forked(self, name: str, watcher: socket.socket) -> int:
        """Be the new process, with nothing of the server's; return its exit code."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, *END_SIGNALS):
            signal.signal(number, signal.SIG_DFL)
        self.control.close()
        self.wake_reader.close()
        self.wake_writer.close()
        for run in self.runs.values():
            run.socket.close()
        self.processes.adopt_orphans()
        if not self.company:
            return EXIT_BROKEN
        return run_in_process(name, self.company, watcher, self.lifeline)

    def stop_run(self, name: str, ms: int | None) -> None:
        """Ask a run to end; it is killed after `ms` milliseconds, at once with 0."""
        for run in self.runs.values():
            if run.run != name:
                continue
            if ms and not run.stopping:
                run.kill_at = self.lived + ms / 1000
            run.stopping = True
            with suppress(OSError):
                if ms == 0:
                    self.processes.kill_tree(run.pid)
                else:
                    os.kill(run.pid, signal.SIGTERM)

    def reap_ended(self) -> None:
        """Take note of what ended, and end what it left behind."""
        with suppress(BlockingIOError):
            self.wake_reader.recv(MAX_RECV_BYTES)
        ended = self.collect_ended()
        if ended:
            self.processes.sweep_orphans(self.runs)
        for run, code in ended:
            run.read_heartbeats(self.lived)
            run.socket.close()
            self.tell_daemon(
                RunEnded(
                    run=run.run,
                    code=code,
                    why=run.end_reason(code),
                    limit=run.limit,
                    stopped=run.stopping,
                )
            )

    def collect_ended(self) -> list[tuple[ForkedRun, int]]:
        """Return the runs whose process is over, each with its exit code."""
        ended = list[tuple[ForkedRun, int]]()
        with suppress(ChildProcessError):
            pid, status = os.waitpid(-1, os.WNOHANG)
            while pid:
                if pid in self.runs:
                    run = self.runs.pop(pid)
                    ended.append((run, os.waitstatus_to_exitcode(status)))
                pid, status = os.waitpid(-1, os.WNOHANG)
        return ended

    def enforce_limits(self) -> None:
        """Kill what is beyond its limits, or did not end when it was asked to."""
        now = self.lived
        for run in self.runs.values():
            run.memory = self.processes.memory_mb(run.pid)
            if self.company and not run.limit:
                settings = self.company.settings().require_valid()
                run.limit = run.broken_limit(settings.supervision.run, now)
            overdue = run.kill_at is not None and now >= run.kill_at
            if run.limit or overdue:
                self.processes.kill_tree(run.pid)

    def tell_daemon(self, message: RunEnded) -> None:
        """Tell the daemon, if there is one."""
        with suppress(OSError):
            self.control.send(message)

    def close(self) -> None:
        """End with the daemon: runs end at their next await, and what does not is killed."""
        for run in self.runs.values():
            run.socket.close()
        deadline = monotonic() + TICK_S
        while self.runs and monotonic() < deadline:
            sleep(REAP_PAUSE_S)
            self.reap_ended()
        for pid in self.runs:
            self.processes.kill_tree(pid)
            os.waitpid(pid, 0)
        self.processes.sweep_orphans(())


def main() -> None:
    """Serve the daemon at the other end of two sockets that were left open for us."""
    processes = process_trees()
    processes.adopt_orphans()
    load_run_modules()
    gc.collect()
    gc.freeze()
    control, lifeline = map(int, sys.argv[1:])
    server = ForkServer(Connection(control), socket.socket(fileno=lifeline), processes)
    try:
        server.serve()
    finally:
        server.close()


if __name__ == "__main__":
    main()
