"""The memory on disk: appended to, and rewritten only to take something away.

An acknowledged line is on the disk; a killed rewrite leaves the old file or the new. Whoever writes
holds the fair lock of the file, and keeps beside it who said what.
"""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from agentco.adapters.files.durable_disk import Disk, append_durably
from agentco.adapters.files.file_lock import (
    LOCK_TIMEOUT,
    hold_lock,
    lock_error,
    lock_path,
    prepare_lock_path,
)
from agentco.adapters.files.memory_reader import MemoryReader, read_error
from agentco.adapters.files.memory_rewriter import MemoryRewriter, RewritePlan
from agentco.adapters.files.provenance_file import ProvenanceFile
from agentco.adapters.files.safe_read import real_path
from agentco.kernel.errors import Conflict, StateBroken
from agentco.memory import retention, rewrite, trash
from agentco.memory.compact import compact_records
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine, MemoryLine, MemoryRecord, encode_line
from agentco.memory.provenance import ProvenanceNote, new_notes, notes_for_edits
from agentco.memory.retention import ExpiringEntity
from agentco.memory.rewrite import RecordRewrite
from agentco.memory.trash import Removal

MARK = ".agentco/memory.known"
"""Says, in a company, that there is a memory."""
MakeLines = Callable[[MemoryGraph], Sequence[MemoryLine]]
"""Makes lines of all that was said before."""


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
        self._disk = disk or Disk()
        self._patience = patience
        provenance_path = lock_path(self.real).with_suffix(".said")
        self._provenance = ProvenanceFile(provenance_path, self._disk)
        # lies elsewhere than the memory, so that it outlives the memory's folder
        self._mark = within / MARK if within else None
        self._reader = MemoryReader(self._empty_graph)
        self._rewriter = MemoryRewriter(
            path, self.real, self._disk, self._provenance.read_known
        )

    @property
    def rejected(self) -> Path:
        """Where lines lie that are no records."""
        return self._rewriter.rejected

    @property
    def trash(self) -> Path:
        """Where it lies what was removed."""
        return self._rewriter.trash

    def load_graph(self) -> MemoryGraph:
        """All that is known now; an empty graph when there is no file.

        Raises StateBroken when there is one that cannot be read.
        """
        return self._read_graph(real_path(self.path, self.within))

    def add(self, lines: Sequence[MemoryLine]) -> None:
        """Append lines, all or none; they are on the disk when this returns.

        Raises Locked, and StateBroken when the disk does not take them.
        """
        data = b"".join(encode_line(line) for line in lines)
        with self._hold_lock() as notes:
            append_durably(self._disk, self.real, data)
            notes.extend(new_notes(lines, {}))

    def add_each(self, makers: Sequence[MakeLines]) -> None:
        """Append what each maker makes of all that came before it: one lock, one sync for all.

        Raises as `add` does; then nothing of any of them is written.
        """
        with self._hold_lock() as notes:
            graph = self._read_graph(self.real)
            before = self._reader.position
            # Until the lines are on the disk, the graph knows too much to be read on from.
            self._reader.position = None
            data = b""
            for make_lines in makers:
                lines = make_lines(graph)
                encoded = [encode_line(line) for line in lines]
                graph.add_raw_lines(encoded)
                data += b"".join(encoded)
                notes.extend(new_notes(lines, {}))
            if not data:
                self._reader.position = before
                return
            info = append_durably(self._disk, self.real, data)
            if before:
                self._reader.position = before.after_append(data, info)

    def remove(
        self, cut: RecordRewrite, *, at: str, what: str, by: str = "founder"
    ) -> Removal | None:
        """Move records to the trash; `at` is now (ISO). Return None if there were none.

        What agents and the runtime took away does not come back by `undo_removal`.
        """

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            return self._plan_cut(records, cut, at=at, what=what, by=by)

        with self._hold_lock() as notes:
            removal = self._rewriter.rewrite(plan).plan.removal
            if removal:
                notes.extend(notes_for_edits(removal.edits))
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

        def plan(present: list[MemoryRecord]) -> RewritePlan:
            rest = [
                record for record in present if not is_entity_of(record, superseded)
            ]
            cut = retention.remove_expired(expired)
            cut_plan = self._plan_cut(rest, cut, at=at, what="expired", by="runtime")
            added = [encode_line(record).rstrip(b"\n") for record in records]
            return RewritePlan(kept=[*cut_plan.kept, *added], removal=cut_plan.removal)

        beside = (self.rejected, self.trash)
        sizes = [file_size(path) for path in beside]
        with self._hold_lock() as notes:
            removal = self._rewriter.rewrite(plan).plan.removal
            if removal:
                notes.extend(notes_for_edits(removal.edits))
            notes.extend(new_notes(records, {}))
        return [
            path.name
            for path, size in zip(beside, sizes, strict=True)
            if file_size(path) != size
        ]

    def repair(self, *, compact: bool = False) -> int | None:
        """Write each record on its own line and move bad lines; return how many were moved.

        `compact` makes one line of all that speak of the same. None when the file was whole.
        """

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            if compact:
                return RewritePlan(kept=compact_records(records))
            return RewritePlan(kept=[record.raw for record in records])

        with self._hold_lock():
            return self._rewriter.rewrite(plan).moved

    def last_removal(self) -> Removal | None:
        """The removal that `undo_removal` would take back."""
        return self._rewriter.last_undoable(self._rewriter.current_records())

    def undo_removal(self) -> Removal | None:
        """Put back what was removed last. None when there is nothing to put back."""

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            removal = self._rewriter.last_undoable(records)
            edits = removal.edits if removal else ()
            kept = rewrite.restore_records(records, edits)
            return RewritePlan(kept=kept, undone=removal)

        with self._hold_lock() as notes:
            removal = self._rewriter.rewrite(plan).plan.undone
            if removal:
                notes.extend(notes_for_edits(removal.edits, back=True))
                self._rewriter.note_undone(removal)
        return removal

    def adopt_existing_lines(self) -> None:
        """Make what is in the file now the founder's own, where nobody wrote in it before us."""
        with self._hold_lock():
            pass

    def require_file(self) -> None:
        """Raise StateBroken for a file that was there and is gone: it is no empty memory."""
        if os.path.lexists(self.real):
            return
        signs = (self._provenance.place, self._mark)
        if self._reader.position or any(sign and sign.exists() for sign in signs):
            raise StateBroken(
                f"{str(self.path)!r} was there and is gone",
                hint="put it back from git or a backup;"
                " to begin anew, make an empty file of that name",
            )
        if self._is_state_lost():
            raise StateBroken(
                f"{str(self.path)!r} is not there, and neither is the company's state",
                hint="agentco doctor says what can be restored",
            )

    def _is_state_lost(self) -> bool:
        """Whether whoever took the company's state away may have taken the memory too."""
        from agentco.adapters.files.company_folder import STATE_FILE
        from agentco.adapters.files.trust_file import expected_state

        if not self.within or (self.within / STATE_FILE).exists():
            return False
        return bool(expected_state(self.within))

    def _empty_graph(self) -> MemoryGraph:
        name = f"{self.path.parent.name}/{self.path.name}"
        return MemoryGraph(file=name, kept=self._provenance.read_known)

    def _read_graph(self, real: Path) -> MemoryGraph:
        try:
            return self._reader.read(real)
        except FileNotFoundError:
            self.require_file()
            return self._reader.forget()
        except OSError as error:
            raise read_error(self.path, error) from error

    def _current_lines(self) -> Iterable[MemoryLine]:
        return self._read_graph(self.real).lines

    def _plan_cut(
        self,
        records: Sequence[MemoryRecord],
        cut: RecordRewrite,
        *,
        at: str,
        what: str,
        by: str,
    ) -> RewritePlan:
        done = rewrite.apply_rewrite(records, cut)
        if not done.edits:
            return RewritePlan(kept=done.kept)
        removal = trash.removal_of(done, file=self.real.name, at=at, what=what, by=by)
        return RewritePlan(kept=done.kept, removal=removal)

    @contextmanager
    def _hold_lock(self) -> Generator[list[ProvenanceNote]]:
        """Hold the lock; what is put into the list is kept of who said what."""
        real_path(self.path, self.within)
        self.require_file()
        self._make_folder()
        with hold_lock(self.real, patience=self._patience):
            if os.path.realpath(self.path) != str(self.real):
                raise Conflict(
                    f"{str(self.path)!r} was moved while we waited", hint="try again"
                )
            self.require_file()
            self._rewriter.remove_leftovers()
            before = file_size(self.real)
            self._provenance.keep((), self._current_lines, before=before, after=before)
            notes = list[ProvenanceNote]()
            yield notes
            after = file_size(self.real)
            self._provenance.keep(
                notes, self._current_lines, before=before, after=after
            )
            if after and self._mark and not self._mark.exists():
                with suppress(OSError, StateBroken):
                    prepare_lock_path(self._mark.parent.with_name("memory"))
                    self._mark.touch()

    def _make_folder(self) -> None:
        """Make the memory's folder; that of the company is never made again."""
        try:
            self.real.parent.mkdir(parents=not self.within, exist_ok=True)
        except OSError as error:
            raise lock_error(self.path, error) from error


def is_entity_of(record: MemoryRecord, names: Sequence[str]) -> bool:
    """Whether a record speaks of an entity with one of these names."""
    return isinstance(record.line, EntityLine) and record.line.name in names


def file_size(path: Path) -> int:
    """Return the bytes of a file; 0 for one that is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
