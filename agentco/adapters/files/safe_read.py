"""Reading files that a repository brought: never a pipe or a device, never outside the company."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from agentco.kernel.errors import StateBroken

SAFE_READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def open_regular(path: Path) -> BinaryIO:
    """A file to read from.

    Raises FileNotFoundError, and OSError for anything that is not a regular file.
    """
    return require_regular(os.open(path, SAFE_READ_FLAGS))


def open_inside(folder: Path | str, path: str) -> int:
    """Open what lies at a path without `..` below a folder; a link on the way is an OSError."""
    handle = os.open(folder, SAFE_READ_FLAGS)
    for name in filter(None, path.split("/")):
        try:
            inner = os.open(name, SAFE_READ_FLAGS | os.O_NOFOLLOW, dir_fd=handle)
        finally:
            os.close(handle)
        handle = inner
    return handle


def require_regular(handle: int) -> BinaryIO:
    """The file behind a handle. Raises OSError, the handle closed, for anything else."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a file that can be read")
    return os.fdopen(handle, "rb")


def read_regular(path: Path, limit: int = -1) -> bytes:
    """The bytes of a regular file, at most `limit` of them. Raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read(limit)


def real_path(path: Path, within: Path | None) -> Path:
    """The file behind any links.

    Raises StateBroken if it lies outside `within`, or its locks would: a cloned repository must
    not make us write elsewhere.
    """
    real = Path(os.path.realpath(path))
    if within is None:
        return real
    home = Path(os.path.realpath(within))
    if not real.is_relative_to(home):
        raise StateBroken(
            f"{str(path)!r} leads out of the company, to {str(real)!r}",
            hint="put the file itself where the link is; nothing outside the company is written",
        )
    lock_folder = real.parent / ".agentco"
    # Unlike Path's, this check of a link never raises.
    if os.path.islink(lock_folder):  # noqa: PTH114
        raise StateBroken(
            f"{str(lock_folder)!r} is a link",
            hint="put a real folder in its place, or take it away",
        )
    return real
