"""Files that agents write: by open folders, so that no link and no swapped folder leads elsewhere.

A file is written beside its place and put there in one step. Whoever put another one there
meanwhile keeps it.
"""

import errno
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from unicodedata import normalize

from msgspec import Struct

from agentco.adapters.files.durable_disk import Disk, write_new_file
from agentco.adapters.files.safe_read import SAFE_READ_FLAGS, require_regular
from agentco.kernel.errors import StateBroken, WrongUsage

MAX_BYTES = 1_000_000
"""Of a file that agents write."""
MAX_NAME_BYTES = 200
"""A name of the disk's own longest length would leave no room for the one beside it."""
BROKEN_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP})
"""What a disk says that has none."""
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NOTHING = "nothing was changed"


class FileVersion(Struct, frozen=True, kw_only=True):
    """A file as it stands: `data` and `mode` are None where there is none."""

    data: bytes | None = None
    mode: int | None = None

    @property
    def hash(self) -> str:
        """The sha256 of its bytes; empty where there is none."""
        return "" if self.data is None else sha256(self.data).hexdigest()

    @property
    def is_executable(self) -> bool:
        """Whether it can be run as a program."""
        return bool((self.mode or 0) & 0o111)


def read_version(root: Path, path: str, *, mark: str = "") -> FileVersion:
    """The file at a path without `.` and `..`. Raises WrongUsage where no agent may write.

    With a `mark`, what a write under it left when it was killed is removed first.
    """
    *folders, name = split_path(path)
    with _words_for_errors(path), _open_folders(root, folders) as folder:
        if folder is None:
            return FileVersion()
        if mark:
            _remove(folder, _name_beside(mark))
        return _version_in(folder, name)


def write_version(
    root: Path, path: str, data: bytes, before: FileVersion, *, mark: str
) -> None:
    """Put these bytes in the place of the file `before`, and wait for the disk.

    `mark` names the file beside it; one of that name that a crash left is removed. Raises
    WrongUsage if another file stands there by now, StateBroken where the disk is full or broken.
    """
    *folders, name = split_path(path)
    disk, beside = Disk(), _name_beside(mark)
    with _words_for_errors(path), _open_folders(root, folders, make=True) as folder:
        if folder is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        _remove(folder, beside)
        try:
            write_new_file(disk, beside, data, before.mode, folder)
            if _version_in(folder, name) != before:
                what = f"{path!r} was changed meanwhile, and stays as it is"
                raise WrongUsage(what, hint="read it again, then edit it")
            _put_in_place(folder, beside, name, replaces=before.data is not None)
        finally:
            _remove(folder, beside)
            os.fsync(folder)


def remove_version(root: Path, path: str, before: FileVersion) -> None:
    """Remove the file `before`. Raises WrongUsage if another stands there."""
    *folders, name = split_path(path)
    with _words_for_errors(path), _open_folders(root, folders) as folder:
        if folder is None or _version_in(folder, name) != before:
            raise WrongUsage(f"{path!r} was changed meanwhile", hint=NOTHING)
        os.unlink(name, dir_fd=folder)
        os.fsync(folder)


def names_beside(root: Path, path: str) -> frozenset[str]:
    """The names in the folder of a path. Raises WrongUsage as a write does."""
    *folders, _name = split_path(path)
    with _words_for_errors(path), _open_folders(root, folders) as folder:
        if folder is None:
            return frozenset()
        return frozenset(os.listdir(folder))  # noqa: PTH208  a Path knows no open folder


def split_path(path: str) -> list[str]:
    """The parts of a path. Raises WrongUsage for one that no disk should hold."""
    parts = path.split("/")
    for part in parts:
        if part in {"", ".", ".."} or not part.isprintable():
            what = f"{path!r} is not the path of a file in the company"
            raise WrongUsage(what, hint="give one such as drafts/review.md")
        if len(part.encode("utf-8", "replace")) > MAX_NAME_BYTES:
            what = f"a name in the path is longer than {MAX_NAME_BYTES} bytes"
            raise WrongUsage(what, hint="give it a shorter name")
    return parts


def _name_beside(mark: str) -> str:
    return f".agentco-{mark}.tmp"


def _remove(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


@contextmanager
def _open_folders(
    root: Path, names: Sequence[str], *, make: bool = False
) -> Generator[int | None]:
    """Open the folder at a path below `root`, no link on the way; None if it is not there.

    With `make` those that are missing are made.
    """
    handle = os.open(os.path.realpath(root), FOLDER_FLAGS)
    try:
        for name in names:
            inner = _open_folder(handle, name, make=make)
            if inner is None:
                yield None
                return
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _open_folder(parent: int, name: str, *, make: bool) -> int | None:
    try:
        return os.open(name, FOLDER_FLAGS, dir_fd=parent)
    except FileNotFoundError:
        _refuse_twin(parent, name)
    if not make:
        return None
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
        os.fsync(parent)
    return os.open(name, FOLDER_FLAGS, dir_fd=parent)


def _refuse_twin(folder: int, name: str) -> None:
    """Raise WrongUsage for a new name that only other letters tell from one that is there."""
    for other in os.listdir(folder):
        if folded(other) == folded(name):
            what = f"there is {other!r}, which only its spelling tells from {name!r}"
            raise WrongUsage(what, hint=f"write it {other!r}")


def folded(name: str) -> str:
    """A name without the differences that some disk does not see."""
    return normalize("NFKC", name).casefold()


def _version_in(folder: int, name: str) -> FileVersion:
    """A file in an open folder. Raises WrongUsage for what is none of its own."""
    try:
        handle = os.open(name, SAFE_READ_FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        _refuse_twin(folder, name)
        return FileVersion()
    with require_regular(handle) as file:
        found = os.fstat(handle)
        if found.st_nlink > 1:
            what = f"{name!r} is another file too, by a hard link"
            raise WrongUsage(what, hint=f"{NOTHING}; ask the founder to part them")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        what = f"{name!r} is larger than {MAX_BYTES:,} bytes"
        raise WrongUsage(what, hint="only smaller ones are edited")
    return FileVersion(data=data, mode=found.st_mode & 0o777)


def _put_in_place(folder: int, beside: str, name: str, *, replaces: bool) -> None:
    """Give a finished file its name; a new one takes it only where it is free."""
    folders = {"src_dir_fd": folder, "dst_dir_fd": folder}
    if not replaces:
        try:
            os.link(beside, name, **folders, follow_symlinks=False)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
        else:
            return
    os.replace(beside, name, **folders)  # noqa: PTH105  a Path knows no open folder


@contextmanager
def _words_for_errors(path: str) -> Generator[None]:
    """Say what the system refused: in words for an agent, or as a broken disk."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in BROKEN_DISK:
            what = f"{path!r} cannot be written: {why}"
            raise StateBroken(what, hint=f"{NOTHING}; make room on the disk") from error
        if error.errno in {errno.ELOOP, errno.ENOTDIR}:
            why = "a link or a file stands in its way"
        raise WrongUsage(f"{path!r} cannot be written: {why}", hint=NOTHING) from error
