"""What somebody else does to a folder at the very moment when it is looked at."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


def become_link(path: Path, goal: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(goal)


@contextmanager
def at_opening(number: int, then: Callable[[], None]) -> Generator[list[int]]:
    """Do something right before the nth time that something is opened or listed."""
    left = [number, 1]

    def hook(event: str, _: object) -> None:
        if left[1] and event in {"open", "os.scandir"}:
            left[0] -= 1
            if left[0] == -1:
                left[1] = 0
                then()

    sys.addaudithook(hook)  # a hook cannot be taken away, so it is put to rest
    try:
        yield left
    finally:
        left[1] = 0
