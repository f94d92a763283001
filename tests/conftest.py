"""Every test names the promise it proves; `pytest` over the whole folder also wants every promise proved."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path

import pytest
from claims import CLAIMS, nameless_tests, unproved_promises
from hypothesis import settings
from small_company import NOW, Place
from typed import Do, commands_of
from wire.server import WireServer

from agentco.adapters.clock import RealClock

ALL = Path(__file__).parent
MEMORY_DISK = Path("/dev/shm")
ROOM_BYTES = 4_000_000_000

settings.register_profile("soak", max_examples=1000, deadline=None)
settings.register_profile("check", deadline=None)
settings.load_profile("check")


def named(item: pytest.Item) -> set[str]:
    return {str(mark.args[0]) for mark in item.iter_markers("claim")}


def pytest_configure() -> None:
    """Ctrl-C ends what a test starts: what a script runs in the background ignores it, and hands that on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and is_roomy(MEMORY_DISK):
        os.environ["TMPDIR"] = str(MEMORY_DISK)
        tempfile.tempdir = None


def is_roomy(disk: Path) -> bool:
    """Whether a disk in memory takes the companies of all tests, and runs their programs."""
    try:
        has_room = shutil.disk_usage(disk).free > ROOM_BYTES
        runs_programs = not os.statvfs(disk).f_flag & os.ST_NOEXEC
    except OSError:
        return False
    return has_room and runs_programs and os.access(disk, os.W_OK)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    names = {item.nodeid: named(item) for item in items}
    if nameless := nameless_tests(names):
        what = "tests that name no known promise:\n"
        raise pytest.UsageError(what + "\n".join(nameless))
    is_whole = [Path(a).resolve() for a in config.args] in ([ALL], [ALL.parent])
    proved = {name for found in names.values() for name in found}
    unproved = unproved_promises(CLAIMS, proved)
    if is_whole and unproved:
        raise pytest.UsageError(f"promises without a test: {', '.join(unproved)}")


@pytest.fixture(autouse=True)
def a_home_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads the agents and skills of whoever runs it, or is told which company to use."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv("AGENTCO_COMPANY", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "company")


@pytest.fixture
def places(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Place]:
    """A new company at each call, for laws that need many."""
    return lambda: Place(tmp_path_factory.mktemp("law") / "company")


@pytest.fixture
def frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop this process's clock at NOW; processes that a test starts keep the real one."""

    def now(_: RealClock) -> datetime:
        return NOW

    monkeypatch.setattr(RealClock, "now", now)


@pytest.fixture
def do(place: Place, capsys: pytest.CaptureFixture[str]) -> Do:
    """Type a command in the company."""
    return commands_of(place.root, capsys)


@pytest.fixture
def wire() -> Generator[WireServer]:
    """A model server on loopback, without a script."""
    with WireServer() as server:
        yield server
