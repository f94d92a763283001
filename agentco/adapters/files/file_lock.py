"""One writer at a time for a file. The system holds the lock, so a dead holder has let go of it.

This is the fair queue for files that are written often, such as the memory; `rare_lock` guards the
others. Both take the same lock in the same place.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from agentco.adapters.files.durable_disk import SAFE_FLAGS
from agentco.kernel.errors import Locked, StateBroken

LOCK_TIMEOUT = 10.0
"""Seconds that a lock is waited for."""
LOCK_MODE = 0o600
GITIGNORE_ALL = b"*\n"
MAX_PID_BYTES = 32
MAX_PID = 2**31 - 1
MAX_LOCK_BYTES = 1024
"""A pid, and of a daemon also its host and since when it is up."""


@contextmanager
def hold_lock(path: Path, *, patience: float = LOCK_TIMEOUT) -> Generator[None]:
    """Hold the lock of a file, its path free of links, for the length of a `with`.

    Raises Locked, naming the holder's pid, if it does not come within `patience` seconds.
    """
    lock_file = prepare_lock_path(path)
    deadline = monotonic() + patience
    try:
        lock = acquire_lock(lock_file, deadline)
        while not is_current_lock(lock, lock_file):
            os.close(lock)
            lock = acquire_lock(lock_file, deadline)
    except TimeoutError:
        raise held_by_another(path, lock_file) from None
    except OSError as error:
        raise lock_error(path, error) from error
    try:
        write_holder_pid(lock)
        yield
    finally:
        os.close(lock)


def acquire_lock(lock_file: Path, deadline: float) -> int:
    """Return a handle that has the lock. Raises TimeoutError at the deadline, and OSError."""
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT | SAFE_FLAGS, LOCK_MODE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        if deadline <= monotonic():  # whoever queues gets the lock, if only to let go
            os.close(lock)
            raise TimeoutError from error
        wait_for_lock(lock, deadline)
    except OSError:
        os.close(lock)
        raise
    return lock


def wait_for_lock(lock: int, deadline: float) -> None:
    """Queue in the system's own line, where nobody who comes later is served before us.

    Such a wait cannot be ended, so a thread waits, and lets go of what it gets too late.
    """
    from concurrent.futures import Future
    from threading import Thread

    turn = Future[None]()

    def queue_up() -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            turn.set_exception(error)
            return
        if turn.set_running_or_notify_cancel():
            turn.set_result(None)
        else:
            os.close(lock)

    Thread(target=queue_up, daemon=True).start()
    try:
        turn.result(max(0.0, deadline - monotonic()))
    except BaseException as error:
        if turn.cancel():
            raise
        came_just_now = turn.exception() is None and isinstance(error, TimeoutError)
        if not came_just_now:
            os.close(lock)
            raise


def is_current_lock(lock: int, lock_file: Path) -> bool:
    """Whether a handle is that of the file which lies there now, not of one taken away since."""
    try:
        return os.path.samestat(os.fstat(lock), lock_file.lstat())
    except FileNotFoundError:
        return False


def lock_path(real: Path) -> Path:
    """Return where the lock of a file lies that is no link itself."""
    return real.parent / ".agentco" / f"{real.name}.lock"


def prepare_lock_path(path: Path) -> Path:
    """Return where the lock of a file lies; make its folder, hidden from git.

    Raises StateBroken for a link or anything else that is no file of its own in its place.
    """
    lock_file = lock_path(path)
    folder = lock_file.parent
    if folder.is_symlink():
        raise lock_error(path, OSError(errno.ENOTDIR, f"{str(folder)!r} is a link"))
    try:
        if not is_hidden_from_git(folder):
            hide_from_git(folder)
    except FileExistsError:
        pass  # another process was faster
    except OSError as error:
        raise lock_error(path, error) from error
    with suppress(FileNotFoundError):
        found = lock_file.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise lock_error(path, OSError(errno.EINVAL, "its lock is not a file"))
        if found.st_nlink > 1:  # the pid would be written into the other file as well
            why = (
                f"its lock {str(lock_file)!r} is hard-linked to another file: delete it"
            )
            raise lock_error(path, OSError(errno.EMLINK, why))
    return lock_file


def is_hidden_from_git(folder: Path) -> bool:
    """Whether git ignores all of a folder, by a file that is no link."""
    with suppress(OSError):
        handle = os.open(folder / ".gitignore", os.O_RDONLY | SAFE_FLAGS)
        try:
            return os.pread(handle, len(GITIGNORE_ALL) + 1, 0) == GITIGNORE_ALL
        finally:
            os.close(handle)
    return False


def hide_from_git(folder: Path) -> None:
    """Make a folder that git ignores. Raises OSError, also where the company is gone."""
    folder.mkdir(exist_ok=True)
    ignore_file = folder / ".gitignore"
    ignore_file.unlink(missing_ok=True)
    with ignore_file.open("xb") as file:
        file.write(GITIGNORE_ALL)


def lock_error(path: Path, error: OSError) -> StateBroken:
    """Say in words why a lock cannot be made."""
    return StateBroken(
        f"{str(path)!r} cannot be locked: {error.strerror or error}",
        hint="nothing was changed; look at the free space and the folder's permissions",
    )


def held_by_another(path: Path, lock_file: Path) -> Locked:
    """Say in words who holds a lock."""
    return Locked(
        f"process {read_holder_pid(lock_file)} holds the lock of {str(path)!r}",
        hint="wait for it to finish, or end it if it hangs; then try again",
    )


def read_holder_pid(lock_file: Path) -> str:
    """Return the pid that the holder wrote into the lock file, `?` where none can be read."""
    pid = next(iter(read_lock_words(lock_file)), "")
    return pid if is_pid(pid) else "?"


def read_lock_words(lock_file: Path) -> list[str]:
    """Return what the holder wrote into the lock file; nothing from what is no file of its own."""
    try:
        handle = os.open(lock_file, os.O_RDONLY | SAFE_FLAGS)
    except OSError:
        return []
    try:
        return os.pread(handle, MAX_LOCK_BYTES, 0).decode("utf-8", "replace").split()
    except OSError:
        return []
    finally:
        os.close(handle)


def is_pid(word: str) -> bool:
    """Whether a word names one process; 0 and negative numbers name whole groups of them."""
    return word.isascii() and word.isdigit() and 0 < int(word) <= MAX_PID


def write_holder_pid(lock: int) -> None:
    """Write our pid into the lock file, unless it is there; a full disk costs only the pid."""
    if os.fstat(lock).st_nlink > 1:
        return  # what was linked in a moment ago is no file of ours
    pid = b"%d\n" % os.getpid()
    if os.pread(lock, MAX_PID_BYTES, 0) != pid:
        with suppress(OSError):
            os.ftruncate(lock, 0)
            os.pwrite(lock, pid, 0)
