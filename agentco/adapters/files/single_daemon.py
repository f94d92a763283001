"""Who runs the company: one daemon at a time on a machine, and one machine at a time anywhere."""

import os
import stat
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import gethostname
from typing import BinaryIO

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
from agentco.kernel.errors import Locked, StateBroken
from agentco.ports.daemon import RunningDaemon

HOST_FILE = ".github/agentco.host"
"""Where git sees which machine runs the company."""
LOG_FILE = ".agentco/up.log"
MAX_HOST_BYTES = 256
MAX_LOG_BYTES = 1_000_000
"""A longer log is put aside when the next daemon starts."""


class SingleDaemon:
    """The one daemon of the company in `root`, whoever it is."""

    def __init__(self, root: Path) -> None:
        self.root = root
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

        host = gethostname()
        last_host = self._last_host()
        if last_host not in {"", host} and not take_over:
            raise Locked(
                f"the company runs on {last_host!r}, as {HOST_FILE} says, and this is {host!r}",
                hint="end it there with agentco down, then agentco up --take-over here",
            )
        with ExitStack() as stack:
            try:
                stack.enter_context(hold_rare_lock(self._locked_path, patience=0))
            except Locked:
                other = self.running() or RunningDaemon(0)
                raise Locked(
                    f"agentco is up already: process {other.pid} on {other.host or host}",
                    hint="agentco status shows what it does, agentco down ends it",
                ) from None
            self._add_to_lock(process_mark(os.getpid()) or "?")
            if last_host != host:
                self._write_host(host)
            yield lambda since: self._add_to_lock(host, since)

    def open_log(self) -> BinaryIO:
        """The log of a daemon in the background, to be appended to. Raises StateBroken, OSError."""
        prepare_lock_path(self._locked_path)  # makes the folder, which git ignores
        log = self.root / LOG_FILE
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | SAFE_FLAGS
        file = os.fdopen(os.open(log, flags, 0o600), "ab")
        info = os.fstat(file.fileno())
        if stat.S_ISREG(info.st_mode) and info.st_nlink == 1:
            return file
        file.close()
        raise StateBroken(
            f"{str(log)!r} is a hard link, or no file",
            hint="delete it; agentco makes its own",
        )

    def _last_host(self) -> str:
        """The machine that runs the company, as the file says that git sees; empty without one."""
        try:
            data = read_regular(self.root / HOST_FILE, MAX_HOST_BYTES)
        except OSError:
            return ""
        return data.decode("utf-8", "replace").strip()

    def _write_host(self, host: str) -> None:
        path = self.root / HOST_FILE
        try:
            path.unlink(missing_ok=True)
            write_new_file(Disk(), path, f"{host}\n".encode(), None)
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
