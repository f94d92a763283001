"""The run server: forks a process for each root run, watches over them all, and ends with the daemon.

It has one thread, no event loop and no client, but everything loaded that a run needs, so that a fork is a run
within milliseconds. A run that shows no sign of life, or takes more memory or time than the settings say, is
killed with all that it started.
"""

import gc
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from time import monotonic, sleep

from agentco.adapters.models.http_client import shared_ssl_context
from agentco.company.settings import RunLimits
from agentco.daemon.process_tree import (
    SWEEP_PAUSE_S,
    adopt_orphans,
    kill_tree,
    memory_mb,
    sweep_orphans,
)
from agentco.daemon.run_process import EXIT_BROKEN, HEARTBEAT, run_in_process
from agentco.daemon.run_server_messages import BeginRun, RunEnded, ServerOrder, StopRun
from agentco.desk.open_company import CompanyFiles

TICK_S = 1.0
MAX_RECV_BYTES = 4096
END_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(kw_only=True)
class ForkedRun:
    """The process of one run: since when, when it last showed that it lives, and why it is to end."""

    run: str
    pid: int
    socket: socket.socket
    born: float
    beat: float
    memory: int = 0
    said: bytes = b""
    limit: str = ""
    stopping: bool = False
    until: float | None = None

    def broken_limit(self, limits: RunLimits, now: float) -> str:
        """Which limit it is beyond, in words; empty while it keeps to them."""
        if now - self.beat > limits.heartbeat:
            return f"no heartbeat for {limits.heartbeat} s"
        if now - self.born > limits.minutes * 60:
            return f"it took more than {limits.minutes} minutes"
        if self.memory > limits.memory_mb:
            return f"it took more than {limits.memory_mb} MB of memory"
        return ""


class ForkServer:
    """The lives of all runs, by process id."""

    def __init__(self, control: Connection) -> None:
        self.control = control
        self.lives: dict[int, ForkedRun] = {}
        self.company: CompanyFiles | None = None
        self.woken, self.wakes = socket.socketpair()

    def serve(self) -> None:
        """Do what the daemon says until it is gone."""
        self.woken.settimeout(0)
        self.wakes.settimeout(0)
        signal.set_wakeup_fd(self.wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        for one in END_SIGNALS:
            signal.signal(one, signal.SIG_IGN)  # the daemon says when to end
        looked = monotonic()
        while True:
            sockets = {life.socket: life for life in self.lives.values()}
            ready = wait(
                [self.control, self.woken, *sockets],
                timeout=TICK_S if sockets else None,
            )
            for one in ready:
                if isinstance(one, socket.socket) and one in sockets:
                    read_heartbeats(sockets[one])
            if self.control in ready and not self.obey_next_order():
                return
            self.reap_ended()
            if monotonic() - looked >= TICK_S:
                looked = monotonic()
                self.enforce_limits()

    def obey_next_order(self) -> bool:
        """Do the next thing that the daemon wants; False when it is gone."""
        try:
            order: ServerOrder = self.control.recv()
            match order:
                case BeginRun(run=name):
                    self.fork_run(name)
                case StopRun(run=name, ms=ms):
                    for life in [
                        life for life in self.lives.values() if life.run == name
                    ]:
                        ask_run_to_end(life, ms)
                case company:
                    self.company = company
        except (EOFError, OSError):
            return False
        return True

    def fork_run(self, name: str) -> None:
        """Fork a process for a run."""
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:
            self.tell_daemon(
                RunEnded(
                    run=name,
                    code=EXIT_BROKEN,
                    why=f"no process could be made: {error.strerror}",
                )
            )
            return
        if not pid:
            os._exit(self.run_forked(name, theirs))
        theirs.close()
        ours.settimeout(0)
        now = monotonic()
        self.lives[pid] = ForkedRun(run=name, pid=pid, socket=ours, born=now, beat=now)

    def run_forked(self, name: str, watcher: socket.socket) -> int:
        """What the new process does, with nothing of ours; its exit code."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        for one in (signal.SIGCHLD, *END_SIGNALS):
            signal.signal(one, signal.SIG_DFL)
        for mine in (
            self.control,
            self.woken,
            self.wakes,
            *(life.socket for life in self.lives.values()),
        ):
            mine.close()
        return (
            run_in_process(name, self.company, watcher) if self.company else EXIT_BROKEN
        )

    def reap_ended(self) -> None:
        """Take note of what ended, and end what it left behind."""
        with suppress(BlockingIOError):
            self.woken.recv(MAX_RECV_BYTES)
        gone = list[tuple[ForkedRun, int]]()
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if life := self.lives.pop(found[0], None):
                    gone.append((life, os.waitstatus_to_exitcode(found[1])))
        if gone:
            sweep_orphans(self.lives)
        for life, code in gone:
            read_heartbeats(life)
            life.socket.close()
            self.tell_daemon(
                RunEnded(
                    run=life.run,
                    code=code,
                    why=end_reason(life, code),
                    limit=life.limit,
                    stopped=life.stopping,
                )
            )

    def enforce_limits(self) -> None:
        """Kill what is beyond its limits, or did not end when it was asked to."""
        now = monotonic()
        for life in self.lives.values():
            life.memory = memory_mb(life.pid)
            if self.company and not life.limit:
                life.limit = life.broken_limit(
                    self.company.settings().require_valid().supervision.run, now
                )
            if life.limit or (life.until and now >= life.until):
                kill_tree(life.pid)

    def tell_daemon(self, what: RunEnded) -> None:
        """Tell the daemon, if there is one."""
        with suppress(OSError):
            self.control.send(what)

    def close(self) -> None:
        """The daemon is gone: runs end at their next await, and what does not is killed."""
        for life in self.lives.values():
            life.socket.close()
        until = monotonic() + TICK_S
        while self.lives and monotonic() < until:
            sleep(SWEEP_PAUSE_S)
            self.reap_ended()
        for pid in self.lives:
            kill_tree(pid)
            os.waitpid(pid, 0)
        sweep_orphans(())


def read_heartbeats(life: ForkedRun) -> None:
    """Take in that a run lives, and what it says before it ends."""
    with suppress(OSError):
        while said := life.socket.recv(MAX_RECV_BYTES):
            life.beat = monotonic()
            life.said += said.replace(HEARTBEAT, b"")


def ask_run_to_end(life: ForkedRun, ms: int | None) -> None:
    """Ask a run to end; `look` kills it when its time is over."""
    if ms and not life.stopping:
        life.until = monotonic() + ms / 1000
    life.stopping = True
    with suppress(OSError):
        os.kill(life.pid, signal.SIGTERM) if ms != 0 else kill_tree(life.pid)


def end_reason(life: ForkedRun, code: int) -> str:
    """Why a run ended, in words."""
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return life.limit or life.said.decode("utf-8", "replace") or name


def main() -> None:
    """Serve the daemon at the other end of a socket that was left open for us."""
    adopt_orphans()
    shared_ssl_context()
    import_module(
        "anyio._backends._asyncio"
    )  # what the client loads with its first call
    gc.collect()
    gc.freeze()
    server = ForkServer(Connection(int(sys.argv[1])))
    server.serve()
    server.close()


if __name__ == "__main__":
    main()
