"""A disk that is full or read-only: what only looks works, and so does a halt."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from claims import claim
from small_company import Place

from agentco.adapters.files import STATE_FILE, trust_folder
from agentco.adapters.state.open_state import open_state
from agentco.cli.main import main
from agentco.kernel import StateBroken
from agentco.wiring import open_company

AT = "2026-11-21T09:00:00+00:00"
LOOKS = (
    ["status"],
    ["runs"],
    ["inbox"],
    ["costs"],
    ["audit"],
    ["audit", "verify"],
    ["standup", "--dry-run"],
    ["board"],
    ["schedule"],
)


def mount(*args: object) -> None:
    command = ["mount", *map(str, args)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk of its own can be mounted here")


@pytest.fixture
def disk(tmp_path: Path) -> Generator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "none", folder)
    yield folder
    subprocess.run(["umount", folder], check=True, capture_output=True)


@pytest.fixture
def farol(disk: Path) -> Path:
    """A trusted company on that disk that has worked."""
    place = Place(disk / "farol")
    place.agent("cfo")
    place.board("- [ ] Pay rent due:2026-11-20 id:T1")
    place.know("deadline", "rent", "Due: 2026-12-01")
    root = place.root
    trust_folder(root, open_company(root).trust.status().reach, at=AT)
    with open_state(root) as state:
        state.write(lambda tx: tx.halt("cfo", at=AT, by="ines")).result()
    return root


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017


def make_read_only(disk: Path) -> None:
    mount("-o", "remount,ro", disk)


POOR: dict[str, Callable[[Path], None]] = {"full": fill, "read-only": make_read_only}


def do(root: Path, *args: str) -> int:
    return main(["--company", str(root), *args])


def leave_unmerged(root: Path) -> None:
    """Write into the state what a crash keeps from being merged into its file."""
    if not (child := os.fork()):
        with open_state(root) as state:
            state.write(lambda tx: tx.halt("crash", at=AT, by="ines")).result()
            os._exit(0)
    os.waitpid(child, 0)
    assert (root / f"{STATE_FILE}-wal").stat().st_size


@claim("state:reads")
@pytest.mark.parametrize("poverty", POOR)
@pytest.mark.parametrize("crashed", [False, True])
def test_what_only_looks_works_where_nothing_can_be_written(
    farol: Path,
    disk: Path,
    poverty: str,
    crashed: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if crashed:
        leave_unmerged(farol)
    POOR[poverty](disk)
    files = sorted(disk.rglob("*"))
    for command in LOOKS:
        assert do(farol, *command) == 0, command
    said = capsys.readouterr().out
    assert "cfo is halted" in said
    assert ("crash" in said) is crashed
    new = {path.name for path in disk.rglob("*") if path not in files}
    assert new <= {"state.db-wal", "state.db-shm"}  # SQLite tried


@claim("state:reads")
def test_a_standup_is_shown_and_then_says_what_it_could_not_write_down(
    farol: Path, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_read_only(disk)
    assert do(farol, "standup") == 5
    said = capsys.readouterr()
    assert "Pay rent" in said.out
    assert "Read-only file system" in said.err


@claim("state:reads")
@pytest.mark.parametrize("poverty", POOR)
def test_a_halt_works_where_nothing_can_be_written(
    farol: Path, disk: Path, poverty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    POOR[poverty](disk)
    assert do(farol, "halt") == 0
    assert "cannot be written" in capsys.readouterr().err
    with open_state(farol) as state:
        assert [one.scope for one in state.read(lambda tx: tx.halts()).result()] == [
            "",
            "cfo",
        ]
    assert do(farol, "resume") == 5


@claim("state:reads")
def test_a_halt_works_on_a_full_disk_that_the_trust_lies_on_too(
    farol: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path(shutil.copytree(os.environ["HOME"], disk / "home"))
    monkeypatch.setenv("HOME", str(home))
    fill(disk)
    assert do(farol, "halt") == 0
    with open_state(farol) as state:
        reason = state.read(lambda tx: tx.halt_reason(["cto"])).result()
    assert reason.startswith("the company is halted since ")


@claim("state:reads")
@pytest.mark.parametrize("poverty", POOR)
def test_what_cannot_be_stored_is_an_error_and_with_room_it_goes_on(
    farol: Path, disk: Path, poverty: str
) -> None:
    POOR[poverty](disk)
    with open_state(farol) as state:
        act = state.write(lambda tx: tx.save_body(b"x" * 100_000, AT))
        with pytest.raises(StateBroken) as caught:
            act.result()
    assert caught.value.exit_code == 5
    if poverty == "full":
        (disk / "filler").unlink()
    else:
        mount("-o", "remount,rw", disk)
    with open_state(farol) as state:
        assert state.write(lambda tx: tx.save_body(b"x" * 100_000, AT)).result()


@claim("memory:left")
@pytest.mark.parametrize("lost", ["memory", "."])
def test_fault_35_a_memory_that_is_gone_with_its_folder_is_not_made_again(
    place: Place, lost: str
) -> None:
    memory = open_company(place.root).memory
    assert do(place.root, "memory", "add", "rent", "--type", "note", "x") == 0
    shutil.rmtree(place.root / lost)
    for one in (memory, open_company(place.root).memory):
        with pytest.raises(StateBroken):
            one.adopt_existing_lines()
        if lost == "memory":
            with pytest.raises(StateBroken):
                one.load_graph()
    assert not (place.root / "memory").exists()
    assert place.root.exists() is (lost == "memory")
