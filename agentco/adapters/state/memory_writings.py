"""What agents wrote, in memory: lines with figures, and versions of files."""

from collections.abc import Iterable

from agentco.adapters.state.memory_tables import MemoryTables
from agentco.ports.stored_values import AGENT_LINES_KEPT, WrittenFile


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
