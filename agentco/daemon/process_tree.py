"""No descendant outlives what it belongs to, however it hides: in a session of its own, stopped, or orphaned."""

import ctypes
import os
import signal
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from time import monotonic, sleep

import psutil

PR_SET_CHILD_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of Linux."""
SWEEP_LIMIT_S, SWEEP_PAUSE_S = 10.0, 0.005
PROCESS_GONE = (psutil.Error, OSError)


def adopt_orphans() -> None:
    """Whatever is orphaned below this process becomes its child, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants_of(pid: int) -> list[psutil.Process]:
    """Everything that a process started, and that started in turn, and still lives."""
    with suppress(*PROCESS_GONE):
        return [
            one for one in psutil.Process(pid).children(recursive=True) if is_alive(one)
        ]
    return []


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still lives; one that only waits to be taken note of does not."""
    with suppress(*PROCESS_GONE):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def memory_mb(pid: int) -> int:
    """The memory of a process and of all below it; what they share counts each time."""
    found = 0
    for one in (psutil.Process(pid), *descendants_of(pid)):
        with suppress(*PROCESS_GONE):
            found += one.memory_info().rss
    return found // 1_000_000


def kill_tree(pid: int) -> None:
    """Kill a process and all that is below it. What was orphaned before is ours by now: `sweep` ends it."""
    lost = descendants_of(pid)
    kill_with_groups([pid])
    kill_with_groups(one.pid for one in lost)


def kill_with_groups(pids: Iterable[int]) -> None:
    """Kill processes, each with its group where that is not ours: a group cannot fork away from a signal."""
    for pid in pids:
        with suppress(OSError):
            if (group := os.getpgid(pid)) != os.getpgrp():
                os.killpg(group, signal.SIGKILL)
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def find_strays(mine: Collection[int]) -> list[psutil.Process]:
    """Children of this process that are neither `mine` nor of our own group: orphans of what has ended."""
    found = list[psutil.Process]()
    for child in psutil.Process().children():
        with suppress(*PROCESS_GONE):
            if child.pid not in mine and os.getpgid(child.pid) != os.getpgrp():
                found.append(child)
    return found


def sweep_orphans(mine: Collection[int]) -> None:
    """Kill whatever was orphaned to us, until the system knows of none."""
    until = monotonic() + SWEEP_LIMIT_S
    while (found := find_strays(mine)) and monotonic() < until:
        for one in found:
            kill_tree(one.pid)
            with suppress(ChildProcessError):
                os.waitpid(one.pid, os.WNOHANG)
        sleep(SWEEP_PAUSE_S)
