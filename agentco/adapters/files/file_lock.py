"""One writer at a time for a file. The system holds the lock, so a holder that died has let go of it."""

import errno
import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from agentco.kernel.errors import Locked, StateBroken

SAFE_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
LOCK_TIMEOUT = 10.0


@contextmanager
def hold_lock(path: Path, *, patience: float = LOCK_TIMEOUT) -> Generator[None]:
    """Hold the lock of a file, its path free of links, for the length of a `with`.

    The lock lies in `.agentco` beside the real file, out of git's sight, and holds the pid of its holder.
    Raises Locked, naming that pid, when it does not come within `patience` seconds.
    """
    place, end = prepare_lock_path(path), monotonic() + patience
    try:
        while not is_current_lock(lock := acquire_lock(place, end), place):
            os.close(lock)
    except TimeoutError:
        hint = "wait for it to finish, or end it if it hangs; then try again"
        raise Locked(
            f"process {read_holder_pid(place)} holds the lock of {str(path)!r}",
            hint=hint,
        ) from None
    except OSError as error:
        raise _lock_error(path, error) from error
    try:
        write_holder_pid(lock)
        yield
    finally:
        os.close(lock)


def acquire_lock(place: Path, end: float) -> int:
    """A handle that has the lock. Raises TimeoutError at the end, and OSError."""
    lock = os.open(place, os.O_RDWR | os.O_CREAT | SAFE_FLAGS, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        wait_for_lock(lock, end)
    except OSError:
        os.close(lock)
        raise
    return lock


def wait_for_lock(lock: int, end: float) -> None:
    """Stand in the system's own line, where nobody who comes later and often is served before us.

    Such a wait cannot be ended, so a thread waits, and lets go of what it gets too late.
    """
    from concurrent.futures import Future
    from threading import Thread

    turn = Future[None]()

    def stand() -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            turn.set_exception(error)
            return
        if turn.set_running_or_notify_cancel():
            turn.set_result(None)
        else:
            os.close(lock)

    Thread(target=stand, daemon=True).start()
    try:
        turn.result(max(0.0, end - monotonic()))
    except BaseException as error:
        if not turn.cancel():
            if turn.exception() is None and isinstance(error, TimeoutError):
                return
            os.close(lock)
        raise


def is_current_lock(lock: int, place: Path) -> bool:
    """Whether a lock is that of the file which lies there now, and not of one that was taken away."""
    try:
        return os.path.samestat(os.fstat(lock), place.lstat())
    except FileNotFoundError:
        return False


def lock_path(real: Path) -> Path:
    """Where the lock of a file lies that is no link itself."""
    return real.parent / ".agentco" / f"{real.name}.lock"


def prepare_lock_path(path: Path) -> Path:
    """Where the lock of a file lies; makes its folders, which tells git to ignore all of it."""
    place = lock_path(path)
    folder = place.parent
    if folder.is_symlink():
        raise _lock_error(path, OSError(errno.ENOTDIR, f"{str(folder)!r} is a link"))
    try:
        if not is_hidden_from_git(folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".gitignore").unlink(missing_ok=True)
            with (folder / ".gitignore").open("x") as file:
                file.write("*\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise _lock_error(path, error) from error
    if os.path.lexists(place) and not stat.S_ISREG(place.lstat().st_mode):
        raise _lock_error(path, OSError(errno.EINVAL, "its lock is not a file"))
    return place


def is_hidden_from_git(folder: Path) -> bool:
    """Whether git ignores all of a folder, by a file that is no link."""
    with suppress(OSError):
        file = os.open(folder / ".gitignore", os.O_RDONLY | SAFE_FLAGS)
        try:
            return os.pread(file, 3, 0) == b"*\n"
        finally:
            os.close(file)
    return False


def _lock_error(path: Path, error: OSError) -> StateBroken:
    what = f"{str(path)!r} cannot be locked: {error.strerror or error}"
    return StateBroken(
        what,
        hint="nothing was changed; look at the free space and the folder's permissions",
    )


def read_holder_pid(place: Path) -> str:
    """The pid that the holder wrote into the lock file."""
    try:
        return place.read_text().strip() or "?"
    except OSError:
        return "?"


def write_holder_pid(lock: int) -> None:
    """Write our pid into the lock file, unless it is there; a full disk only costs the pid."""
    if os.pread(lock, 32, 0) != (pid := b"%d\n" % os.getpid()):
        with suppress(OSError):
            os.ftruncate(lock, 0)
            os.pwrite(lock, pid, 0)
