"""No descendant outlives what it belongs to, also in its own session, stopped, or orphaned."""

import ctypes
import os
import signal
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from hashlib import sha256
from time import monotonic, sleep

import psutil

PR_SET_CHILD_SUBREAPER = 36
"""The option of Linux's prctl by which orphans become children of this process."""
SWEEP_LIMIT_S, SWEEP_PAUSE_S = 10.0, 0.005
PROCESS_GONE = (psutil.Error, OSError)


def adopt_orphans() -> None:
    """Make whatever is orphaned below this process its child, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants_of(pid: int) -> list[psutil.Process]:
    """Return everything that a process started, and that started in turn, and still lives."""
    with suppress(*PROCESS_GONE):
        descendants = psutil.Process(pid).children(recursive=True)
        return [process for process in descendants if is_alive(process)]
    return []


def process_mark(pid: int) -> str:
    """Return what tells a process from any other that had its number; empty when it is gone."""
    with suppress(*PROCESS_GONE):
        process = psutil.Process(pid)
        # since the machine started, as its clock may be set meanwhile
        age = process.create_time() - psutil.boot_time()
        command = "\0".join(process.cmdline()).encode("utf-8", "surrogateescape")
        return f"{age:.2f}-{sha256(command).hexdigest()[:16]}"
    return ""


def is_alive(process: psutil.Process) -> bool:
    """Whether a process still lives; one that only waits to be reaped does not."""
    with suppress(*PROCESS_GONE):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def memory_mb(pid: int) -> int:
    """Return the megabytes of a process and all below it; what they share counts each time."""
    used = 0
    for process in (psutil.Process(pid), *descendants_of(pid)):
        with suppress(*PROCESS_GONE):
            used += process.memory_info().rss
    return used // 1_000_000


def kill_tree(pid: int) -> None:
    """Kill a process and all below it. What was orphaned before, `sweep_orphans` ends."""
    descendants = descendants_of(pid)
    kill_with_groups([pid])
    kill_with_groups(process.pid for process in descendants)


def kill_with_groups(pids: Iterable[int]) -> None:
    """Kill processes, each with its group unless that is ours: a group cannot fork away."""
    for pid in pids:
        with suppress(OSError):
            group = os.getpgid(pid)
            if group != os.getpgrp():
                os.killpg(group, signal.SIGKILL)
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def find_orphans(mine: Collection[int]) -> list[psutil.Process]:
    """Return the children of this process that are neither `mine` nor of our own group."""
    orphans = list[psutil.Process]()
    for child in psutil.Process().children():
        with suppress(*PROCESS_GONE):
            if child.pid not in mine and os.getpgid(child.pid) != os.getpgrp():
                orphans.append(child)
    return orphans


def sweep_orphans(mine: Collection[int]) -> None:
    """Kill whatever was orphaned to us, until the system knows of none; `mine` stay."""
    deadline = monotonic() + SWEEP_LIMIT_S
    orphans = find_orphans(mine)
    while orphans and monotonic() < deadline:
        for orphan in orphans:
            kill_tree(orphan.pid)
            with suppress(ChildProcessError):
                os.waitpid(orphan.pid, os.WNOHANG)
        # no signal tells when the system is done with a killed process
        sleep(SWEEP_PAUSE_S)
        orphans = find_orphans(mine)
