"""Locks that are rarely waited for: the daemon, the board, the trust, the making of a state.

`filelock` polls, so a latecomer may be served first; where many wait often, as for the memory,
`file_lock` queues fairly. The library is loaded by the first lock that needs it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agentco.adapters.files.file_lock import (
    LOCK_MODE,
    LOCK_TIMEOUT,
    held_by_another,
    lock_error,
    prepare_lock_path,
    write_holder_pid,
)


@contextmanager
def hold_rare_lock(path: Path, *, patience: float = LOCK_TIMEOUT) -> Generator[None]:
    """Hold the lock of a file, its path free of links, for the length of a `with`.

    Raises Locked, naming the holder's pid, if it does not come within `patience` seconds, and
    StateBroken where no lock can be made, also on a disk that knows no `flock`.
    """
    from filelock import FileLock, Timeout

    lock_file = prepare_lock_path(path)
    lock = FileLock(
        lock_file,
        timeout=patience,
        mode=LOCK_MODE,
        fallback_to_soft=False,
        preserve_lock_file=True,
        on_acquired=write_holder_pid,
    )
    try:
        lock.acquire()
    except Timeout:
        raise held_by_another(path, lock_file) from None
    except OSError as error:
        raise lock_error(path, error) from error
    try:
        yield
    finally:
        lock.release()
