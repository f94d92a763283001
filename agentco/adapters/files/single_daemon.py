"""Who runs the company: one daemon at a time on a machine, and one machine at a time anywhere."""

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import gethostname

from msgspec import Struct

from agentco.adapters.files.disk import Disk, unwritten, write_new
from agentco.adapters.files.lock import SAFE, held, place_of
from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.state.drivers import taken
from agentco.kernel.errors import Locked

HOST = ".github/agentco.host"
"""Where git sees which machine runs the company."""
LONGEST = 256


class Duty(Struct, frozen=True):
    """The daemon that runs; `since` is empty while it is not yet up."""

    pid: int
    host: str = ""
    since: str = ""


def who(root: Path) -> Duty | None:
    """The daemon that runs the company on this machine, if one does."""
    place = place_of(root / "up")
    if not taken(place):
        return None
    pid, *more = place.read_text().split() or ["0"]
    return Duty(int(pid), *more[:2])


@contextmanager
def on_duty(root: Path, *, take_over: bool) -> Generator[Callable[[str], None]]:
    """Be the one daemon of a company; what it gives says, with the time, that it is up.

    Raises Locked, naming who is, for a second one.
    """
    here, there = gethostname(), host_of(root)
    if there not in {"", here} and not take_over:
        what = f"the company runs on {there!r}, as {HOST} says, and this is {here!r}"
        raise Locked(
            what,
            hint="end it there with agentco down, then agentco up --take-over here",
        )
    with ExitStack() as stack:
        try:
            stack.enter_context(held(root / "up", patience=0))
        except Locked:
            other = who(root) or Duty(0)
            what = f"agentco is up already: process {other.pid} on {other.host or here}"
            raise Locked(
                what, hint="agentco status shows what it does, agentco down ends it"
            ) from None
        if there != here:
            sign(root / HOST, here)
        yield lambda since: ready(root, here, since)


def host_of(root: Path) -> str:
    """The machine that runs the company, as the file says that git sees."""
    try:
        return read_regular(root / HOST, LONGEST).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def sign(path: Path, host: str) -> None:
    """Write which machine runs the company. Raises StateBroken."""
    try:
        path.unlink(missing_ok=True)
        write_new(Disk(), path, f"{host}\n".encode(), None)
    except OSError as error:
        raise unwritten(path, error) from error


def ready(root: Path, host: str, since: str) -> None:
    """Write into our lock that we are up."""
    lock = os.open(place_of(root / "up"), os.O_WRONLY | os.O_APPEND | SAFE)
    try:
        os.write(lock, f"{host}\n{since}\n".encode())
    finally:
        os.close(lock)
