"""Processes of a test: a fork of it that does one thing, and `agentco` as a founder starts it."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import agentco

ROOT = Path(agentco.__file__).parents[1]
PATIENCE_S, LONG_S = 20.0, 240.0


def in_child(act: Callable[[], object], seconds: float = PATIENCE_S) -> int:
    """Do something in a fork, which is killed after so many seconds; its exit code, or minus the signal."""
    return side_by_side([act], seconds)[0]


def side_by_side(
    acts: Sequence[Callable[[], object]], seconds: float = LONG_S
) -> list[int]:
    """Do all of it at once, each in a fork; how each ended."""
    children = [fork(act, seconds) for act in acts]
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def fork(act: Callable[[], object], seconds: float) -> int:
    """A child that does this and ends, or is killed after so many seconds."""
    child = os.fork()
    if not child:
        code = 70
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            act()
            code = 0
        except BaseException:  # noqa: BLE001  the child says why before it goes
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    return child


def command(root: Path, *args: str) -> list[str]:
    """`agentco` of a company, as a process of its own."""
    return [sys.executable, "-P", "-m", "agentco", "--company", str(root), *args]


def environment(*paths: Path) -> dict[str, str]:
    """The environment of a process of this test, with folders that Python looks into first."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))}
