"""Reads a memory on from where it stopped: only what was appended, or all of it after a rewrite."""

import errno
import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from agentco.adapters.files.durable_disk import Disk, prepare_replacement
from agentco.adapters.files.safe_read import MAX_BYTES, open_regular, read_regular
from agentco.kernel.errors import AgentcoError, StateBroken
from agentco.memory.graph import MemoryGraph
from agentco.memory.seal import new_seal, read_seal, wants_seal

MAX_LINE_BYTES = 16_000_000
LONG_LINE = "a line is longer than 16 MB"
MAX_SEAL_BYTES = 1_000_000
MARK_BYTES = 4096
"""How much of what was read last tells whether a file was appended to or changed."""


class ReadPosition(Struct, frozen=True, kw_only=True):
    """How much of which file the graph holds; `mark` is the last we read of it."""

    inode: int
    size: int
    mtime_ns: int
    mark: bytes

    def is_unchanged(self, info: os.stat_result) -> bool:
        """Whether the file is as it was when we read it."""
        seen = (self.inode, self.size, self.mtime_ns)
        return seen == (info.st_ino, info.st_size, info.st_mtime_ns)

    def is_continued(self, file: BinaryIO, info: os.stat_result) -> bool:
        """Whether whole lines were appended to what we read, and nothing else happened."""
        if info.st_ino != self.inode or info.st_size <= self.size:
            return False
        if self.mark[-1:] not in {b"", b"\n"}:
            return False
        start = self.size - len(self.mark)
        return os.pread(file.fileno(), len(self.mark), start) == self.mark

    def after_append(self, data: bytes, info: os.stat_result) -> "ReadPosition | None":
        """The position once our own data was appended; None when more happened to the file."""
        if (info.st_ino, info.st_size) != (self.inode, self.size + len(data)):
            return None
        mark = (self.mark + data)[-MARK_BYTES:]
        return ReadPosition(
            inode=info.st_ino, size=info.st_size, mtime_ns=info.st_mtime_ns, mark=mark
        )


class MemoryReader:
    """The graph of one memory file. Without a `position` it is read anew."""

    def __init__(
        self,
        new_graph: Callable[[], MemoryGraph],
        seal: Path | None = None,
        most_bytes: Callable[[], int] = lambda: MAX_BYTES,
    ) -> None:
        self.graph = new_graph()
        self.seal = seal
        self._most_bytes = most_bytes
        self.position: ReadPosition | None = None
        self._new_graph = new_graph

    def read(self, real: Path) -> MemoryGraph:
        """Return all that the file holds now. Raises FileNotFoundError, and OSError."""
        if self.position and self.position.is_unchanged(real.stat()):
            return self.graph
        with open_regular(real, self._most_bytes()) as file:
            self._read_new_lines(file)
        return self.graph

    def forget(self) -> MemoryGraph:
        """Return an empty graph: there is no file."""
        self.position = None
        self.graph = self._new_graph()
        return self.graph

    def _read_new_lines(self, file: BinaryIO) -> None:
        info = os.fstat(file.fileno())
        is_continued = self.position and self.position.is_continued(file, info)
        if self.position and is_continued:
            file.seek(self.position.size)
        else:
            self.graph = self._new_graph()
        self.position = None
        with without_gc():
            if is_continued or not self.seal or not self.graph.key:
                self.graph.add_raw_lines(lines_of(file))
            else:
                self._read_sealed(file.read(), self.seal, self.graph.key)
        size = file.tell()
        mark = os.pread(file.fileno(), min(size, MARK_BYTES), max(size - MARK_BYTES, 0))
        self.graph.size = size
        self.position = ReadPosition(
            inode=info.st_ino, size=size, mtime_ns=info.st_mtime_ns, mark=mark
        )

    def _read_sealed(self, data: bytes, place: Path, key: bytes) -> None:
        """Read all of a file without a look at the lines that its seal knows to be signed."""
        lines = lines_of(BytesIO(data))
        seal = None
        with suppress(OSError):
            seal = read_seal(read_regular(place, most=MAX_SEAL_BYTES), data, key)
        if seal:
            sealed = islice(lines, seal.lines)
            self.graph.add_raw_lines(sealed, frozenset(seal.unsigned))
        self.graph.add_raw_lines(lines)
        if wants_seal(len(data), seal, self.graph.unsigned):
            text = msgspec.json.encode(new_seal(data, self.graph.unsigned, key))
            # a disk that takes no seal costs the next reading some time, and nothing else
            with (
                suppress(OSError, AgentcoError),
                prepare_replacement(Disk(), place, text, None) as rename,
            ):
                rename()


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file. Raises OSError for one that does not seem to end."""
    while line := file.readline(MAX_LINE_BYTES):
        if len(line) == MAX_LINE_BYTES:
            raise OSError(errno.EFBIG, LONG_LINE)
        yield line


def require_short_lines(data: bytes) -> None:
    """Raise OSError for a line that does not seem to end; the others are not looked at."""
    start = 0
    while len(data) - start >= MAX_LINE_BYTES:
        end = data.rfind(b"\n", start, start + MAX_LINE_BYTES) + 1
        if not end:
            raise OSError(errno.EFBIG, LONG_LINE)
        start = end


def read_error(path: Path, error: OSError) -> StateBroken:
    """Say in words why a memory cannot be read."""
    hint = (
        "fix its permissions, put the file back, or take out what nobody needs; "
        "an unreadable memory is never replaced"
    )
    if error.errno == errno.EFBIG:
        hint = (
            "take out what nobody needs; in a folder that you do not trust yet,"
            " at most 10 MB of memory are read: agentco trust, if it is yours"
        )
    return StateBroken(
        f"{str(path)!r} cannot be read: {error.strerror or error}", hint=hint
    )


@contextmanager
def without_gc() -> Generator[None]:
    """Load without the garbage collector, which would walk through every record again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
