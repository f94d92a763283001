"""What agents wrote, as a store keeps it: lines with figures, versions of files, and undos."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from agentco.ports.stored_values import UndoRecord, WrittenFile


class StoredAgentLines(Protocol):
    """Lines with a figure that agents wrote, by their fingerprints."""

    def save_agent_lines(self, fingerprints: Iterable[str]) -> None:
        """Remember lines; the oldest beyond AGENT_LINES_KEPT are forgotten."""
        ...

    def known_agent_lines(self, fingerprints: Iterable[str]) -> frozenset[str]:
        """Return those that are remembered."""
        ...


class StoredFiles(Protocol):
    """The versions of files that runs wrote."""

    def save_written_file(self, file: WrittenFile) -> None:
        """Remember a version; the last one of the same act on a path counts."""
        ...

    def files_written_at(self, path: str) -> Sequence[WrittenFile]:
        """Return the versions at a path, the oldest first."""
        ...

    def files_written_between(self, first: str, end: str) -> Sequence[WrittenFile]:
        """Return those at the paths from one up to another, by code points, the oldest first."""
        ...

    def files_written_by(self, root: str) -> Sequence[WrittenFile]:
        """Return what a root and its children wrote, the oldest first."""
        ...

    def files_written_since(self, at: str) -> Sequence[WrittenFile]:
        """Return what was written since a time, the oldest first."""
        ...


class StoredVersions(Protocol):
    """What files were before runs changed them, and what was taken back."""

    def save_version(self, data: bytes, at: str) -> None:
        """Keep what a file was; the oldest beyond KEPT_VERSION_BYTES are dropped."""
        ...

    def load_version(self, name: str) -> bytes | None:
        """Return what a file was by its hash, None if that was dropped or is damaged."""
        ...

    def save_undo(self, undo: UndoRecord) -> None:
        """Add an undo, or replace it."""
        ...

    def find_undo(self, name: str) -> UndoRecord | None:
        """Return an undo by its name."""
        ...

    def undos_of(self, name: str) -> Sequence[UndoRecord]:
        """Return what took back a run or an undo, the oldest first."""
        ...
