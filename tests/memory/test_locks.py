"""The two ways to take a lock, one queue that is fair and one that is rarely waited for: one promise."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from claims import claim

from agentco.adapters.files import (
    hold_lock,
    hold_rare_lock,
    prepare_lock_path,
    read_holder_pid,
)
from agentco.kernel import Locked, StateBroken

Hold = Callable[..., AbstractContextManager[None]]

pytestmark = claim("memory:lock")
each_lock = pytest.mark.parametrize("hold", [hold_lock, hold_rare_lock])
each_pair = pytest.mark.parametrize("other", [hold_lock, hold_rare_lock])


@contextmanager
def holder_elsewhere(hold: Hold, path: Path) -> Generator[int]:
    told, ready = os.pipe()
    child = os.fork()
    if not child:
        with hold(path):
            os.write(ready, b"!")
            signal.pause()
        os._exit(70)
    try:
        assert os.read(told, 1) == b"!"
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@each_lock
@each_pair
def test_a_live_holder_is_named_and_a_dead_one_is_forgotten(
    tmp_path: Path, hold: Hold, other: Hold
) -> None:
    path = tmp_path / "BOARD.md"
    with (
        holder_elsewhere(hold, path) as pid,
        pytest.raises(Locked, match=f"process {pid} holds the lock of '.*BOARD.md'"),
        other(path, patience=0.02),
    ):
        pass
    with other(path, patience=0.02):
        assert prepare_lock_path(path).read_text() == f"{os.getpid()}\n"


@each_lock
def test_a_lock_is_ours_alone_and_stays_where_it_is(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "BOARD.md"
    for _ in range(2):
        with hold(path):
            pass
        info = (tmp_path / ".agentco" / "BOARD.md.lock").stat()
        assert stat.S_IMODE(info.st_mode) == 0o600
    assert (tmp_path / ".agentco" / ".gitignore").read_text() == "*\n"


@each_lock
@pytest.mark.parametrize(
    "kind", ["link", "hard link", "folder", "pipe", "link to folder"]
)
def test_what_is_no_lock_file_is_refused_and_left_alone(
    tmp_path: Path, hold: Hold, kind: str
) -> None:
    root, victim = tmp_path / "company", tmp_path / "victim"
    root.mkdir()
    victim.mkdir()
    (victim / "BOARD.md.lock").write_text("mine")
    lock_file = root / ".agentco" / "BOARD.md.lock"
    if kind == "link to folder":
        (root / ".agentco").symlink_to(victim)
    else:
        lock_file.parent.mkdir()
    if kind == "link":
        lock_file.symlink_to(victim / "BOARD.md.lock")
    elif kind == "hard link":
        lock_file.hardlink_to(victim / "BOARD.md.lock")
    elif kind == "folder":
        lock_file.mkdir()
    elif kind == "pipe":
        os.mkfifo(lock_file)
    with pytest.raises(StateBroken, match="cannot be locked"), hold(root / "BOARD.md"):
        pass
    assert (victim / "BOARD.md.lock").read_text() == "mine"


@each_lock
def test_a_file_that_is_linked_in_while_we_lock_is_not_written(
    tmp_path: Path, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_file = prepare_lock_path(tmp_path / "BOARD.md")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    lock_file.hardlink_to(victim)
    module = sys.modules[hold.__module__]

    def found_before(_path: Path) -> Path:
        return lock_file  # the link came after the look, a moment that nobody can hit

    monkeypatch.setattr(module, "prepare_lock_path", found_before)
    with suppress(StateBroken), hold(tmp_path / "BOARD.md"):
        pass
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("word", ["", "0", "-1", "12abc", "٣", "9" * 5000, "\x1b[2J 7"])
def test_what_is_no_pid_is_no_holder(tmp_path: Path, word: str) -> None:
    lock_file = tmp_path / "BOARD.md.lock"
    lock_file.write_text(word)
    assert read_holder_pid(lock_file) == "?"


@each_lock
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_lock_of_another_user_is_refused(tmp_path: Path, hold: Hold) -> None:
    lock_file = prepare_lock_path(tmp_path / "BOARD.md")
    lock_file.touch(0o400)
    with (
        pytest.raises(StateBroken, match="cannot be locked"),
        hold(tmp_path / "BOARD.md", patience=0.1),
    ):
        pass


@each_lock
def test_a_forked_child_that_ends_does_not_let_go_of_its_parents_lock(
    tmp_path: Path, hold: Hold
) -> None:
    path = tmp_path / "BOARD.md"
    module = hold.__module__
    script = f"""
import os, sys
from pathlib import Path
from {module} import {hold.__name__} as hold
path = Path(sys.argv[1])
with hold(path):
    if not os.fork():
        sys.exit(0)
    os.wait()
    print("held", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with (
            pytest.raises(Locked, match=f"process {process.pid} "),
            hold_lock(path, patience=0.02),
        ):
            pass
        process.communicate("", timeout=30)
    with hold(path, patience=0.02):
        pass


@each_lock
def test_a_program_that_the_holder_starts_does_not_keep_its_lock(
    tmp_path: Path, hold: Hold
) -> None:
    path = tmp_path / "BOARD.md"
    with hold(path):
        program = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False
        )
    with program, hold(path, patience=0.02):
        program.communicate(b"\n", timeout=30)
