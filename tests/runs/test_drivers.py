"""Who drives: a lock is on the file that its name leads to, and nobody's files are taken away."""

import fcntl
import multiprocessing
import os
import subprocess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from claims import claim

from agentco.adapters.clock import RealClock
from agentco.adapters.files import prepare_lock_path
from agentco.adapters.state import Drivers, is_locked
from agentco.kernel import StateBroken

PROCESSES, TIMES = 8, 100
PATIENCE_S = 60.0


@claim("drivers:inside")
@pytest.mark.parametrize("link", [".agentco", ".agentco/drivers"])
def test_a_link_in_place_of_the_locks_is_refused_and_what_it_leads_to_is_left_alone(
    tmp_path: Path, link: str
) -> None:
    root, victim = tmp_path / "company", tmp_path / "victim"
    (victim / "drivers").mkdir(parents=True)
    for name in ("thesis.txt", "abcdef", "drivers/abcdef"):
        (victim / name).write_text("mine")
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(victim)
    with pytest.raises(StateBroken) as caught:
        Drivers(root).become_driver("me")
    assert "\n" not in caught.value.what + caught.value.hint
    assert {p.name for p in victim.rglob("*")} == {"thesis.txt", "abcdef", "drivers"}
    assert {p.read_text() for p in victim.rglob("*") if p.is_file()} == {"mine"}


@claim("drivers:inside")
def test_only_locks_of_processes_that_are_gone_are_swept_away(tmp_path: Path) -> None:
    folder, other = tmp_path / ".agentco" / "drivers", Drivers(tmp_path)
    other.become_driver("aaaaaa")
    (tmp_path / "kept").write_text("mine")
    (folder / "cccccc").symlink_to(tmp_path / "kept")
    for name in ("bbbbbb", "notes.md", "bbbbbb.new", "1oil00"):
        (folder / name).touch()
    me = Drivers(tmp_path)
    me.become_driver("me")
    assert {p.name for p in folder.iterdir()} == {
        "aaaaaa",
        "me",
        "notes.md",
        "bbbbbb.new",
        "1oil00",
    }
    assert (tmp_path / "kept").read_text() == "mine"
    me.stop_driving()
    other.stop_driving()


def entering(root: Path, together: Barrier) -> None:
    """Enter and leave time after time; the process fails when a lock that it holds is not that of its name."""
    together.wait(PATIENCE_S)
    for _ in range(TIMES):
        me = Drivers(root)
        name = me.become_driver(RealClock().new_name())
        assert is_locked(me.folder / name)
        assert me.pid_of(name) == str(os.getpid())
        assert not me.is_alive("nobody")
        me.stop_driving()


@claim("drivers:hold")
def test_every_lock_is_held_on_the_file_that_its_name_leads_to(tmp_path: Path) -> None:
    forks = multiprocessing.get_context("fork")
    together = forks.Barrier(PROCESSES)
    children = [
        forks.Process(target=entering, args=(tmp_path, together))
        for _ in range(PROCESSES)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(PATIENCE_S)
    assert [child.exitcode for child in children] == [0] * PROCESSES
    assert list((tmp_path / ".agentco" / "drivers").iterdir()) == []


@claim("drivers:hold")
def test_two_who_look_at_a_lock_do_not_take_each_other_for_its_holder(
    tmp_path: Path,
) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    with lock.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)  # as `is_locked` does while it looks
        assert not is_locked(lock)
        fcntl.flock(looking, fcntl.LOCK_EX)
        assert is_locked(lock)


@claim("state:file")
@pytest.mark.parametrize("brought", ["", "# nothing\n", "*\n!state.db\n", None])
def test_git_sees_no_state_whatever_a_clone_brought(
    tmp_path: Path, brought: str | None
) -> None:
    ignore = tmp_path / ".agentco" / ".gitignore"
    ignore.parent.mkdir()
    if brought is None:
        (tmp_path / "kept").write_text("mine")
        ignore.symlink_to(tmp_path / "kept")
    else:
        ignore.write_text(brought)
    prepare_lock_path(tmp_path / "state")
    assert (ignore.is_symlink(), ignore.read_text()) == (False, "*\n")
    assert brought is not None or (tmp_path / "kept").read_text() == "mine"
    (tmp_path / ".agentco" / "state.db").touch()
    subprocess.run(["git", "init", "-q", tmp_path], check=True, capture_output=True)
    seen = subprocess.run(
        ["git", "-C", tmp_path, "add", "-An"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "state.db" not in seen
