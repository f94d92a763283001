"""Who said what, beside the lock of a memory: appended to without a sync of its own, read when a line is unsigned."""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import msgspec

from agentco.adapters.files.durable_disk import (
    SAFE_FLAGS,
    Disk,
    prepare_replacement,
    require_full_write,
    temporary_path,
)
from agentco.adapters.files.safe_read import open_regular
from agentco.kernel.errors import AgentcoError
from agentco.memory.lines import MemoryLine
from agentco.memory.provenance import (
    NOTE_DECODER,
    KnownSources,
    ProvenanceNote,
    new_notes,
    read_known_sources,
)

TAIL_BYTES, SLACK_BYTES = 64, 1 << 16
"""What holds the last note, which tells a length and nothing else; and how much may be kept of a small memory."""


class ProvenanceFile:
    """What is kept of one memory. Whoever calls `keep` has the memory's lock."""

    def __init__(self, place: Path, disk: Disk) -> None:
        self.place = place
        self._disk = disk
        self._read: tuple[tuple[int, ...], KnownSources] | None = None
        self._last = (0, -1, -1)

    def read_known(self) -> KnownSources | None:
        """What is kept of each hash; None when nobody has adopted the memory. What cannot be read is not known."""
        try:
            with open_regular(self.place) as file:
                now = os.fstat(file.fileno())
                mark = now.st_ino, now.st_size, now.st_mtime_ns
                if not self._read or self._read[0] != mark:
                    self._read = mark, read_known_sources(file)
                return self._read[1]
        except FileNotFoundError:
            return None
        except OSError:
            return {}

    def keep(
        self,
        kept: Iterable[ProvenanceNote],
        lines: Callable[[], Iterable[MemoryLine]],
        *,
        before: int,
        after: int,
    ) -> None:
        """Note who said what made the memory grow from one size to the other.

        All of its lines when another program was here; anew at the first time, and when it outgrew the memory.
        What the memory acknowledged stays so when this fails: the next writer does it.
        """
        with suppress(OSError, AgentcoError):
            size, end = self._file_and_memory_size()
            if not after or (end == before == after and not kept):
                return
            if size < 0 or (end == before and size > 2 * after + SLACK_BYTES):
                self._disk.remove(temporary_path(self.place))
                with prepare_replacement(
                    self._disk,
                    self.place,
                    encode_notes(new_notes(lines(), {}), after),
                    None,
                ) as rename:
                    rename()
            elif end == before:
                self._append_bytes(encode_notes(kept, after), after)
            else:
                missing = new_notes(lines(), self.read_known() or {})
                self._append_bytes(
                    b"\n" + encode_notes(chain(missing, kept), after), after
                )

    def _file_and_memory_size(self) -> tuple[int, int]:
        """How many bytes it has, and how many the memory had when it was written last; -1 when nobody can say."""
        try:
            now = self.place.lstat()
        except FileNotFoundError:
            return -1, -1
        if self._last[:2] != (now.st_ino, now.st_size):
            with self._open_for_append() as fd:
                tail = os.pread(fd, TAIL_BYTES, max(now.st_size - TAIL_BYTES, 0))
            self._last = now.st_ino, now.st_size, parse_memory_size(tail)
        return self._last[1:]

    def _append_bytes(self, data: bytes, end: int) -> None:
        with self._open_for_append() as fd:
            require_full_write(self._disk.write(fd, data), data)
        inode, size, _ = self._last
        self._last = inode, size + len(data), end

    @contextmanager
    def _open_for_append(self) -> Generator[int]:
        fd = os.open(self.place, os.O_RDWR | os.O_APPEND | SAFE_FLAGS)
        try:
            yield fd
        finally:
            os.close(fd)


def parse_memory_size(tail: bytes) -> int:
    """How long the memory was, as the last note tells; -1 when it is torn."""
    *_, last, rest = (b"", b"", *tail.split(b"\n"))
    with suppress(msgspec.DecodeError):
        return NOTE_DECODER.decode(last).end if last and not rest else -1
    return -1


def encode_notes(notes: Iterable[ProvenanceNote], end: int) -> bytes:
    """The lines of notes, and at the end how long the memory is."""
    return b"".join(
        msgspec.json.encode(note) + b"\n"
        for note in chain(notes, [ProvenanceNote(end=end)])
    )
