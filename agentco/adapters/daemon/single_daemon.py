"""Who runs the company: one daemon at a time on a machine, and one machine at a time anywhere."""

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from agentco.adapters.daemon.daemon_log import open_log
from agentco.adapters.daemon.machine_identity import host_name, seat_of
from agentco.adapters.files.durable_disk import (
    SAFE_FLAGS,
    Disk,
    write_error,
    write_new_file,
)
from agentco.adapters.files.file_lock import (
    is_pid,
    lock_path,
    prepare_lock_path,
    read_lock_words,
)
from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.state.drivers import is_locked
from agentco.kernel.errors import Locked
from agentco.ports.daemon import RunningDaemon

HOST_FILE = ".github/agentco.host"
"""Where git sees which machine runs the company."""
MAX_HOST_BYTES = 256
GLANCE_S = 2.0
"""Seconds in which whoever only looks whether the daemon is up has let go of its lock."""


class SingleDaemon:
    """The one daemon of the company in `root`, whoever it is."""

    def __init__(self, root: Path, state_name: Callable[[], str]) -> None:
        """`state_name` opens the company's state, and gives its name."""
        self.root = root
        self._state_name = state_name
        self._locked_path = root / "up"

    def running(self) -> RunningDaemon | None:
        """The daemon that runs the company on this machine, if one does.

        Its pid is 0 unless that process wrote it: a lock may be older than who holds it.
        """
        from agentco.adapters.process_tree import process_mark

        lock_file = lock_path(self._locked_path)
        if not is_locked(lock_file):
            return None
        pid, mark, *rest = [*read_lock_words(lock_file), "", ""]
        if not is_pid(pid) or process_mark(int(pid)) != mark:
            return RunningDaemon(0)
        return RunningDaemon(int(pid), *rest[:2])

    @contextmanager
    def become(self, *, take_over: bool) -> Generator[Callable[[str], None]]:
        """Be the one daemon; what it gives says, with the time, that it is up.

        Raises Locked, naming who is, for a second one, and unless told to for another machine.
        """
        from agentco.adapters.process_tree import process_mark

        host = host_name()
        seat = seat_of(self.root, self._state_name())
        last_host, last_seat = self._last_host()
        is_ours = last_seat == seat if last_seat else last_host in {"", host}
        if not is_ours and not take_over:
            raise another_machine(last_host, host)
        with ExitStack() as stack:
            already = self.running()
            patience = 0 if already and already.pid else GLANCE_S
            try:
                stack.enter_context(
                    hold_rare_lock(self._locked_path, patience=patience)
                )
            except Locked:
                other = self.running() or RunningDaemon(0)
                raise Locked(
                    f"agentco is already running: process {other.pid} on {other.host or host}",
                    hint="agentco status shows what it does, agentco down ends it",
                ) from None
            self._add_to_lock(process_mark(os.getpid()) or "?")
            if last_seat != seat:
                self._write_host(host, seat)
            yield lambda since: self._add_to_lock(host, since)

    def open_log(self) -> BinaryIO:
        """The log of a daemon in the background, to be appended to. Raises StateBroken, OSError."""
        prepare_lock_path(self._locked_path)  # makes the folder, which git ignores
        return open_log(self.root)

    def _last_host(self) -> tuple[str, str]:
        """Which machine runs the company, as the file says that git sees, and its seat.

        Both are empty without a file; only the seat in one of an older agentco.
        """
        try:
            data = read_regular(self.root / HOST_FILE, MAX_HOST_BYTES)
        except OSError:
            return "", ""
        name, _, seat = data.decode("utf-8", "replace").partition("\n")
        return name.strip(), seat.strip()

    def _write_host(self, host: str, seat: str) -> None:
        path = self.root / HOST_FILE
        try:
            path.unlink(missing_ok=True)
            write_new_file(Disk(), path, f"{host}\n{seat}\n".encode(), None)
        except OSError as error:
            raise write_error(path, error) from error

    def _add_to_lock(self, *words: str) -> None:
        """Write into our lock who we are, and later that we are up."""
        lock_file = lock_path(self._locked_path)
        lock = os.open(lock_file, os.O_WRONLY | os.O_APPEND | SAFE_FLAGS)
        try:
            os.write(lock, "".join(f"{word}\n" for word in words).encode())
        finally:
            os.close(lock)


def another_machine(last_host: str, host: str) -> Locked:
    """The error for a company that runs elsewhere, as its file says."""
    if last_host != host:
        return Locked(
            f"the company runs on {last_host!r}, as {HOST_FILE} says, and this is {host!r}",
            hint="end it there with agentco down, then agentco up --take-over here",
        )
    return Locked(
        f"the company runs on {host!r} from another folder, as {HOST_FILE} says",
        hint="two folders would do scheduled work twice: end it there with agentco down,"
        " then agentco up --take-over here",
    )
