"""The memory on disk: appended to, read on from where we stopped, rewritten only to take something away.

Beside the real file lie its lock, `rejected.jsonl` (lines that are no records) and `trash.jsonl` (what was
removed). An acknowledged line is on the disk; a rewrite that is killed leaves the old file or the new.
"""

import gc
import os
import stat
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from agentco.adapters.files.durable_disk import (
    Disk,
    append_durably,
    prepare_replacement,
    temporary_path,
    write_error,
)
from agentco.adapters.files.file_lock import LOCK_TIMEOUT, hold_lock, lock_path
from agentco.adapters.files.provenance_file import ProvenanceFile
from agentco.adapters.files.safe_read import open_regular, read_regular, real_path
from agentco.kernel.errors import Conflict, StateBroken
from agentco.memory import retention, rewrite, trash
from agentco.memory.compact import compact_records
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import (
    EntityLine,
    MemoryLine,
    MemoryRecord,
    RejectedLine,
    encode_line,
    encode_rejected,
    read_records,
)
from agentco.memory.provenance import (
    ProvenanceNote,
    new_notes,
    notes_for_edits,
    restore_authors,
)
from agentco.memory.retention import ExpiringEntity
from agentco.memory.rewrite import RecordRewrite
from agentco.memory.trash import Removal, UndoneRemoval

MAX_REWRITES = 20
MARK_BYTES = 4096


class ReadPosition(Struct, frozen=True, kw_only=True):
    """How much of which file the graph holds; `mark` is the last we read of it."""

    inode: int
    size: int
    mtime_ns: int
    mark: bytes


class FileSnapshot(Struct, frozen=True, kw_only=True):
    """The whole file at one moment; a missing one is empty and has no mode."""

    inode: int = 0
    mtime_ns: int = 0
    mode: int | None = None
    data: bytes = b""


class RewritePlan(Struct, frozen=True, kw_only=True):
    """What a rewrite leaves, and the removal that the trash must know before."""

    kept: Sequence[bytes]
    removal: Removal | None = None


class MemoryFile:
    """One memory file, shared by any number of processes."""

    def __init__(
        self,
        path: Path,
        *,
        within: Path | None = None,
        disk: Disk | None = None,
        patience: float = LOCK_TIMEOUT,
    ) -> None:
        self.path = path
        self.within = within
        self.real = Path(os.path.realpath(path))
        self.rejected = self.real.with_name("rejected.jsonl")
        self.trash = self.real.with_name("trash.jsonl")
        self._leftovers = (temporary_path(self.real), temporary_path(self.trash))
        self._disk = disk or Disk()
        self._said = ProvenanceFile(
            lock_path(self.real).with_suffix(".said"), self._disk
        )
        self._patience = patience
        self._seen: ReadPosition | None = None
        self._graph = self._empty_graph()

    def load_graph(self) -> MemoryGraph:
        """All that is known now; an empty graph when there is no file.

        Raises StateBroken when there is one that cannot be read.
        """
        return self._read_graph(real_path(self.path, self.within))

    def _read_graph(self, real: Path) -> MemoryGraph:
        try:
            now, seen = real.stat(), self._seen
            if seen and (seen.inode, seen.size, seen.mtime_ns) == (
                now.st_ino,
                now.st_size,
                now.st_mtime_ns,
            ):
                return self._graph
            with open_regular(real) as file:
                self._read_new_lines(file)
        except FileNotFoundError:
            self._refuse_missing_file()
            self._seen, self._graph = None, self._empty_graph()
        except OSError as error:
            raise self._read_error(error) from error
        return self._graph

    def add(self, lines: Sequence[MemoryLine]) -> None:
        """Append lines, all or none; they are on the disk when this returns.

        Raises Locked, and StateBroken when the disk does not take them.
        """
        data = b"".join(map(encode_line, lines))
        with self._hold_lock() as kept:
            append_durably(self._disk, self.real, data)
            kept.extend(new_notes(lines, {}))

    def add_each(
        self, makers: Sequence[Callable[[MemoryGraph], Sequence[MemoryLine]]]
    ) -> None:
        """Append what each maker makes of all that was said before it: one lock, one write, one sync for all.

        Raises as `add` does; then nothing of any of them is written.
        """
        with self._hold_lock() as kept:
            graph, before, data = self._read_graph(self.real), self._seen, b""
            # until it is on the disk, the graph knows too much to be read on from
            self._seen = None
            for make in makers:
                lines = make(graph)
                new = [*map(encode_line, lines)]
                graph.add_raw_lines(new)
                data += b"".join(new)
                kept.extend(new_notes(lines, {}))
            self._seen = (
                position_after_append(
                    before, data, append_durably(self._disk, self.real, data)
                )
                if data
                else before
            )

    def remove(
        self, cut: RecordRewrite, *, at: str, what: str, by: str = "founder"
    ) -> Removal | None:
        """Take records away and keep them in the trash; `at` is now (ISO). None when nothing was there.

        What agents and the runtime took away does not come back by `undo_removal`.
        """
        removal: Removal | None = None

        def plan(good: list[MemoryRecord]) -> RewritePlan:
            nonlocal removal
            done = rewrite.apply_rewrite(good, cut)
            note = trash.removal_of(done, file=self.real.name, at=at, what=what, by=by)
            removal = note if done.edits else None
            return RewritePlan(kept=done.kept, removal=removal)

        with self._hold_lock() as kept:
            self._rewrite_locked(plan)
            kept.extend(notes_for_edits(removal.edits if removal else ()))
        return removal

    def apply_changes(
        self,
        *,
        expired: Sequence[ExpiringEntity] = (),
        superseded: Sequence[str] = (),
        records: Sequence[MemoryLine],
        at: str,
    ) -> Sequence[str]:
        """Put lines in and take others out, all or nothing; only what expired goes to the trash.

        Returns the names of the files beside the memory that got lines.
        """
        if not expired and not superseded and len(records) == 1:
            self.add(records)
            return ()
        before = [file_size(place) for place in (self.rejected, self.trash)]

        removal: Removal | None = None

        def plan(good: list[MemoryRecord]) -> RewritePlan:
            nonlocal removal
            rest = [
                r
                for r in good
                if not (isinstance(r.line, EntityLine) and r.line.name in superseded)
            ]
            done = rewrite.apply_rewrite(rest, retention.remove_expired(expired))
            note = trash.removal_of(
                done, file=self.real.name, at=at, what="expired", by="runtime"
            )
            new = [encode_line(record).rstrip(b"\n") for record in records]
            removal = note if done.edits else None
            return RewritePlan(kept=[*done.kept, *new], removal=removal)

        with self._hold_lock() as kept:
            self._rewrite_locked(plan)
            kept.extend(
                [
                    *notes_for_edits(removal.edits if removal else ()),
                    *new_notes(records, {}),
                ]
            )
        beside = zip((self.rejected, self.trash), before, strict=True)
        return [place.name for place, size in beside if file_size(place) != size]

    def repair(self, *, compact: bool = False) -> int | None:
        """Write every record on a line of its own and move what is none; returns how many were moved.

        `compact` makes one line of all that speak of the same. None when the file was whole.
        """
        with self._hold_lock():
            return self._rewrite_locked(
                lambda good: RewritePlan(
                    kept=compact_records(good) if compact else [row.raw for row in good]
                )
            )

    def last_removal(self) -> Removal | None:
        """The removal that `undo_removal` would take back."""
        return self._last_undoable(read_records(self._take_snapshot().data)[0])

    def undo_removal(self) -> Removal | None:
        """Put back what was removed last. None when there is nothing to put back."""
        removal: Removal | None = None

        def plan(good: list[MemoryRecord]) -> RewritePlan:
            nonlocal removal
            removal = self._last_undoable(good)
            return RewritePlan(
                kept=rewrite.restore_records(good, removal.edits if removal else ())
            )

        with self._hold_lock() as kept:
            self._rewrite_locked(plan)
            kept.extend(notes_for_edits(removal.edits if removal else (), back=True))
            if removal:
                # it is back in any case, and a removal of which nothing is missing is passed over
                with suppress(StateBroken):
                    append_durably(
                        self._disk,
                        self.trash,
                        trash.encode_entry(UndoneRemoval(undone=removal.id)),
                    )
        return removal

    def _empty_graph(self) -> MemoryGraph:
        return MemoryGraph(
            file=f"{self.path.parent.name}/{self.path.name}", kept=self._said.read_known
        )

    def _read_error(self, error: OSError) -> StateBroken:
        return StateBroken(
            f"{str(self.path)!r} cannot be read: {error.strerror or error}",
            hint="fix its permissions or put the file back; an unreadable memory is never replaced",
        )

    def _read_new_lines(self, file: BinaryIO) -> None:
        now, seen = os.fstat(file.fileno()), self._seen
        if seen and was_appended_to(file, seen, now):
            file.seek(seen.size)
        else:
            self._graph = self._empty_graph()
        self._seen = None
        with without_gc():
            self._graph.add_raw_lines(file)
        size = file.tell()
        mark = os.pread(file.fileno(), min(size, MARK_BYTES), max(size - MARK_BYTES, 0))
        self._graph.size = size
        self._seen = ReadPosition(
            inode=now.st_ino, size=size, mtime_ns=now.st_mtime_ns, mark=mark
        )

    def _take_snapshot(self) -> FileSnapshot:
        try:
            with open_regular(self.real) as file:
                now = os.fstat(file.fileno())
                mode = stat.S_IMODE(now.st_mode)
                return FileSnapshot(
                    inode=now.st_ino,
                    mtime_ns=now.st_mtime_ns,
                    mode=mode,
                    data=file.read(),
                )
        except FileNotFoundError:
            return FileSnapshot()
        except OSError as error:
            raise self._read_error(error) from error

    @contextmanager
    def _hold_lock(self) -> Generator[list[ProvenanceNote]]:
        """Hold the lock; what is put into the list is kept of who said what."""
        real_path(self.path, self.within)
        with hold_lock(self.real, patience=self._patience):
            if os.path.realpath(self.path) != str(self.real):
                raise Conflict(
                    f"{str(self.path)!r} was moved while we waited", hint="try again"
                )
            self._refuse_missing_file()
            for leftover in filter(os.path.lexists, self._leftovers):
                with suppress(OSError):
                    self._disk.remove(leftover)
            before, kept = file_size(self.real), list[ProvenanceNote]()
            self._said.keep((), self._current_lines, before=before, after=before)
            yield kept
            self._said.keep(
                kept, self._current_lines, before=before, after=file_size(self.real)
            )

    def _current_lines(self) -> Iterable[MemoryLine]:
        return self._read_graph(self.real).lines

    def adopt_existing_lines(self) -> None:
        """What is in the file now is the founder's own, where nobody wrote in it before us."""
        with self._hold_lock():
            pass

    def _refuse_missing_file(self) -> None:
        """A file that was there and is gone is no empty memory."""
        if not os.path.lexists(self.real) and (self._seen or self._said.place.exists()):
            hint = "put it back from git or a backup; to begin anew, make an empty file of that name"
            raise StateBroken(f"{str(self.path)!r} was there and is gone", hint=hint)

    def _rewrite_locked(
        self, plan: Callable[[list[MemoryRecord]], RewritePlan]
    ) -> int | None:
        """Returns how many lines moved to rejected.jsonl, None when the file stays as it is."""
        for _ in range(MAX_REWRITES):
            before = self._take_snapshot()
            with without_gc():
                good, bad = read_records(before.data)
                kept = cache(self._said.read_known)
                wanted = plan([restore_authors(row, kept) for row in good])
                data = b"".join(raw + b"\n" for raw in wanted.kept)
            if data == before.data:
                return None
            with prepare_replacement(
                self._disk, self.real, data, before.mode
            ) as rename:
                if self._take_snapshot() != before:
                    continue
                self._back_up_removed(bad, wanted.removal)
                # whoever writes without our lock had time to come between while the trash was synced
                if self._take_snapshot() == before:
                    rename()
                    return len(bad)
        raise Conflict(
            f"{str(self.path)!r} is being changed by another program all the time",
            hint="nothing was changed; stop the other program, then try again",
        )

    def _back_up_removed(
        self, bad: Sequence[RejectedLine], removal: Removal | None
    ) -> None:
        """What the file loses is on the disk elsewhere before it goes."""
        there = frozenset(read_lines(self.rejected)) if bad else frozenset[bytes]()
        if moved := [line for line in map(encode_rejected, bad) if line not in there]:
            append_durably(self._disk, self.rejected, b"".join(moved))
        if removal:
            self._drop_outdated_trash(removal.at)
            append_durably(self._disk, self.trash, trash.encode_entry(removal))

    def _drop_outdated_trash(self, now: str) -> None:
        old = read_lines(self.trash)
        left = [line for line in old if not trash.is_outdated(line, now)]
        if len(left) < len(old):
            with prepare_replacement(
                self._disk,
                self.trash,
                b"".join(left),
                self.trash.stat().st_mode & 0o777,
            ) as rename:
                rename()

    def _last_undoable(self, good: Sequence[MemoryRecord]) -> Removal | None:
        """The last removal that may come back and is not all there; a kill may leave one that never was."""
        there = [row.raw for row in good]
        for removal in reversed(
            trash.pending_removals(read_lines(self.trash), file=self.real.name)
        ):
            if (
                removal.by.startswith(("founder", "mcp:"))
                and rewrite.restore_records(good, removal.edits) != there
            ):
                return removal
        return None


def file_size(path: Path) -> int:
    """Bytes of a file; 0 for one that is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def position_after_append(
    before: ReadPosition | None, data: bytes, now: os.stat_result
) -> ReadPosition | None:
    """What we have seen when only these bytes came to it; None when more happened."""
    if before is None or (now.st_ino, now.st_size) != (
        before.inode,
        before.size + len(data),
    ):
        return None
    mark = (before.mark + data)[-MARK_BYTES:]
    return ReadPosition(
        inode=now.st_ino, size=now.st_size, mtime_ns=now.st_mtime_ns, mark=mark
    )


def was_appended_to(file: BinaryIO, seen: ReadPosition, now: os.stat_result) -> bool:
    """Whether whole lines were appended to what we read, and nothing else happened."""
    if (
        now.st_ino != seen.inode
        or now.st_size <= seen.size
        or seen.mark[-1:] not in {b"", b"\n"}
    ):
        return False
    return (
        os.pread(file.fileno(), len(seen.mark), seen.size - len(seen.mark)) == seen.mark
    )


def read_lines(path: Path) -> list[bytes]:
    """The lines of a file beside the memory; none when there is no such file."""
    try:
        return read_regular(path).splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise write_error(path, error) from error


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
