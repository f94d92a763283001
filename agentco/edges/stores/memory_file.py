"""The memory on disk: adding appends under a lock, deleting rewrites and renames, reading reads the tail."""

import gc
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from agentco.edges.stores.disk import Disk
from agentco.edges.stores.lock import held
from agentco.errors import Conflict, StateBroken
from agentco.memory import change
from agentco.memory.change import Removal, Trashed
from agentco.memory.graph import Graph
from agentco.memory.lines import (
    EntityLine,
    Line,
    OtherLine,
    Rejected,
    RelationLine,
    encoded,
    read_lines,
    whole_records,
)

ATTEMPTS = 5
PROBE = 64
Record = EntityLine | RelationLine
Change = Callable[[list[Line]], tuple[list[bytes], list[bytes]]]


@dataclass(frozen=True, slots=True)
class Seen:
    """Which state of the file the graph was read from; `probe` are its last bytes."""

    inode: int = 0
    size: int = 0
    mtime_ns: int = 0
    probe: bytes = b""


@dataclass(slots=True)
class MemoryFile:
    """The memory of a company. Reading takes no lock."""

    path: Path
    disk: Disk = field(default_factory=Disk)
    lock_timeout: float = 10
    _graph: Graph = field(default_factory=Graph)
    _seen: Seen = field(default_factory=Seen)

    def graph(self) -> Graph:
        """Everything that can be read; only what was appended is read again.

        Raises StateBroken when the file cannot be read or holds conflict markers.
        """
        with blamed(self.path, "read"):
            try:
                with self.path.open("rb") as file:
                    self._refresh(file)
            except FileNotFoundError:
                self._graph, self._seen = Graph(), Seen()
        return self._graph

    def _refresh(self, file: BinaryIO) -> None:
        state = os.fstat(file.fileno())
        seen = self._seen
        if (state.st_ino, state.st_size, state.st_mtime_ns) == (seen.inode, seen.size, seen.mtime_ns):
            return
        start = seen.size if self._grew(file, state.st_ino, state.st_size) else 0
        file.seek(start)
        data = file.read()
        if start == 0:
            self._graph = Graph()
        take_in(self._graph, data, 1 if start == 0 else None)
        size = start + len(data)
        probe = (seen.probe + data)[-PROBE:] if start else data[-PROBE:]
        self._seen = Seen(inode=state.st_ino, size=size, mtime_ns=state.st_mtime_ns, probe=probe)

    def _grew(self, file: BinaryIO, inode: int, size: int) -> bool:
        """Whether lines were only added to what we read, which ended in a whole line."""
        seen = self._seen
        if inode != seen.inode or size <= seen.size or not seen.probe.endswith(b"\n"):
            return False
        file.seek(seen.size - len(seen.probe))
        return file.read(len(seen.probe)) == seen.probe

    def add(self, records: Sequence[Record]) -> None:
        """Append; when this returns, the lines are on the disk.

        Raises Locked, or StateBroken with the file as it was.
        """
        with blamed(self.path, "write"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked() as real:
                self.disk.append(real, b"".join(map(encoded, records)))

    def remove(self, removal: Removal, *, at: str, by: str) -> list[bytes]:
        """Move what `removal` names to the trash; the lines that went."""
        return self._rewrite(lambda lines: change.without(lines, removal), at=at, by=by)

    def replace(
        self, *, expired: Sequence[str], superseded: Sequence[str], records: Sequence[Record], at: str
    ) -> None:
        """Put lines in and take entities out, all or nothing; only what expired goes to the trash."""
        if not expired and not superseded:
            self.add(records)
            return
        removal = Removal(entities=frozenset(expired))

        def changed(lines: list[Line]) -> tuple[list[bytes], list[bytes]]:
            rest = [
                line
                for line in lines
                if not (isinstance(r := line.record, EntityLine) and r.name in superseded)
            ]
            kept, gone = change.without(rest, removal)
            return [*kept, *(encoded(record).rstrip(b"\n") for record in records)], gone

        self._rewrite(changed, at=at, by="runtime")

    def repair(self, *, at: str) -> list[Rejected]:
        """Write every line that can be read as a line of its own, move the others out; which those were."""
        with blamed(self.path, "read"):
            bad = read_lines(self.path.read_bytes())[1] if self.path.exists() else []
        self._rewrite(lambda lines: ([line.raw for line in lines], []), at=at, by="founder")
        return bad

    def undo(self, *, by: str) -> list[bytes]:
        """Bring the last deletion of `by` back; the lines that came back, none when there is no deletion."""
        with blamed(self.path, "write"), self._locked() as real:
            trash = change.read_trash(contents(self._beside("trash.jsonl")))
            batch = change.last_batch(trash, by)
            if batch:
                lines = [bytes(entry.line) for entry in batch]
                self.disk.append(real, b"".join(line + b"\n" for line in lines))
                rest = [entry for entry in trash if entry.batch != batch[0].batch]
                self._write_beside("trash.jsonl", rest)
            return [bytes(entry.line) for entry in batch]

    def _rewrite(self, wanted: Change, *, at: str, by: str) -> list[bytes]:
        with blamed(self.path, "write"), self._locked() as real:
            trashed: set[bytes] = set()
            for _ in range(ATTEMPTS):
                before = contents(real)
                lines, bad = read_lines(before)
                kept, gone = wanted(lines)
                after = b"".join(line + b"\n" for line in kept)
                if after == before:
                    return []
                self.disk.write(self._draft(real), after, like=real)
                self._keep_rejected(bad, at)
                self._trash([line for line in gone if line not in trashed], at=at, by=by)
                trashed.update(gone)
                if contents(real) == before:
                    self.disk.replace(self._draft(real), real)
                    return gone
                self.disk.remove(self._draft(real))
        raise Conflict(
            f"{str(self.path)!r} changed {ATTEMPTS} times while we worked on it",
            hint="another program writes it without a lock; try again when it is done",
        )

    def _keep_rejected(self, bad: Iterable[Rejected], at: str) -> None:
        place = self._beside("rejected.jsonl")
        known = contents(place)
        rows = [
            msgspec.json.encode(
                {"line": b.number, "reason": b.reason, "raw": b.raw.decode("utf-8", "backslashreplace")}
            )
            for b in bad
        ]
        if new := [row for row in rows if row[:-1] not in known]:
            stamped = (row[:-1] + b',"at":' + msgspec.json.encode(at) + b"}\n" for row in new)
            self.disk.append(place, b"".join(stamped))

    def _trash(self, gone: Sequence[bytes], *, at: str, by: str) -> None:
        if not gone:
            return
        trash = change.read_trash(contents(self._beside("trash.jsonl")))
        entries = [Trashed(batch=f"{at}#{len(trash)}", at=at, by=by, line=msgspec.Raw(line)) for line in gone]
        kept = change.still_kept(trash, at)
        if len(kept) < len(trash):
            self._write_beside("trash.jsonl", [*kept, *entries])
        else:
            rows = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
            self.disk.append(self._beside("trash.jsonl"), rows)

    def _write_beside(self, name: str, entries: Iterable[Trashed]) -> None:
        place = self._beside(name)
        draft = self._draft(place)
        self.disk.remove(draft)
        self.disk.write(draft, b"".join(msgspec.json.encode(e) + b"\n" for e in entries), like=place)
        self.disk.replace(draft, place)

    def _beside(self, name: str) -> Path:
        return self.path.resolve().with_name(name)

    @staticmethod
    def _draft(path: Path) -> Path:
        return path.with_name(f".{path.name}.tmp")

    @contextmanager
    def _locked(self) -> Generator[Path]:
        """Hold the lock and clear away what a crash left; the real file behind any symlink."""
        with held(self.path, timeout=self.lock_timeout):
            real = self.path.resolve()
            for place in (real, self._beside("trash.jsonl")):
                self.disk.remove(self._draft(place))
            yield real


def take_in(graph: Graph, data: bytes, first: int | None) -> None:
    """Add the lines of `data` to a graph; `first` numbers them, None when that is not known."""
    busy = gc.isenabled()
    gc.disable()
    try:
        if (records := whole_records(data)) is not None:
            graph.extend(records)
        else:
            lines, bad = read_lines(data, first or 1)
            known = (line.record for line in lines)
            graph.extend([r for r in known if not isinstance(r, OtherLine)], bad)
    finally:
        if busy:
            gc.enable()


def contents(path: Path) -> bytes:
    """The bytes of a file; nothing when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


@contextmanager
def blamed(path: Path, act: str) -> Generator[None]:
    """Say what the system refused in words that name the file."""
    try:
        yield
    except OSError as error:
        hint = "the memory is as it was; look at the free space and who may write there, then try again"
        raise StateBroken(f"cannot {act} {str(path)!r}: {error.strerror or error}", hint=hint) from error
