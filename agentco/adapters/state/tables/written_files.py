"""The versions of files that runs wrote."""

from msgspec.structs import asdict

from agentco.adapters.state.tables.statements import Statements
from agentco.ports.stored_values import WrittenFile


class WrittenFileTable(Statements):
    """One row for each version that was written."""

    def save_written_file(self, file: WrittenFile) -> None:
        """Remember a version; the same act's last one counts."""
        self.change("save_written_file", **asdict(file))

    def files_written_at(self, path: str) -> list[WrittenFile]:
        """Return the versions at a path, the oldest first."""
        return self.select_as(WrittenFile, "files_written_at", path=path)

    def files_written_between(self, first: str, end: str) -> list[WrittenFile]:
        """Return the versions at the paths from one up to another, the oldest first."""
        return self.select_as(
            WrittenFile, "files_written_between", first=first, end=end
        )

    def files_written_by(self, root: str) -> list[WrittenFile]:
        """Return what a root and its children wrote, the oldest first."""
        return self.select_as(WrittenFile, "files_written_by", root=root)

    def files_written_since(self, at: str) -> list[WrittenFile]:
        """Return what was written since a time, the oldest first."""
        return self.select_as(WrittenFile, "files_written_since", since=at)
