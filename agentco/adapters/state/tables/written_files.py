"""The versions of files that runs wrote."""

from msgspec.structs import asdict

from agentco.adapters.state.tables.statements import Statements
from agentco.ports.stored_values import WrittenFile


class WrittenFileTable(Statements):
    """One row for each version that was written."""

    def save_written_file(self, file: WrittenFile) -> None:
        """Remember a version; the same act's last one counts."""
        self.change("save_written_file", **asdict(file))

    def written_files(
        self, *, path: str = "", root: str = "", since: str = ""
    ) -> list[WrittenFile]:
        """Return versions, the oldest first: of one path, of one root, or since a time."""
        return self.select_as(
            WrittenFile, "written_files", path=path, root=root, since=since
        )
