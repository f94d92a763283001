"""One writer at a time for a file, whichever process it is in."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agentco.errors import Locked

POLL = 0.002


@contextmanager
def held(path: Path, *, timeout: float = 10) -> Generator[None]:
    """Hold the lock of a file for the length of a `with`; `timeout` in seconds.

    The lock holds the pid of its holder and lies in `.agentco` beside the real file, out of git's sight.
    Raises Locked, naming that pid.
    """
    from filelock import FileLock, Timeout

    place = lock_of(path)
    lock = FileLock(place, timeout=timeout, poll_interval=POLL)
    try:
        lock.acquire()
    except Timeout:
        pid = place.read_text().strip() or "unknown"
        hint = f"wait until it has ended, or look at it with ps -p {pid}"
        raise Locked(f"process {pid} holds the lock of {str(path)!r}", hint=hint) from None
    try:
        place.write_text(str(os.getpid()))
        yield
    finally:
        lock.release()


def lock_of(path: Path) -> Path:
    """Where the lock of a file lies; makes its folder, which tells git to ignore all of it."""
    real = path.resolve()
    folder = real.parent / ".agentco"
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
    return folder / f"{real.name}.lock"
