"""Reading files that a repository brought: no pipe, no device, nothing endless, nothing outside."""

import errno
import math
import os
import stat
from pathlib import Path
from typing import BinaryIO

from agentco.company.closed_names import closed_name
from agentco.kernel.errors import StateBroken

MEGABYTE = 1_000_000
MAX_BYTES = 500 * MEGABYTE
"""No file of a company is larger; a hole in a file could make it endless."""
UNREACHED = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""No file is there: nothing, a file in place of its folder, or a loop of links."""
SAFE_READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def open_regular(path: Path, most: float = MAX_BYTES) -> BinaryIO:
    """A file to read from.

    Raises FileNotFoundError, and OSError for anything that is not a regular file, or has more bytes
    than `most`.
    """
    file = require_regular(os.open(path, SAFE_READ_FLAGS))
    if os.fstat(file.fileno()).st_size > most:
        file.close()
        raise OSError(errno.EFBIG, f"it is larger than {most / MEGABYTE:g} MB")
    return file


def file_size(path: Path) -> int:
    """The bytes of a file; 0 for one that is not there, or that a loop of links never reaches."""
    try:
        return path.stat().st_size
    except OSError as error:
        if error.errno not in UNREACHED:
            raise
        return 0


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


def read_regular(path: Path, limit: int = -1, most: float = MAX_BYTES) -> bytes:
    """The bytes of a regular file, or the first `limit` of them. Raises as `open_regular` does."""
    with open_regular(path, most if limit < 0 else math.inf) as file:
        return file.read(limit)


def real_path(path: Path, within: Path | None) -> Path:
    """The file behind any links.

    Raises StateBroken if it lies outside `within`, or its locks would, or where a link leads to
    what keeps secrets: a cloned repository must not make us read or write elsewhere.
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
    inside = str(real.relative_to(home))
    given = {os.path.relpath(path, top) for top in (within, home)}
    if inside not in given and closed_name(inside):
        raise StateBroken(
            f"{str(path)!r} leads to {inside!r}, which is closed to agents",
            hint="put the file itself where the link is",
        )
    lock_folder = real.parent / ".agentco"
    # Unlike Path's, this check of a link never raises.
    if os.path.islink(lock_folder):  # noqa: PTH114
        raise StateBroken(
            f"{str(lock_folder)!r} is a link",
            hint="put a real folder in its place, or remove it",
        )
    return real
