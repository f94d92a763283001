"""Which processes drive runs: each holds one lock, and is alive as long as that cannot be taken."""

import errno
import fcntl
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from agentco.adapters.clock import NAME_LETTERS
from agentco.adapters.files.durable_disk import SAFE_FLAGS
from agentco.adapters.files.file_lock import prepare_lock_path, read_holder_pid
from agentco.kernel.errors import StateBroken

match_driver_name = re.compile(f"[{NAME_LETTERS}]{{6}}").fullmatch


class Drivers:
    """The drivers of one company. A name is that of a lock in `.agentco/drivers`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".agentco" / "drivers"
        self._held: int | None = None
        self.mine = ""

    def become_driver(self, name: str) -> str:
        """Become a driver for the rest of the process, under a name that nobody has; returns it."""
        if self.mine:
            return self.mine
        try:
            # makes the folder, which git ignores
            prepare_lock_path(self.root / "state")
            self.folder.mkdir(exist_ok=True)
            if not stat.S_ISDIR(self.folder.lstat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "it is not a real folder")
            self._remove_dead_locks()
            # nobody looks at this name before the lock is held
            new = self.folder / f"{name}.new"
            self._held = os.open(
                new, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600
            )
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(self.folder / name)
            os.write(self._held, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise StateBroken(
                f"no lock can be made in {str(self.folder)!r}: {error.strerror or error}",
                hint="look at the free space and the folder's permissions",
            ) from error
        self.mine = name
        return name

    def is_alive(self, name: str | None) -> bool:
        """Whether the process of that name still runs."""
        if not name or name == self.mine:
            return bool(name)
        return is_locked(self.folder / name)

    def pid_of(self, name: str) -> str:
        """The process id that a driver wrote into its lock."""
        return read_holder_pid(self.folder / name)

    def stop_driving(self) -> None:
        """Let go; the runs of this process are then free."""
        if self._held is not None:
            with suppress(OSError):
                (self.folder / self.mine).unlink()
            os.close(self._held)
        self._held, self.mine = None, ""

    def _remove_dead_locks(self) -> None:
        """Take away the locks of processes that are gone."""
        for place in self.folder.iterdir():
            if match_driver_name(place.name) and not self.is_alive(place.name):
                with suppress(OSError):
                    place.unlink()


def is_locked(lock: Path) -> bool:
    """Whether a process holds a lock; two who look at once do not take each other for it."""
    try:
        handle = open_lock(lock)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def open_lock(lock: Path) -> int:
    """Open a lock that is there, to read where its disk allows no more. Raises OSError."""
    try:
        return os.open(lock, os.O_RDWR | SAFE_FLAGS)
    except OSError:
        return os.open(lock, os.O_RDONLY | SAFE_FLAGS)
