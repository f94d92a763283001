"""Memory files in every state, disks that fail, and children that die."""

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

from agentco.adapters.files import Disk, MemoryFile
from agentco.memory import EntityLine, MemoryGraph, MemoryRelation, Observation

AT = "2026-11-21T08:00:00+00:00"
WHOLE = (
    b'{"type":"entity","name":"Alice","entityType":"person","observations":["likes tea","is 40"],"mood":[1.50]}\n'
    b'{"type":"entity","name":"Bob","entityType":"person","observations":["likes tea"]}\n'
    b'{"type":"note","text":"kept"}\n'
    b'{"type":"relation","from":"Alice","to":"Bob","relationType":"knows"}\n'
    b'{"type":"entity","name":"Alice","entityType":"person","observations":["likes tea","left"]}\n'
)
BAD = b"this is no record"
BROKEN = (
    WHOLE.replace(b'{"type":"note"', BAD + b'\n{"type":"note"').removesuffix(b"\n")
    + b'{"type":"entity","na'
)
TWICE = (
    b'{"type":"entity","name":"Bob","entityType":"person","observations":["is new"]}\n'
    + BROKEN
)
BESIDE = {"memory.jsonl", "rejected.jsonl", "trash.jsonl", ".agentco"}


def fact(name: str, *texts: str) -> EntityLine:
    return EntityLine(name=name, type="note", observations=texts, at=AT, by="founder")


def file_of(folder: Path, data: bytes = WHOLE, disk: Disk | None = None) -> MemoryFile:
    path = folder / "memory.jsonl"
    path.write_bytes(data)
    return MemoryFile(path, disk=disk, patience=5)


def known(
    graph: MemoryGraph,
) -> tuple[dict[str, tuple[Observation, ...]], list[MemoryRelation]]:
    """All that the graph says, in its order."""
    return {e.name: e.observations for e in graph.entities()}, graph.relations


def litter(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - BESIDE


class Counted(Disk):
    """Calls `act` before its nth operation (from 0), and lets all of them through."""

    def __init__(self, n: int) -> None:
        self.left = n

    def act(self, fd: int, data: bytes) -> None:
        """What happens at the chosen operation; `data` is what was to be written."""

    def count(self, fd: int = -1, data: bytes = b"") -> None:
        self.left -= 1
        if self.left == -1:
            self.act(fd, data)

    def write(self, fd: int, data: bytes) -> int:
        self.count(fd, data)
        return super().write(fd, data)

    def sync(self, fd: int) -> None:
        self.count()
        super().sync(fd)

    def truncate(self, fd: int, size: int) -> None:
        self.count()
        super().truncate(fd, size)

    def rename(self, old: Path, new: Path) -> None:
        self.count()
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self.count()
        super().remove(path)

    def sync_folder(self, folder: Path) -> None:
        self.count()
        super().sync_folder(folder)


class Dying(Counted):
    """Kills its own process at the nth operation; a write gets only its first `part` (of 4) onto the disk."""

    def __init__(self, n: int, part: int) -> None:
        super().__init__(n)
        self.part = part

    def act(self, fd: int, data: bytes) -> None:
        if data:
            os.write(fd, data[: len(data) * self.part // 4])
        os.kill(os.getpid(), signal.SIGKILL)


class Full(Counted):
    """Has no room from the nth operation on: a write is cut short, then nothing goes."""

    def act(self, fd: int, data: bytes) -> None:
        if data:
            os.write(fd, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Unsynced(Disk):
    """Takes what is written and says, once it is to last, that it does not; counts how often it was asked."""

    asked = 0

    def sync(self, fd: int) -> None:
        self.asked += 1
        raise OSError(errno.EIO, os.strerror(errno.EIO), fd)


class Short(Disk):
    """Takes half of the first write and says so, as a disk does that has just become full."""

    def write(self, fd: int, data: bytes) -> int:
        return os.write(fd, data[: len(data) // 2])


class Meddled(Counted):
    """Another program changes the file at the nth operation, and again at each that follows, `times` times."""

    def __init__(self, n: int, meddle: Callable[[], None], times: int = 1) -> None:
        super().__init__(n)
        self.meddle = meddle
        self.times = times

    def count(self, fd: int = -1, data: bytes = b"") -> None:
        super().count(fd, data)
        if self.left < 0 < self.times:
            self.times -= 1
            self.meddle()
