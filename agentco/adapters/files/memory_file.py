"""The memory on disk: appended to, and rewritten only to take something away.

An acknowledged line is on the disk; a killed rewrite leaves the old file or the new. Whoever writes
holds the fair lock of the file, and keeps beside it who said what.
"""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

from agentco.adapters.files.durable_disk import Disk, append_durably
from agentco.adapters.files.file_lock import LOCK_TIMEOUT, hold_lock, lock_path
from agentco.adapters.files.memory_key import MemoryKey, new_key
from agentco.adapters.files.memory_presence import MemoryPresence
from agentco.adapters.files.memory_reader import MemoryReader, read_error
from agentco.adapters.files.memory_rewriter import (
    ChooseRemoval,
    MemoryRewriter,
    RewritePlan,
    RewriteResult,
)
from agentco.adapters.files.memory_signer import MemorySigner
from agentco.adapters.files.provenance_file import ProvenanceFile
from agentco.adapters.files.safe_read import file_size, real_path
from agentco.kernel.errors import Conflict, NeedsFounder
from agentco.kernel.names import FOUNDER
from agentco.memory import retention, rewrite, trash
from agentco.memory.compact import compact_records
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine, MemoryLine, MemoryRecord, encode_line
from agentco.memory.provenance import (
    KnownSources,
    ProvenanceNote,
    is_unmarked,
    new_notes,
    notes_for_edits,
    restore_authors,
)
from agentco.memory.retention import ExpiringEntity
from agentco.memory.rewrite import RecordRewrite
from agentco.memory.signatures import sign_line
from agentco.memory.trash import Removal
from agentco.memory.vouching import (
    UnsignedClaim,
    adopt_unmarked,
    claims_in,
    is_kept,
    is_somebodys,
)

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
        self._presence = MemoryPresence(path, self.real, within, provenance_path)
        self._key = MemoryKey(self.real, within)
        seal = lock_path(self.real).with_suffix(".seal")
        self._reader = MemoryReader(self._empty_graph, seal, self._key.most_bytes)
        self._rewriter = MemoryRewriter(
            path, self.real, self._disk, self._key.most_bytes
        )
        self._signer = MemorySigner(self._rewriter, self._provenance)

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
        with self._hold_lock() as notes:
            key = self._key.read()
            data = b"".join(encode_line(sign_line(line, key)) for line in lines)
            append_durably(self._disk, self.real, data)
            notes.extend(new_notes(lines, {}))

    def add_each(self, makers: Sequence[MakeLines]) -> None:
        """Append what each maker makes of all that came before it: one lock, one sync for all.

        Raises as `add` does; then nothing of any of them is written.
        """
        with self._hold_lock() as notes:
            key = self._key.read()
            graph = self._read_graph(self.real)
            before = self._reader.position
            # Until the lines are on the disk, the graph knows too much to be read on from.
            self._reader.position = None
            data = b""
            for make_lines in makers:
                lines = make_lines(graph)
                encoded = [encode_line(sign_line(line, key)) for line in lines]
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
        self,
        cut: RecordRewrite,
        *,
        at: str,
        what: str,
        by: str = FOUNDER,
        run: str = "",
        vouched: bool = False,
    ) -> Removal | None:
        """Move records to the trash; `at` is now (ISO). Return None if there were none.

        `run` is what does it, `vouched` if the cut says whose word each line is that it changes.
        What agents and the runtime took away does not come back by `undo_removal`.
        """

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            key, file = self._key.read(), self.real.name
            done = rewrite.apply_rewrite(records, cut, key=key, vouched=vouched)
            removal = trash.removal_of(
                done, file=file, at=at, what=what, by=by, run=run
            )
            return RewritePlan(kept=done.kept, removal=removal)

        with self._hold_lock() as notes:
            removal = self._rewrite(plan).plan.removal
            if removal:
                notes.extend(notes_for_edits(removal.edits, self._key.read()))
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
            key, file = self._key.read(), self.real.name
            done = rewrite.apply_rewrite(rest, cut, key=key)
            removal = trash.removal_of(
                done, file=file, at=at, what="expired", by="runtime"
            )
            added = [
                encode_line(sign_line(record, key)).rstrip(b"\n") for record in records
            ]
            return RewritePlan(kept=[*done.kept, *added], removal=removal)

        beside = (self.rejected, self.trash)
        sizes = [file_size(path) for path in beside]
        with self._hold_lock() as notes:
            removal = self._rewrite(plan).plan.removal
            if removal:
                notes.extend(notes_for_edits(removal.edits, self._key.read()))
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
                return RewritePlan(kept=compact_records(records, self._key.read()))
            return RewritePlan(kept=[record.raw for record in records])

        with self._hold_lock():
            return self._rewrite(plan).moved

    def last_removal(self) -> Removal | None:
        """The removal that `undo_removal` would take back."""
        return self._rewriter.last_undoable(self._rewriter.current_records())

    def undo_removal(self) -> Removal | None:
        """Put back what was removed last. None when there is nothing to put back."""
        with self._hold_lock() as notes:
            return self._put_back(self._rewriter.last_undoable, notes)

    def removals_by(self, run: str) -> Sequence[Removal]:
        """What a run, or an undo, removed and is not back, the latest first."""
        return self._rewriter.removals_by(run, self._rewriter.current_records())

    def put_back(self, run: str) -> Sequence[Removal]:
        """Put back what a run, or an undo, removed; what is there already stays single."""
        back = list[Removal]()
        choose = partial(self._rewriter.last_removal_by, run)
        with self._hold_lock() as notes:
            while removal := self._put_back(choose, notes):
                back.append(removal)
        return back

    def _put_back(
        self, choose: ChooseRemoval, notes: list[ProvenanceNote]
    ) -> Removal | None:
        removal = self._rewriter.put_back(choose, self._reading_key(), self._read_known)
        if removal:
            key = self._key.read()
            notes.extend(notes_for_edits(removal.edits, key, back=True))
        return removal

    def is_small_enough(self) -> bool:
        """Whether it may be read as things stand: not much is, where nobody trusts the folder."""
        return file_size(self.real) <= self._key.most_bytes()

    def claims(self, key: bytes | None = None) -> list[UnsignedClaim]:
        """What the file says that nobody signed, in its order; `key` if not with ours."""
        key = key or self._reading_key()
        known = cache(partial(self._read_known, key))
        claims: list[UnsignedClaim] = []
        for record in self._rewriter.current_records():
            claims += claims_in(restore_authors(record, known, key))
        return claims

    def adopt_existing_lines(self, adopt: RecordRewrite = adopt_unmarked) -> None:
        """Make what is in the file now the founder's own; without a key it stays nobody's."""

        def plan(records: list[MemoryRecord]) -> RewritePlan:
            key = self._key.read()
            done = rewrite.apply_rewrite(records, adopt, key=key, vouched=True)
            return RewritePlan(kept=done.kept)

        with self._hold_lock() as notes:
            if self._key.read() and self._key.is_companys:
                self._rewrite(plan)
                notes.extend(new_notes(self._current_lines(), {}))

    def key(self) -> bytes:
        """The key that lines are signed with; empty without one."""
        return self._key.read()

    def take_key(self, key: bytes | None = None, *, believed: bool = False) -> None:
        """Sign with a key, or a new one, and sign again what counted under the one before.

        `believed` if what was noted before there was a key counts. Raises NeedsFounder without
        a place for the key.
        """
        old = self._key.read()
        key = key or new_key()

        def read_known() -> KnownSources:
            return self._provenance.read_known(old or None)

        self._presence.make_folder()
        with hold_lock(self.real, patience=self._patience):
            if old and old != key:
                self._signer.sign_again(old, key, read_known, is_somebodys)
            elif believed and not old:
                kept = partial(is_kept, known=read_known())
                self._signer.sign_again(None, key, read_known, kept)
            self._key.keep(key)
            if size := file_size(self.real):
                lines = self._current_lines
                notes = list(new_notes(lines(), {}))
                self._provenance.keep(notes, lines, key, before=size, after=size)

    def _rewrite(
        self, plan: Callable[[list[MemoryRecord]], RewritePlan]
    ) -> RewriteResult:
        return self._rewriter.rewrite(plan, self._reading_key(), self._read_known)

    def _reading_key(self) -> bytes | None:
        """The key that lines must be signed with; None while a memory without a company has none.

        Then nothing is doubted: nobody adopted it yet.
        """
        key = self._key.read()
        return key or (b"" if self._key.is_companys else None)

    def _read_known(self, key: bytes | None = None) -> KnownSources | None:
        key = key or self._reading_key()
        if key is None and not self._provenance.place.exists():
            return None
        return self._provenance.read_known(key)

    def require_file(self) -> None:
        """Raise StateBroken for a file that was there and is gone: it is no empty memory."""
        self._presence.require_file(was_read=bool(self._reader.position))

    def _empty_graph(self) -> MemoryGraph:
        name = f"{self.path.parent.name}/{self.path.name}"
        return MemoryGraph(file=name, kept=self._read_known, key=self._reading_key())

    def _read_graph(self, real: Path) -> MemoryGraph:
        if self._reader.graph.key != self._reading_key():
            self._reader.forget()
        try:
            return self._reader.read(real)
        except FileNotFoundError:
            self.require_file()
            return self._reader.forget()
        except OSError as error:
            raise read_error(self.path, error) from error

    def _current_lines(self) -> Iterable[MemoryLine]:
        return self._read_graph(self.real).lines

    @contextmanager
    def _hold_lock(self) -> Generator[list[ProvenanceNote]]:
        """Hold the lock; what is put into the list is kept of who said what."""
        real_path(self.path, self.within)
        self.require_file()
        self._presence.make_folder()
        with hold_lock(self.real, patience=self._patience):
            if os.path.realpath(self.path) != str(self.real):
                raise Conflict(
                    f"{str(self.path)!r} was moved while we waited", hint="try again"
                )
            self.require_file()
            self._rewriter.remove_leftovers()
            self._make_missing_key()
            key = self._key.read()
            before = file_size(self.real)
            self._provenance.keep(
                (), self._current_lines, key, before=before, after=before
            )
            notes = list[ProvenanceNote]()
            yield notes
            after = file_size(self.real)
            self._provenance.keep(
                notes, self._current_lines, key, before=before, after=after
            )
            if after:
                self._presence.keep_mark()

    def _make_missing_key(self) -> None:
        """Give a memory without a company a key; what is in it counts as it did until now."""
        if self._reading_key() is not None:
            return
        known = self._read_known()
        key = new_key()
        with suppress(NeedsFounder):
            self._key.require_place()
            self._signer.sign_again(
                None,
                key,
                lambda: known,
                is_somebodys,
                signs=lambda line: not is_unmarked(line),
            )
            self._key.keep(key)


def is_entity_of(record: MemoryRecord, names: Sequence[str]) -> bool:
    """Whether a record speaks of an entity with one of these names."""
    return isinstance(record.line, EntityLine) and record.line.name in names
