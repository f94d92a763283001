"""Rewrites a memory to take something away; what it loses is safe elsewhere before it goes.

Lines that are no records go to `rejected.jsonl`, what is removed to `trash.jsonl`, both beside it.
"""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from msgspec import Struct

from agentco.adapters.files.durable_disk import (
    Disk,
    append_durably,
    prepare_replacement,
    temporary_path,
)
from agentco.adapters.files.memory_reader import (
    read_error,
    require_short_lines,
    without_gc,
)
from agentco.adapters.files.safe_read import open_regular, read_regular
from agentco.kernel.errors import Conflict, StateBroken
from agentco.kernel.run_ids import is_within
from agentco.memory import rewrite, trash
from agentco.memory.lines import (
    MemoryRecord,
    RejectedLine,
    encode_rejected,
    read_records,
)
from agentco.memory.provenance import KnownSources, restore_authors
from agentco.memory.trash import Removal, UndoneRemoval

MAX_REWRITES = 20
"""How often a file is read again that another program changes meanwhile."""
MAY_COME_BACK = ("founder", "mcp:")
"""Whose removals can be undone."""

ChooseRemoval = Callable[[Sequence[MemoryRecord]], Removal | None]
"""Which removal is put back, of the records that are there."""


class FileSnapshot(Struct, frozen=True, kw_only=True):
    """The whole file at one moment; a missing one is empty and has no mode."""

    inode: int = 0
    mtime_ns: int = 0
    mode: int | None = None
    data: bytes = b""


class RewritePlan(Struct, frozen=True, kw_only=True):
    """What a rewrite leaves, the removal that the trash must know before, or the one undone."""

    kept: Sequence[bytes]
    removal: Removal | None = None
    undone: Removal | None = None


class RewriteResult(Struct, frozen=True, kw_only=True):
    """What was done, and how many lines were moved; None when the file stays as it was."""

    plan: RewritePlan
    moved: int | None


class MemoryRewriter:
    """Rewrites one memory file, `real`, for whoever holds its lock."""

    def __init__(
        self, path: Path, real: Path, disk: Disk, most_bytes: Callable[[], int]
    ) -> None:
        self.path = path
        self.real = real
        self.rejected = real.with_name("rejected.jsonl")
        self.trash = real.with_name("trash.jsonl")
        self._disk = disk
        self._most_bytes = most_bytes

    def rewrite(
        self,
        make_plan: Callable[[list[MemoryRecord]], RewritePlan],
        key: bytes | None,
        read_known: Callable[[], KnownSources | None],
    ) -> RewriteResult:
        """Put in place of the file what is planned for its records, as they count under a key.

        Raises Conflict when the file never stands still, and StateBroken.
        """
        for _ in range(MAX_REWRITES):
            before = self._take_snapshot()
            with without_gc():
                records, bad_lines = read_records(before.data)
                known = cache(read_known)
                plan = make_plan(
                    [restore_authors(record, known, key) for record in records]
                )
                data = b"".join(line + b"\n" for line in plan.kept)
            if data == before.data:
                return RewriteResult(plan=plan, moved=None)
            if self._replace(before, data, bad_lines, plan.removal):
                return RewriteResult(plan=plan, moved=len(bad_lines))
        raise Conflict(
            f"{str(self.path)!r} is being changed by another program all the time",
            hint="nothing was changed; stop the other program, then try again",
        )

    def current_records(self) -> list[MemoryRecord]:
        """Return the records of the file. Raises StateBroken."""
        records, _ = read_records(self._take_snapshot().data)
        return records

    def last_undoable(self, records: Sequence[MemoryRecord]) -> Removal | None:
        """Return the last removal that may come back and is not all there.

        A kill may leave one in the trash that never was.
        """
        for removal in self._missing_removals(records):
            if removal.by.startswith(MAY_COME_BACK):
                return removal
        return None

    def removals_by(self, run: str, records: Sequence[MemoryRecord]) -> list[Removal]:
        """Return what a run or an undo removed and is not all there, the latest first."""
        missing = self._missing_removals(records)
        return [removal for removal in missing if is_within(removal.run, run)]

    def last_removal_by(
        self, run: str, records: Sequence[MemoryRecord]
    ) -> Removal | None:
        """Return the latest of them."""
        return next(iter(self.removals_by(run, records)), None)

    def _missing_removals(self, records: Sequence[MemoryRecord]) -> Iterator[Removal]:
        present = [record.raw for record in records]
        removals = trash.pending_removals(
            self._lines_beside(self.trash), file=self.real.name
        )
        for removal in reversed(removals):
            if rewrite.restore_records(records, removal.edits) != present:
                yield removal

    def put_back(
        self,
        choose: ChooseRemoval,
        key: bytes | None,
        read_known: Callable[[], KnownSources | None],
    ) -> Removal | None:
        """Put back the removal that is chosen of the records. None if that is none."""

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            removal = choose(records)
            edits = removal.edits if removal else ()
            kept = rewrite.restore_records(records, edits)
            return RewritePlan(kept=kept, undone=removal)

        removal = self.rewrite(plan, key, read_known).plan.undone
        if removal:
            self.note_undone(removal)
        return removal

    def note_undone(self, removal: Removal) -> None:
        """Note in the trash that a removal was taken back.

        Without the note it is still passed over, since nothing of it is missing.
        """
        note = trash.encode_entry(UndoneRemoval(undone=removal.id))
        with suppress(StateBroken):
            append_durably(self._disk, self.trash, note)

    def remove_leftovers(self) -> None:
        """Take away what a crash left beside the file."""
        for leftover in (temporary_path(self.real), temporary_path(self.trash)):
            if os.path.lexists(leftover):
                with suppress(OSError):
                    self._disk.remove(leftover)

    def _replace(
        self,
        before: FileSnapshot,
        data: bytes,
        bad_lines: Sequence[RejectedLine],
        removal: Removal | None,
    ) -> bool:
        """Put data in place of the file; False when it changed since `before`."""
        with prepare_replacement(self._disk, self.real, data, before.mode) as rename:
            if self._take_snapshot() != before:
                return False
            self._back_up(bad_lines, removal)
            # whoever writes without our lock had time to come between while the trash was synced
            if self._take_snapshot() != before:
                return False
            rename()
            return True

    def _take_snapshot(self) -> FileSnapshot:
        try:
            with open_regular(self.real, self._most_bytes()) as file:
                info = os.fstat(file.fileno())
                data = file.read()
                require_short_lines(data)
                return FileSnapshot(
                    inode=info.st_ino,
                    mtime_ns=info.st_mtime_ns,
                    mode=stat.S_IMODE(info.st_mode),
                    data=data,
                )
        except FileNotFoundError:
            return FileSnapshot()
        except OSError as error:
            raise read_error(self.path, error) from error

    def _back_up(
        self, bad_lines: Sequence[RejectedLine], removal: Removal | None
    ) -> None:
        """Put on the disk elsewhere what the file loses."""
        if bad_lines:
            present = frozenset(self._lines_beside(self.rejected))
            encoded = [encode_rejected(line) for line in bad_lines]
            moved = [line for line in encoded if line not in present]
            if moved:
                append_durably(self._disk, self.rejected, b"".join(moved))
        if removal:
            self._drop_outdated_trash(removal.at)
            append_durably(self._disk, self.trash, trash.encode_entry(removal))

    def _drop_outdated_trash(self, now: str) -> None:
        lines = self._lines_beside(self.trash)
        left = [line for line in lines if not trash.is_outdated(line, now)]
        if len(left) == len(lines):
            return
        mode = stat.S_IMODE(self.trash.stat().st_mode)
        with prepare_replacement(
            self._disk, self.trash, b"".join(left), mode
        ) as rename:
            rename()

    def _lines_beside(self, path: Path) -> list[bytes]:
        """The lines of a file beside the memory; none when there is no such file."""
        try:
            data = read_regular(path, most=self._most_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise read_error(path, error) from error
        return data.splitlines(keepends=True)
