"""The few things a store does to a disk, one method each, so that a test can stop between any two."""

import os
import stat
from pathlib import Path

# macOS has no fdatasync.
_sync_data = getattr(os, "fdatasync", os.fsync)


class Disk:
    """Writes that are on the disk when they return, or are not there at all."""

    def append(self, path: Path, data: bytes) -> None:
        """Add whole lines in one write and sync; after a failure the file has its old length."""
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            whole = b"\n" + data if torn else data
            try:
                self.put(handle, whole)
                self.sync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)
        if size == 0:
            self.sync_folder(path.parent)

    def write(self, path: Path, data: bytes, like: Path) -> None:
        """Make a new file, with the mode of `like` where that exists, and sync it."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            if like.exists():
                os.fchmod(handle, stat.S_IMODE(like.stat().st_mode))
            self.put(handle, data)
            self.sync(handle)
        finally:
            os.close(handle)

    def put(self, handle: int, data: bytes) -> None:
        """Write everything or raise OSError."""
        written = os.write(handle, data)
        while written < len(data):
            written += os.write(handle, data[written:])

    def sync(self, handle: int) -> None:
        """Wait until what was written would survive a power cut."""
        _sync_data(handle)

    def replace(self, new: Path, old: Path) -> None:
        """Put a finished file in the place of another, at once, and make the name survive a power cut."""
        new.replace(old)
        self.sync_folder(old.parent)

    def remove(self, path: Path) -> None:
        """Take a file away where there is one."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder survive a power cut."""
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
