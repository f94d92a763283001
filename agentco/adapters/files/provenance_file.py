"""Who said what, beside the lock of a memory: appended to without a sync of its own, read when a line is unsigned."""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import msgspec

from agentco.adapters.files.disk import SAFE, Disk, refuse_short, replacing, temporary
from agentco.adapters.files.safe_read import open_regular
from agentco.kernel.errors import AgentcoError
from agentco.memory.lines import Line
from agentco.memory.provenance import NOTE, Known, Note, known, notes

TAIL, SLACK = 64, 1 << 16
"""What holds the last note, which tells a length and nothing else; and how much may be kept of a small memory."""


class SaidFile:
    """What is kept of one memory. Whoever calls `keep` has the memory's lock."""

    def __init__(self, place: Path, disk: Disk) -> None:
        self.place = place
        self._disk = disk
        self._read: tuple[tuple[int, ...], Known] | None = None
        self._last = (0, -1, -1)

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

    def keep(
        self,
        kept: Iterable[Note],
        lines: Callable[[], Iterable[Line]],
        *,
        before: int,
        after: int,
    ) -> None:
        """Note who said what made the memory grow from one size to the other.

        All of its lines when another program was here; anew at the first time, and when it outgrew the memory.
        What the memory acknowledged stays so when this fails: the next writer does it.
        """
        with suppress(OSError, AgentcoError):
            size, end = self._state()
            if not after or (end == before == after and not kept):
                return
            if size < 0 or (end == before and size > 2 * after + SLACK):
                self._disk.remove(temporary(self.place))
                with replacing(
                    self._disk, self.place, whole(notes(lines(), {}), after), None
                ) as rename:
                    rename()
            elif end == before:
                self._append(whole(kept, after), after)
            else:
                missing = notes(lines(), self.known() or {})
                self._append(b"\n" + whole(chain(missing, kept), after), after)

    def _state(self) -> tuple[int, int]:
        """How many bytes it has, and how many the memory had when it was written last; -1 when nobody can say."""
        try:
            now = self.place.lstat()
        except FileNotFoundError:
            return -1, -1
        if self._last[:2] != (now.st_ino, now.st_size):
            with self._opened() as fd:
                tail = os.pread(fd, TAIL, max(now.st_size - TAIL, 0))
            self._last = now.st_ino, now.st_size, ended(tail)
        return self._last[1:]

    def _append(self, data: bytes, end: int) -> None:
        with self._opened() as fd:
            refuse_short(self._disk.write(fd, data), data)
        inode, size, _ = self._last
        self._last = inode, size + len(data), end

    @contextmanager
    def _opened(self) -> Generator[int]:
        fd = os.open(self.place, os.O_RDWR | os.O_APPEND | SAFE)
        try:
            yield fd
        finally:
            os.close(fd)


def ended(tail: bytes) -> int:
    """How long the memory was, as the last note tells; -1 when it is torn."""
    *_, last, rest = (b"", b"", *tail.split(b"\n"))
    with suppress(msgspec.DecodeError):
        return NOTE.decode(last).end if last and not rest else -1
    return -1


def whole(notes: Iterable[Note], end: int) -> bytes:
    """The lines of notes, and at the end how long the memory is."""
    return b"".join(
        msgspec.json.encode(note) + b"\n" for note in chain(notes, [Note(end=end)])
    )
