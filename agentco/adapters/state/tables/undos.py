"""What files were before runs changed them, and what was taken back of runs."""

import msgspec

from agentco.adapters.state.tables.statements import Row, Statements
from agentco.ports.stored_values import UndoRecord, WrittenFile

FILES_DECODER = msgspec.json.Decoder(tuple[WrittenFile, ...])


class UndoTables(Statements):
    """One row for each version, and one for each undo."""

    def insert_version(self, name: str, data: bytes, at: str) -> None:
        """Add a version under its hash; one that is known already is kept from now on."""
        self.change("insert_version", name=name, at=at, size=len(data), data=data)

    def find_version(self, name: str) -> bytes | None:
        """Return a version, None if it was dropped."""
        row = self.select_first("find_version", name=name)
        return row[0] if row else None

    def kept_bytes(self) -> int:
        """Return how large all versions are together."""
        return self.select_number("kept_bytes")

    def drop_oldest_version(self) -> None:
        """Delete the version that was kept the longest ago."""
        self.change("drop_oldest_version")

    def save_undo(self, undo: UndoRecord) -> None:
        """Add an undo, or replace it."""
        files = msgspec.json.encode(undo.files)
        self.change(
            "save_undo",
            name=undo.name,
            of=undo.of,
            at=undo.at,
            done=int(undo.done),
            files=files,
        )

    def find_undo(self, name: str) -> UndoRecord | None:
        """Return an undo by its name."""
        row = self.select_first("find_undo", name=name)
        return undo_in(row) if row else None

    def undos_of(self, name: str) -> list[UndoRecord]:
        """Return what took back a run or an undo, the oldest first."""
        return [undo_in(row) for row in self.select("undos_of", of=name)]


def undo_in(row: Row) -> UndoRecord:
    """An undo as it is stored."""
    name, of, at, done, files = row
    return UndoRecord(
        name=name, of=of, at=at, done=bool(done), files=FILES_DECODER.decode(files)
    )
