"""What this machine says of itself: its disk, its programs, and who listens on it."""

import os
import platform
import shutil
import socket
from collections.abc import Iterable
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from msgspec import json

from agentco.adapters.files.file_lock import lock_path, read_holder_pid
from agentco.adapters.files.own_folder import STATE_FILE
from agentco.adapters.files.trust_file import expected_state, trust_file_path
from agentco.adapters.state.backups import list_backups, made_at
from agentco.adapters.state.drivers import Drivers, is_locked
from agentco.adapters.state.open_state import store_version
from agentco.company.addresses import is_loopback

CONNECT_TIMEOUT_S = 2.0
MAX_LISTING_BYTES = 1_000_000
MAX_MODEL_NAMES = 6
MOUNTS = Path("/proc/mounts")
NETWORK_FILESYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "9p",
    "ceph",
    "fuse.sshfs",
    "fuse.glusterfs",
}


class Machine:
    """This machine, as the company in `root` sees it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def python_version(self) -> str:
        """The version of Python."""
        return platform.python_version()

    @property
    def store_version(self) -> str:
        """The version of the database."""
        return store_version()

    @property
    def trust_place(self) -> Path:
        """Where the founder's trust is kept. Raises NeedsFounder without a home."""
        return trust_file_path(self.root)

    def connection_problem(self, url: str) -> str:
        """Why nobody takes a connection at an address.

        Empty if somebody does, or if only a proxy can tell.
        """
        server = urlsplit(url)
        if server.scheme in getproxies() and not is_loopback(url):
            return ""
        try:
            port = server.port or {"http": 80}.get(server.scheme, 443)
            address = (server.hostname or "", port)
            socket.create_connection(address, CONNECT_TIMEOUT_S).close()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            return f"{server.netloc} refuses connections ({reason})"
        return ""

    def served_models(self, url: str, path: str) -> list[str]:
        """The models that a server of this machine says it has; none if it does not say."""
        return list_served_models(url, path)

    def load_clients(self) -> None:
        """Load what the first call of a model would, which takes seconds."""
        from agentco.adapters.models.litellm_client import load_litellm

        load_litellm()

    def is_file_locked(self, path: Path) -> bool:
        """Whether a process holds the lock of a file."""
        return is_locked(lock_path(Path(os.path.realpath(path))))

    def lock_holder(self, path: Path) -> str:
        """The pid of the process that last held the lock of a file."""
        return read_holder_pid(lock_path(Path(os.path.realpath(path))))

    def driver_pid(self, driver: str) -> str:
        """The pid of a process that drives runs."""
        return Drivers(self.root).pid_of(driver)

    def is_state_shared(self) -> bool:
        """Whether others on this machine may read the state."""
        return bool((self.root / STATE_FILE).stat().st_mode & 0o077)

    def state_bytes(self) -> int:
        """How much room the state takes, with what is not yet merged into it."""
        return sum_sizes((self.root / STATE_FILE).parent, "state.db*")

    def log_bytes(self) -> int:
        """How much room the daemon's logs take."""
        return sum_sizes((self.root / STATE_FILE).parent, "up.log*")

    def backups(self) -> list[tuple[datetime, int]]:
        """When each backup of the state was made, and its size; the newest first."""
        found = list_backups(self.root, expected_state(self.root))
        return [(made_at(path), path.stat().st_size) for path in found]

    def free_bytes(self) -> int:
        """How much room the company's disk has."""
        return shutil.disk_usage(self.root).free

    def closed_paths(self, paths: Iterable[Path]) -> list[Path]:
        """Those of the paths that are there and cannot be written."""
        return [
            path for path in paths if path.exists() and not os.access(path, os.W_OK)
        ]

    def is_writable_at(self, path: Path) -> bool:
        """Whether a file, or the first folder above it that is there, can be written."""
        there = (place for place in (path, *path.parents) if place.exists())
        return os.access(next(there), os.W_OK)

    def network_disk(self) -> str:
        """The kind of network disk the company lies on; empty for any other disk."""
        return network_disk_type(self.root, MOUNTS)

    def has_git(self) -> bool:
        """Whether git can be called."""
        return shutil.which("git") is not None

    def is_repository(self) -> bool:
        """Whether the company lies in a git repository."""
        folders = (self.root, *self.root.parents)
        return any((folder / ".git").exists() for folder in folders)


def sum_sizes(folder: Path, names: str) -> int:
    """How many bytes the files of a folder have whose names match."""
    return sum(path.stat().st_size for path in folder.glob(names))


def list_served_models(url: str, path: str = "/models") -> list[str]:
    """The models that a server of this machine says it has; none if it does not say."""
    server = urlsplit(url)
    connection = HTTPConnection(
        server.hostname or "", server.port, timeout=CONNECT_TIMEOUT_S
    )
    try:
        connection.request("GET", f"{server.path}{path}")
        data = connection.getresponse().read(MAX_LISTING_BYTES)
        listing = json.decode(data, type=dict[str, Any])
        return [str(model["id"]) for model in listing["data"]][:MAX_MODEL_NAMES]
    except (OSError, ValueError, HTTPException, LookupError, TypeError):
        return []
    finally:
        connection.close()


def network_disk_type(root: Path, mounts: Path) -> str:
    """The kind of network disk that a folder lies on; empty for any other disk."""
    if not mounts.exists():
        return ""
    deepest = 0
    kind = ""
    for line in mounts.read_text().splitlines():
        _, place, type_, *_ = line.split(" ")
        if root.is_relative_to(place) and len(place) >= deepest:
            deepest = len(place)
            kind = type_
    return kind if kind in NETWORK_FILESYSTEMS else ""
