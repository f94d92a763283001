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

    The lock lies beside the real file and holds the pid of its holder. Raises Locked, naming that pid.
    """
    from filelock import FileLock, Timeout

    real = path.resolve()
    place = real.with_name(f".{real.name}.lock")
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
