"""Who said what, beside the lock of a memory: appended to without a sync of its own, read when a line is unsigned."""

import os
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import msgspec

from agentco.edges.regular import open_regular
from agentco.edges.stores.disk import SAFE, Disk, refuse_short
from agentco.memory.provenance import NOTE, Known, Note, known

TAIL = 4096


class SaidFile:
    """What is kept of one memory. Every act but `known` wants the memory's lock."""

    def __init__(self, place: Path, disk: Disk) -> None:
        self.place = place
        self._disk = disk
        self._read: tuple[tuple[int, ...], Known] | None = None

    @property
    def size(self) -> int:
        """How many bytes it has; none when it is not there."""
        return self.place.stat().st_size if self.place.exists() else 0

    @property
    def end(self) -> int:
        """How many bytes the memory had when this was written last; -1 when nobody can say."""
        try:
            with open_regular(self.place) as file:
                file.seek(max(os.fstat(file.fileno()).st_size - TAIL, 0))
                *_, last, rest = (b"", b"", *file.read().split(b"\n"))
            return NOTE.decode(last).end if last and not rest else -1
        except (OSError, msgspec.DecodeError):
            return -1

    def known(self) -> Known | None:
        """What is kept of each hash; None when nobody has adopted the memory. What cannot be read is not known."""
        try:
            with open_regular(self.place) as file:
                now = os.fstat(file.fileno())
                mark = now.st_ino, now.st_size, now.st_mtime_ns
                if not self._read or self._read[0] != mark:
                    self._read = mark, known(file)
                return self._read[1]
        except FileNotFoundError:
            return None
        except OSError:
            return {}

    def append(self, notes: Iterable[Note], end: int) -> None:
        """Add notes at the end, all or a torn one. Raises OSError."""
        data = self.whole(notes, end)
        fd = os.open(self.place, os.O_RDWR | os.O_APPEND | os.O_CREAT | SAFE, 0o666)
        try:
            size = os.fstat(fd).st_size
            data = b"\n" * (size > 0 and os.pread(fd, 1, size - 1) != b"\n") + data
            refuse_short(self._disk.write(fd, data), data)
        finally:
            os.close(fd)

    def whole(self, notes: Iterable[Note], end: int) -> bytes:
        """The lines of notes, and at the end how long the memory is."""
        return b"".join(msgspec.json.encode(note) + b"\n" for note in chain(notes, [Note(end=end)]))
