"""Acts on a disk that must survive a crash, one method each, so that tests can stop at any."""

import errno
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentco.kernel.errors import StateBroken

SAFE_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Follow no link and wait for no pipe: whoever writes has resolved the path before."""


class Disk:
    """The real disk."""

    def write(self, fd: int, data: bytes) -> int:
        """Write once; returns how many bytes the system took."""
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Wait until what was written is on the disk."""
        if sys.platform == "darwin":
            os.fsync(fd)
        else:
            os.fdatasync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file back."""
        os.ftruncate(fd, size)

    def rename(self, old: Path, new: Path) -> None:
        """Put a finished file in the place of another."""
        old.replace(new)

    def remove(self, path: Path) -> None:
        """Take a leftover away."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Wait until names in a folder are on the disk."""
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def append_durably(disk: Disk, path: Path, data: bytes) -> os.stat_result:
    """Append whole lines in one write, all of them or none, and wait for the disk.

    Returns the file's new stat. Raises StateBroken, with the file as it was, if the disk refuses.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | SAFE_FLAGS, 0o666)
        try:
            before = os.fstat(fd)
            append_to_open_file(disk, fd, data, before.st_size)
        finally:
            os.close(fd)
        after = path.stat()
        if not os.path.samestat(before, after):
            # Somebody put another file in its place while we waited for the disk.
            return append_durably(disk, path, data)
    except OSError as error:
        raise write_error(path, error) from error
    if not before.st_size:
        sync_parent_folder(disk, path)
    return after


def append_to_open_file(disk: Disk, fd: int, data: bytes, size: int) -> None:
    """The same for an open file of a size; one without a newline at its end gets it first."""
    if size and os.pread(fd, 1, size - 1) != b"\n":
        data = b"\n" + data
    try:
        require_full_write(disk.write(fd, data), data)
        disk.sync(fd)
    except OSError:
        with suppress(OSError):
            disk.truncate(fd, size)
        raise


def require_full_write(written: int, data: bytes) -> None:
    """A full disk may take the first part of a write; half a line is worth nothing."""
    if written < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_new_file(
    disk: Disk,
    path: Path | str,
    data: bytes,
    mode: int | None,
    folder: int | None = None,
) -> None:
    """Write a file that nobody reads yet, and wait for the disk. Raises OSError.

    `path` begins at the open `folder`, where one is given.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_FLAGS
    fd = os.open(path, flags, 0o666, dir_fd=folder)
    try:
        if mode is not None:
            os.fchmod(fd, mode)
        rest = memoryview(data)
        while rest:
            taken = disk.write(fd, bytes(rest))
            if not taken:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = rest[taken:]
        disk.sync(fd)
    finally:
        os.close(fd)


def temporary_path(target: Path) -> Path:
    """Where a new version is written; the name is fixed so that a leftover is found."""
    return target.with_name(f".{target.name}.tmp")


@contextmanager
def prepare_replacement(
    disk: Disk, target: Path, data: bytes, mode: int | None
) -> Generator[Callable[[], None]]:
    """Write a file beside the target; yield the act that replaces it. Raises StateBroken."""
    new = temporary_path(target)

    def rename() -> None:
        disk.rename(new, target)
        sync_parent_folder(disk, target)

    try:
        write_new_file(disk, new, data, mode)
        yield rename
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        if new.exists():
            with suppress(OSError):
                disk.remove(new)


def sync_parent_folder(disk: Disk, path: Path) -> None:
    """Wait until a file's new name is on the disk. Raises StateBroken if that is not confirmed."""
    try:
        disk.sync_folder(path.parent)
    except OSError as error:
        raise StateBroken(
            f"{str(path)!r} was changed, but the disk does not confirm it:"
            f" {error.strerror or error}",
            hint="look at the disk, then at what the file holds now",
        ) from error


def write_error(path: Path, error: OSError) -> StateBroken:
    """A write that did not happen, in words."""
    return StateBroken(
        f"{str(path)!r} cannot be written: {error.strerror or error}",
        hint="nothing was changed; make room on the disk or fix the folder's permissions,"
        " then try again",
    )
