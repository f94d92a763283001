"""What is asked of the machine that a company is on; an adapter answers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol


class MachinePort(Protocol):
    """The machine that the company is on."""

    @property
    def python_version(self) -> str:
        """The version of Python."""
        ...

    @property
    def store_version(self) -> str:
        """The version of the database."""
        ...

    @property
    def trust_place(self) -> Path:
        """Where the founder's trust is kept. Raises NeedsFounder without a home."""
        ...

    def connection_problem(self, url: str) -> str:
        """Why nobody takes a connection at an address; empty if somebody may."""
        ...

    def served_models(self, url: str, path: str) -> list[str]:
        """The models that a server of this machine says it has, at a path below its address."""
        ...

    def load_clients(self) -> None:
        """Load what the first call of a model would, which takes seconds."""
        ...

    def is_file_locked(self, path: Path) -> bool:
        """Whether a process holds the lock of a file."""
        ...

    def lock_holder(self, path: Path) -> str:
        """The pid of the process that last held the lock of a file."""
        ...

    def driver_pid(self, driver: str) -> str:
        """The pid of a process that drives runs."""
        ...

    def is_state_shared(self) -> bool:
        """Whether others on this machine may read the state."""
        ...

    def state_bytes(self) -> int:
        """How much room the state takes, with what is not yet merged into it."""
        ...

    def log_bytes(self) -> int:
        """How much room the daemon's logs take."""
        ...

    def backups(self) -> Sequence[tuple[datetime, int]]:
        """When each backup of the state was made, and its size; the newest first."""
        ...

    def free_bytes(self) -> int:
        """How much room the company's disk has."""
        ...

    def closed_paths(self, paths: Iterable[Path]) -> list[Path]:
        """Those of the paths that are there and cannot be written."""
        ...

    def is_writable_at(self, path: Path) -> bool:
        """Whether a file, or the first folder above it that is there, can be written."""
        ...

    def network_disk(self) -> str:
        """The kind of network disk the company lies on; empty for any other disk."""
        ...

    def has_git(self) -> bool:
        """Whether git can be called."""
        ...

    def is_repository(self) -> bool:
        """Whether the company lies in a git repository."""
        ...
