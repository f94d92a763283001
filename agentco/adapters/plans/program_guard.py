"""Becomes the program that it is told to start, and leaves a watcher beside it.

Run as `python -I -S program_guard.py FD PROGRAM ARGUMENT…` at the head of a process group. Whoever
started it holds the other end of the pipe FD and never writes to it: once that is closed, by its
death too, the whole group ends.
"""

import os
import signal
import sys
from time import sleep

GRACE_S = 0.5
"""For a program to put away what it is just writing, such as its own login."""


def main() -> None:
    """Start the watcher, then be the program."""
    pipe = int(sys.argv[1])
    group = os.getpid()
    if os.fork() == 0:
        watch(pipe, group)
    os.close(pipe)
    program, *_ = command = sys.argv[2:]
    try:
        os.execv(program, command)  # noqa: S606  there is no shell, and none is wanted
    except OSError as error:
        sys.exit(f"{program} cannot be started: {error.strerror}")


def watch(pipe: int, group: int) -> None:
    """Wait for the end of whoever started us, then end the group, ourselves included."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.read(pipe, 1)
    os.killpg(group, signal.SIGTERM)
    sleep(GRACE_S)
    os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
