"""The log of a daemon in the background: the last of it is kept, also while it runs."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from agentco.adapters.files.durable_disk import SAFE_FLAGS
from agentco.adapters.files.safe_read import open_regular
from agentco.kernel.errors import StateBroken

LOG_FILE = ".agentco/up.log"
MAX_LOG_BYTES = 1_000_000
"""A longer log becomes `up.log.old`, and a new one begins."""
STDERR = 2


def open_log(root: Path) -> BinaryIO:
    """The log, to be appended to. Raises StateBroken, OSError."""
    log = root / LOG_FILE
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.old"))
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | SAFE_FLAGS
    file = os.fdopen(os.open(log, flags, 0o600), "ab")
    info = os.fstat(file.fileno())
    if stat.S_ISREG(info.st_mode) and info.st_nlink == 1:
        return file
    file.close()
    raise StateBroken(
        f"{str(log)!r} is a hard link, or not a file",
        hint="delete it; agentco makes its own",
    )


def trim_log(root: Path) -> None:
    """Move what the log of this process says aside once it is long.

    The file stays the same, since every process of the daemon writes to it. A line that is written
    in between may be lost; a log that the disk does not let us trim grows on.
    """
    log = root / LOG_FILE
    with suppress(OSError):
        info = log.lstat()
        is_ours = os.path.samestat(info, os.fstat(STDERR))
        if is_ours and info.st_size > MAX_LOG_BYTES:
            with open_regular(log) as file:
                file.seek(-MAX_LOG_BYTES, os.SEEK_END)
                text = file.read(MAX_LOG_BYTES)
            try:
                keep_old(log.with_suffix(".log.old"), text)
            finally:  # a full disk keeps what is new
                os.truncate(log, 0)


def keep_old(path: Path, text: bytes) -> None:
    """Put the end of a log in the place of the one before. Raises OSError."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_FLAGS
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(text)
