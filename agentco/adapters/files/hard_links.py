"""Files with several names, of which one may be closed to agents, or lie where nobody looks."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from msgspec import Struct

from agentco.adapters.files.safe_read import open_inside

MAX_DEPTH = 32
MAX_FOLDERS = 20_000
"""Of a tree that is searched for the other names of a file."""

FileKey = tuple[int, int, int, int]
"""Device, number, count of names and last change of a file: a name more or less is another key."""
Inode = tuple[int, int]


class LinkedNames(Struct, frozen=True, kw_only=True):
    """The files of a tree that have several names: how many were `found`, and which are `closed`.

    `is_whole` is false if a part of the tree was not looked into.
    """

    found: Counter[Inode]
    closed: frozenset[Inode]
    is_whole: bool

    def has_closed_name(self, status: os.stat_result) -> bool:
        """Whether a file has a closed name in the tree."""
        return (status.st_dev, status.st_ino) in self.closed

    def has_unknown_name(self, status: os.stat_result) -> bool:
        """Whether a file may have a name in a part of the tree that was not looked into."""
        count = self.found[status.st_dev, status.st_ino]
        return not self.is_whole and count < status.st_nlink


def find_linked_names(
    root: str, is_closed: Callable[[str], bool], most: int = MAX_FOLDERS
) -> LinkedNames:
    """Look through a tree, the closed folders too, but for the objects of git."""
    found, closed = Counter[Inode](), set[Inode]()
    unread = list[OSError]()
    walk = os.walk(root, onerror=unread.append)
    for number, (place, folders, names) in enumerate(walk):
        if number == most:
            unread.append(OSError())
            break
        if ".git" in place.split("/"):
            folders[:] = [name for name in folders if name != "objects"]
        above = f"{place}/".removeprefix(f"{root.rstrip('/')}/")
        for name in names:
            with suppress(OSError):  # it may be gone by now
                status = os.lstat(f"{place}/{name}")
                if status.st_nlink > 1:
                    inode = status.st_dev, status.st_ino
                    found[inode] += 1
                    if is_closed(f"{above}{name}"):
                        closed.add(inode)
    return LinkedNames(found=found, closed=frozenset(closed), is_whole=not unread)


class SeenNames:
    """The names of files that agents see below `root`; it is looked through once for new links."""

    def __init__(self, root: Path, is_closed: Callable[[str], bool]) -> None:
        self.root = root
        self.is_closed = is_closed
        self._names: dict[FileKey, list[str]] = {}

    def walk(
        self, folder: str, look_on: Callable[[], None]
    ) -> Iterator[tuple[str, int]]:
        """Yield the files below a folder by name, each with a handle of the folder it lies in.

        `look_on` is called at each step, and ends the walk by what it raises.
        """
        top = open_inside(os.path.realpath(self.root), folder)
        try:
            for place, folders, names, handle in os.fwalk(".", dir_fd=top):
                look_on()
                above = "".join(f"{part}/" for part in (folder, place[2:]) if part)
                folders[:] = self._open_folders(above, folders)
                for name in sorted(names):
                    look_on()
                    if not self.is_closed(f"{above}{name}"):
                        yield f"{above}{name}", handle
        finally:
            os.close(top)

    def names_of(
        self, status: os.stat_result, look_on: Callable[[], None] = lambda: None
    ) -> Sequence[str] | None:
        """All names of a file that has several, none of one that has one.

        None if agents do not see them all: it is a hard link to what is closed, or lies outside.
        """
        if not S_ISREG(status.st_mode) or status.st_nlink == 1:
            return ()
        key = _file_key(status)
        names = self._names.get(key)
        is_hidden = names is not None and len(names) < status.st_nlink
        if not is_hidden and not (names and self._are_there(names, key)):
            self._find_names(key, look_on)
            names = self._names[key]
        return names if names and len(names) == status.st_nlink else None

    def _find_names(self, key: FileKey, look_on: Callable[[], None]) -> None:
        found: dict[FileKey, list[str]] = {key: []}
        for path, folder in self.walk("", look_on):
            status = file_status(folder, path)
            if status and status.st_nlink > 1:
                found.setdefault(_file_key(status), []).append(path)
        self._names.update(found)

    def _are_there(self, names: Iterable[str], key: FileKey) -> bool:
        """Whether all names still are those of a file, without a link on the way."""
        for name in names:
            status = None
            with suppress(OSError):
                folder = open_inside(self.root, name.rpartition("/")[0])
                status = file_status(folder, name)
                os.close(folder)
            if status is None or _file_key(status) != key:
                return False
        return True

    def _open_folders(self, above: str, names: Iterable[str]) -> list[str]:
        """Those of the folders that are looked into."""
        if above.count("/") >= MAX_DEPTH:
            return []
        return [
            name
            for name in sorted(names)
            if name != "node_modules" and not self.is_closed(f"{above}{name}/")
        ]


def file_status(folder: int, path: str) -> os.stat_result | None:
    """What the disk says of a file in an open folder; None when it is gone."""
    try:
        return os.stat(path.rpartition("/")[2], dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None


def _file_key(status: os.stat_result) -> FileKey:
    return status.st_dev, status.st_ino, status.st_nlink, status.st_ctime_ns
