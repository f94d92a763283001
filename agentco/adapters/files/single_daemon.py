"""Who runs the company: one daemon at a time on a machine, and one machine at a time anywhere."""

import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from socket import gethostname
from typing import BinaryIO

from agentco.adapters.files.durable_disk import Disk, write_error, write_new_file
from agentco.adapters.files.file_lock import (
    SAFE_FLAGS,
    hold_lock,
    lock_path,
    prepare_lock_path,
)
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.state.drivers import is_locked
from agentco.engine.daemon_ports import RunningDaemon
from agentco.kernel.errors import Locked

HOST_FILE = ".github/agentco.host"
"""Where git sees which machine runs the company."""
MAX_HOST_BYTES = 256
LOG_FILE = ".agentco/up.log"
MAX_LOG_BYTES = 1_000_000
"""A longer log is put aside when the next daemon starts."""


class SingleDaemon:
    """The one daemon of the company in `root`, whoever it is."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def running(self) -> RunningDaemon | None:
        """The daemon that runs the company on this machine, if one does."""
        return running_daemon(self.root)

    def become(
        self, *, take_over: bool
    ) -> AbstractContextManager[Callable[[str], None]]:
        """Be the one daemon; what it gives says, with the time, that it is up."""
        return become_daemon(self.root, take_over=take_over)

    def open_log(self) -> BinaryIO:
        """The log of a daemon in the background, to be appended to."""
        prepare_lock_path(self.root / "up")  # makes the folder, which git ignores
        log = self.root / LOG_FILE
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | SAFE_FLAGS
        return os.fdopen(os.open(log, flags, 0o600), "ab")


def running_daemon(root: Path) -> RunningDaemon | None:
    """The daemon that runs the company on this machine, if one does."""
    place = lock_path(root / "up")
    if not is_locked(place):
        return None
    pid, *more = place.read_text().split() or ["0"]
    return RunningDaemon(int(pid), *more[:2])


@contextmanager
def become_daemon(root: Path, *, take_over: bool) -> Generator[Callable[[str], None]]:
    """Be the one daemon of a company; what it gives says, with the time, that it is up.

    Raises Locked, naming who is, for a second one.
    """
    here, there = gethostname(), company_host(root)
    if there not in {"", here} and not take_over:
        what = (
            f"the company runs on {there!r}, as {HOST_FILE} says, and this is {here!r}"
        )
        raise Locked(
            what,
            hint="end it there with agentco down, then agentco up --take-over here",
        )
    with ExitStack() as stack:
        try:
            stack.enter_context(hold_lock(root / "up", patience=0))
        except Locked:
            other = running_daemon(root) or RunningDaemon(0)
            what = f"agentco is up already: process {other.pid} on {other.host or here}"
            raise Locked(
                what, hint="agentco status shows what it does, agentco down ends it"
            ) from None
        if there != here:
            write_host(root / HOST_FILE, here)
        yield lambda since: mark_ready(root, here, since)


def company_host(root: Path) -> str:
    """The machine that runs the company, as the file says that git sees."""
    try:
        return (
            read_regular(root / HOST_FILE, MAX_HOST_BYTES)
            .decode("utf-8", "replace")
            .strip()
        )
    except OSError:
        return ""


def write_host(path: Path, host: str) -> None:
    """Write which machine runs the company. Raises StateBroken."""
    try:
        path.unlink(missing_ok=True)
        write_new_file(Disk(), path, f"{host}\n".encode(), None)
    except OSError as error:
        raise write_error(path, error) from error


def mark_ready(root: Path, host: str, since: str) -> None:
    """Write into our lock that we are up."""
    lock = os.open(lock_path(root / "up"), os.O_WRONLY | os.O_APPEND | SAFE_FLAGS)
    try:
        os.write(lock, f"{host}\n{since}\n".encode())
    finally:
        os.close(lock)
