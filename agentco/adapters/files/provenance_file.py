"""Who said what in a memory, kept beside its lock, each note signed as the lines are.

Appended to without a sync of its own; read when a line of the memory says nothing about itself.
"""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

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
from agentco.memory.signatures import sign

TAIL_BYTES = 64
"""What holds the last note, which tells a length and nothing else."""
SLACK_BYTES = 1 << 16
"""How much more than twice the memory may be kept of it."""
UNKNOWN_SIZE = -1


class FileSizes(NamedTuple):
    """The inode and size of the file, and the size of the memory when it was written last."""

    inode: int = 0
    size: int = UNKNOWN_SIZE
    memory: int = UNKNOWN_SIZE


class ProvenanceFile:
    """What is kept of one memory. Whoever calls `keep` has the memory's lock."""

    def __init__(self, place: Path, disk: Disk) -> None:
        self.place = place
        self._disk = disk
        self._known: KnownSources = {}
        self._known_at: tuple[object, ...] = ()
        self._sizes = FileSizes()

    def read_known(self, key: bytes | None) -> KnownSources:
        """What is kept of each hash under a key; with None for it all that was ever noted.

        What cannot be read is not known.
        """
        if key == b"":
            return {}  # nothing is validly signed, whatever a folder brings along
        try:
            with open_regular(self.place) as file:
                info = os.fstat(file.fileno())
                version = (key, info.st_ino, info.st_size, info.st_mtime_ns)
                if self._known_at != version:
                    self._known = read_known_sources(file, key)
                    self._known_at = version
                return self._known
        except OSError:
            return {}

    def keep(
        self,
        notes: Iterable[ProvenanceNote],
        lines: Callable[[], Iterable[MemoryLine]],
        key: bytes,
        *,
        before: int,
        after: int,
    ) -> None:
        """Note who said what made the memory grow from one size to the other.

        If another program wrote meanwhile, its lines are noted too. The file is written anew at
        first, and once it outgrew the memory. What the memory acknowledged stays so if this
        fails: the next writer does it.
        """
        with suppress(OSError, AgentcoError):
            self._update_sizes()
            noted = self._sizes.memory
            is_up_to_date = noted == before
            if not after or (is_up_to_date and before == after and not notes):
                return
            is_new = self._sizes.size == UNKNOWN_SIZE
            if not key:
                # nothing of the memory is known to be true, so what is kept is only added to
                data = encode_notes(notes, key, after)
                if is_new:
                    self._write_anew(data)
                else:
                    self._append(b"\n" + data, memory_size=after)
                return
            is_outgrown = self._sizes.size > 2 * after + SLACK_BYTES
            if is_new or (is_up_to_date and is_outgrown):
                self._write_anew(encode_notes(new_notes(lines(), {}), key, after))
            elif is_up_to_date:
                self._append(encode_notes(notes, key, after), memory_size=after)
            else:
                missing = new_notes(lines(), self.read_known(key))
                data = encode_notes(chain(missing, notes), key, after)
                # The last note may be torn; an empty line ends it.
                self._append(b"\n" + data, memory_size=after)

    def write_anew(
        self, notes: Iterable[ProvenanceNote], key: bytes, *, size: int
    ) -> None:
        """Keep exactly these notes of a memory of this size, where the disk takes them.

        Without them only what is signed in the memory itself counts.
        """
        with suppress(OSError, AgentcoError):
            self._write_anew(encode_notes(notes, key, size))

    def _update_sizes(self) -> None:
        try:
            info = self.place.lstat()
        except FileNotFoundError:
            self._sizes = FileSizes()
            return
        if self._sizes[:2] == (info.st_ino, info.st_size):
            return
        with self._open_for_append() as handle:
            tail = os.pread(handle, TAIL_BYTES, max(info.st_size - TAIL_BYTES, 0))
        self._sizes = FileSizes(info.st_ino, info.st_size, parse_memory_size(tail))

    def _write_anew(self, data: bytes) -> None:
        self._disk.remove(temporary_path(self.place))
        with prepare_replacement(self._disk, self.place, data, None) as rename:
            rename()

    def _append(self, data: bytes, *, memory_size: int) -> None:
        with self._open_for_append() as handle:
            require_full_write(self._disk.write(handle, data), data)
        inode, size, _ = self._sizes
        self._sizes = FileSizes(inode, size + len(data), memory_size)

    @contextmanager
    def _open_for_append(self) -> Generator[int]:
        handle = os.open(self.place, os.O_RDWR | os.O_APPEND | SAFE_FLAGS)
        try:
            yield handle
        finally:
            os.close(handle)


def parse_memory_size(tail: bytes) -> int:
    """How long the memory was, as the last note tells; UNKNOWN_SIZE when it is torn."""
    whole_lines, _, torn_line = tail.rpartition(b"\n")
    _, _, last_line = whole_lines.rpartition(b"\n")
    if torn_line or not last_line:
        return UNKNOWN_SIZE
    try:
        return NOTE_DECODER.decode(last_line).end
    except msgspec.DecodeError:
        return UNKNOWN_SIZE


def encode_notes(notes: Iterable[ProvenanceNote], key: bytes, end: int) -> bytes:
    """The lines of notes, and at the end how long the memory is."""
    signed_notes = (sign(note, key) for note in notes)
    all_notes = chain(signed_notes, [ProvenanceNote(end=end)])
    return b"".join(msgspec.json.encode(note) + b"\n" for note in all_notes)
