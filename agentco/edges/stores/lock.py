"""One writer at a time. The operating system holds the lock, so a holder that died has let go of it."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentco.errors import Locked, StateBroken

POLL = 0.002
PATIENCE = 10.0


@contextmanager
def held(path: Path, *, patience: float = PATIENCE) -> Generator[None]:
    """Hold the lock in the file `path` (beside what it guards).

    Raises Locked, naming the holder's pid, when it does not come within `patience` seconds.
    """
    import filelock

    lock = filelock.FileLock(path, timeout=patience, poll_interval=POLL)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise Locked(
            f"{str(path)!r} is held by process {holder(path)}",
            hint="wait for it to finish, or end it if it hangs; then try again",
        ) from None
    except OSError as error:
        raise StateBroken(
            f"{str(path)!r} cannot be locked: {error.strerror or error}", hint="fix the folder's permissions"
        ) from error
    try:
        sign(path)
        yield
    finally:
        lock.release()


def holder(path: Path) -> str:
    """The pid that the holder wrote into the lock file."""
    try:
        return path.read_text().strip() or "?"
    except OSError:
        return "?"


def sign(path: Path) -> None:
    """Write our pid into the lock file, unless it is there; a full disk only costs the pid."""
    if holder(path) != str(pid := os.getpid()):
        with suppress(OSError):
            path.write_text(f"{pid}\n")
