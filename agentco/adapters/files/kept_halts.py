"""Halts that are kept beside the user's trust as well: they outlive the state of a company.

Each is a file of its own whose name says it all, so that one can be kept on a full disk. They
belong to the folder in which the company lies, and move with it.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote

from agentco.adapters.files.durable_disk import SAFE_FLAGS, Disk, write_error
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.files.trust_file import folder_key, trust_file_path
from agentco.kernel.errors import NeedsFounder
from agentco.ports.stored_values import Halt

FOLDER = "halts"
PREFIX_LETTERS = 32
MAX_NAME_BYTES = 200
"""How much of who halted is read."""


class KeptHalts:
    """The halts of the company in `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = halts_prefix(folder_key(root))

    def read(self) -> list[Halt]:
        """Every halt that is kept, by scope; none where there is no home."""
        try:
            return list(self._read_files(halts_folder(self.root)))
        except NeedsFounder:
            return []

    def keep(self, halt: Halt) -> None:
        """Keep a halt. Raises StateBroken where it cannot be kept, NeedsFounder without a home."""
        path = self._path_of(halt.scope)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_FLAGS, 0o600
            )
        except FileExistsError:
            return
        except OSError as error:
            raise write_error(path, error) from error
        try:
            # a full disk takes the file and not what is in it
            with suppress(OSError):
                os.write(handle, halt.by.encode("utf-8", "replace"))
                Disk().sync(handle)
        finally:
            os.close(handle)
        with suppress(OSError):
            Disk().sync_folder(path.parent)

    def lift(self, scope: str) -> None:
        """Keep a halt no longer. Raises StateBroken."""
        try:
            path = self._path_of(scope)
        except NeedsFounder:
            return
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(path.parent, error) from error

    def _path_of(self, scope: str) -> Path:
        # a dot ends the key, and no scope is a name of its own
        return halts_folder(self.root) / f"{self._prefix}.{quote(scope, safe='')}"

    def _read_files(self, folder: Path) -> Iterator[Halt]:
        for path in sorted(folder.glob(f"{self._prefix}.*")):
            with suppress(OSError):
                info = path.lstat()
                if stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid():
                    who = read_regular(path, MAX_NAME_BYTES).decode("utf-8", "replace")
                    since = datetime.fromtimestamp(int(info.st_mtime), UTC)
                    yield Halt(
                        scope=unquote(path.name.partition(".")[2]),
                        since=since.isoformat(),
                        by=who or "you",
                    )


def move_halts(root: Path, old: str, new: str) -> None:
    """Carry the halts of a folder over to another one, by their keys. Raises StateBroken."""
    folder = halts_folder(root)
    try:
        for path in list(folder.glob(f"{halts_prefix(old)}.*")):
            scope = path.name.partition(".")[2]
            path.replace(folder / f"{halts_prefix(new)}.{scope}")
    except OSError as error:
        raise write_error(folder, error) from error


def halts_folder(root: Path) -> Path:
    """Where halts are kept. Raises NeedsFounder where the user has no home."""
    return trust_file_path(root).with_name(FOLDER)


def halts_prefix(folder: str) -> str:
    """What a file name says of the folder in which a company lies."""
    return sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()[
        :PREFIX_LETTERS
    ]
