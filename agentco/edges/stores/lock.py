"""One writer at a time for a file. The system holds the lock, so a holder that died has let go of it."""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentco.edges.regular import open_below, regular
from agentco.errors import Locked, StateBroken

POLL = 0.002
PATIENCE = 10.0


@contextmanager
def held(path: Path, *, patience: float = PATIENCE) -> Generator[None]:
    """Hold the lock of a file for the length of a `with`.

    The lock lies in `.agentco` beside the real file, out of git's sight, and holds the pid of its holder.
    Raises Locked, naming that pid, when it does not come within `patience` seconds.
    """
    import filelock

    place = lock_of(path)
    lock = filelock.FileLock(place, timeout=patience, poll_interval=POLL)
    try:
        lock.acquire()
    except filelock.Timeout:
        hint = "wait for it to finish, or end it if it hangs; then try again"
        raise Locked(f"process {holder(place)} holds the lock of {str(path)!r}", hint=hint) from None
    except OSError as error:
        raise _unlockable(path, error) from error
    try:
        sign(place)
        yield
    finally:
        lock.release()


def place_of(path: Path) -> Path:
    """Where the lock of a file lies."""
    real = Path(os.path.realpath(path))
    return real.parent / ".agentco" / f"{real.name}.lock"


def lock_of(path: Path) -> Path:
    """Where the lock of a file lies; makes its folder, which tells git to ignore all of it."""
    place = place_of(path)
    folder = place.parent
    if folder.is_symlink():
        raise _unlockable(path, OSError(errno.ENOTDIR, f"{str(folder)!r} is a link"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not hidden(folder):
            (folder / ".gitignore").unlink(missing_ok=True)
            with (folder / ".gitignore").open("x") as file:
                file.write("*\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise _unlockable(path, error) from error
    if os.path.lexists(place) and not stat.S_ISREG(place.lstat().st_mode):
        raise _unlockable(path, OSError(errno.EINVAL, "its lock is not a file"))
    return place


def hidden(folder: Path) -> bool:
    """Whether git ignores all of a folder, by a file that is no link."""
    with suppress(OSError), regular(open_below(folder, ".gitignore")) as file:
        return file.read(3) == b"*\n"
    return False


def _unlockable(path: Path, error: OSError) -> StateBroken:
    what = f"{str(path)!r} cannot be locked: {error.strerror or error}"
    return StateBroken(what, hint="nothing was changed; look at the free space and the folder's permissions")


def holder(place: Path) -> str:
    """The pid that the holder wrote into the lock file."""
    try:
        return place.read_text().strip() or "?"
    except OSError:
        return "?"


def sign(place: Path) -> None:
    """Write our pid into the lock file, unless it is there; a full disk only costs the pid."""
    if holder(place) != str(pid := os.getpid()):
        with suppress(OSError):
            place.write_text(f"{pid}\n")
