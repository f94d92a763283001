"""What agents wrote, in memory: lines with figures, versions of files, and what was taken back."""

from collections.abc import Iterable

from agentco.adapters.state.memory_tables import MemoryTables
from agentco.ports.stored_values import AGENT_LINES_KEPT, UndoRecord, WrittenFile


class MemoryWritings:
    """What is asked and changed of what agents wrote."""

    tables: MemoryTables

    def save_agent_lines(self, fingerprints: Iterable[str]) -> None:
        """Remember lines that an agent wrote, and forget the oldest of too many."""
        lines = self.tables.agent_lines
        for fingerprint in fingerprints:
            lines.pop(fingerprint, None)
            lines[fingerprint] = None
        for fingerprint in [*lines][:-AGENT_LINES_KEPT]:
            del lines[fingerprint]

    def known_agent_lines(self, fingerprints: Iterable[str]) -> frozenset[str]:
        """Return those that are remembered."""
        return frozenset(self.tables.agent_lines.keys() & {*fingerprints})

    # files

    def save_written_file(self, file: WrittenFile) -> None:
        """Remember a version; the same act's last one counts."""
        key = (file.run, file.effect, file.path)
        self.tables.written_files.pop(key, None)
        self.tables.written_files[key] = file

    def files_written_at(self, path: str) -> list[WrittenFile]:
        """Return the versions at a path, the oldest first."""
        return [
            file for file in self.tables.written_files.values() if file.path == path
        ]

    def files_written_between(self, first: str, end: str) -> list[WrittenFile]:
        """Return the versions at the paths from one up to another, the oldest first."""
        files = self.tables.written_files.values()
        return [file for file in files if first <= file.path < end]

    def files_written_by(self, root: str) -> list[WrittenFile]:
        """Return what a root and its children wrote, the oldest first."""
        return [
            file for file in self.tables.written_files.values() if file.root == root
        ]

    def files_written_since(self, at: str) -> list[WrittenFile]:
        """Return what was written since a time, the oldest first."""
        return [file for file in self.tables.written_files.values() if file.at >= at]

    # versions and undos

    def insert_version(self, name: str, data: bytes, at: str) -> None:
        """Add a version under its hash; one that is known already is kept from now on."""
        self.tables.kept_versions.pop(name, None)
        self.tables.kept_versions[name] = at, data

    def find_version(self, name: str) -> bytes | None:
        """Return a version, None if it was dropped."""
        _at, data = self.tables.kept_versions.get(name, ("", None))
        return data

    def kept_bytes(self) -> int:
        """Return how large all versions are together."""
        return sum(len(data) for _at, data in self.tables.kept_versions.values())

    def drop_oldest_version(self) -> None:
        """Delete the version that was kept the longest ago."""
        del self.tables.kept_versions[next(iter(self.tables.kept_versions))]

    def save_undo(self, undo: UndoRecord) -> None:
        """Add an undo, or replace it."""
        self.tables.undos[undo.name] = undo

    def find_undo(self, name: str) -> UndoRecord | None:
        """Return an undo by its name."""
        return self.tables.undos.get(name)

    def undos_of(self, name: str) -> list[UndoRecord]:
        """Return what took back a run or an undo, the oldest first."""
        return [undo for undo in self.tables.undos.values() if undo.of == name]
