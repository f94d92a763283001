"""The board on disk, while the founder's editor, other processes and power cuts are at work."""

import os
import resource
import stat
import sys
from functools import partial
from pathlib import Path

import pytest
from boards import BOARD, TODAY
from claims import claim
from processes import in_child, side_by_side

from agentco.adapters.files import BoardFile, hold_lock, prepare_lock_path
from agentco.board import NewTask, TaskBoard, changes
from agentco.kernel import Conflict, Locked, Severity, StateBroken, WrongUsage

DONE = partial(changes.mark_done, name="T12", on=TODAY)
KILLED = 9


@pytest.fixture
def file(tmp_path: Path) -> BoardFile:
    path = tmp_path / "BOARD.md"
    path.write_bytes(BOARD.encode())
    return BoardFile(path)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".agentco")


@claim("board:bytes")
def test_an_update_keeps_bytes_mode_and_symlink_and_says_whether_anything_changed(
    tmp_path: Path,
) -> None:
    real = tmp_path / "real" / "board.txt"
    real.parent.mkdir()
    real.write_bytes(b"\xef\xbb\xbf## A\r\n- [ ] \xff\xfe a id:T12\r\n- b")
    real.chmod(0o640)
    link = tmp_path / "BOARD.md"
    link.symlink_to(real)
    assert [BoardFile(link).update(DONE) for _ in range(2)] == [True, False]
    assert (
        real.read_bytes()
        == b"\xef\xbb\xbf## A\r\n- [x] \xff\xfe a id:T12 done:2026-11-20\r\n- b"
    )
    assert (link.is_symlink(), stat.S_IMODE(real.stat().st_mode)) == (True, 0o640)
    assert (files(tmp_path), files(real.parent)) == (
        ["BOARD.md", "real"],
        ["board.txt"],
    )


@claim("board:founder-wins")
def test_fault_48_what_the_founder_wrote_meanwhile_is_merged(file: BoardFile) -> None:
    edits = [b"# Mine\n" + BOARD.encode(), BOARD.encode() + b"- [ ] mine too\n"]

    def during_an_edit(board: TaskBoard) -> TaskBoard:
        if edits:
            file.path.write_bytes(edits.pop(0))
        return DONE(board)

    assert file.update(during_an_edit)
    ticked = BOARD.replace("[ ] Write", "[x] Write").replace(
        "id:T12", "id:T12 done:2026-11-20"
    )
    assert file.path.read_text() == ticked + "- [ ] mine too\n"


@claim("board:founder-wins")
def test_fault_48_when_our_change_no_longer_fits_both_versions_are_kept(
    file: BoardFile,
) -> None:
    theirs = BOARD.replace("id:T12", "id:T99")

    def during_an_edit(board: TaskBoard) -> TaskBoard:
        file.path.write_text(theirs)
        return DONE(board)

    for n in (1, 2):
        file.path.write_text(BOARD)
        with pytest.raises(Conflict) as conflict:
            file.update(during_an_edit)
        assert "'BOARD.md'" in conflict.value.what
        assert f"'BOARD.conflict-{n}.md'" in conflict.value.hint
        assert file.path.read_text() == theirs
        assert (
            "done:2026-11-20"
            in file.path.with_name(f"BOARD.conflict-{n}.md").read_text()
        )
    assert files(file.path.parent) == [
        "BOARD.conflict-1.md",
        "BOARD.conflict-2.md",
        "BOARD.md",
    ]


@claim("board:founder-wins")
def test_fault_48_a_board_that_never_stands_still_stays_the_founders(
    file: BoardFile,
) -> None:
    def during_an_edit(board: TaskBoard) -> TaskBoard:
        file.path.write_text(board.text + "- [ ] more\n")
        return DONE(board)

    with pytest.raises(Conflict, match="5 times in a row"):
        file.update(during_an_edit)
    assert file.path.read_text() == BOARD + "- [ ] more\n" * 5
    assert "done:2026-11-20" in file.path.with_name("BOARD.conflict-1.md").read_text()


@claim("board:founder-wins")
def test_a_board_that_was_deleted_meanwhile_is_not_brought_back(
    file: BoardFile,
) -> None:
    def during_a_deletion(board: TaskBoard) -> TaskBoard:
        file.path.unlink(missing_ok=True)
        return DONE(board)

    with pytest.raises(Conflict):
        file.update(during_a_deletion)
    assert files(file.path.parent) == ["BOARD.conflict-1.md"]


@claim("board:founder-wins")
def test_wrong_usage_is_no_conflict_and_changes_nothing(file: BoardFile) -> None:
    with pytest.raises(WrongUsage):
        file.update(partial(changes.mark_done, name="T99", on=TODAY))
    assert (file.path.read_text(), files(file.path.parent)) == (BOARD, ["BOARD.md"])


@claim("board:problems")
def test_a_missing_board_is_empty_says_so_and_adding_creates_it(tmp_path: Path) -> None:
    file = BoardFile(tmp_path / "BOARD.md")
    assert [(p.level, p.code) for p in file.read().problems] == [
        (Severity.INFO, "board-missing")
    ]
    assert file.update(partial(changes.add_task, task=NewTask(title="First")))
    assert file.path.read_text() == "## Backlog\n- [ ] First id:T1\n"


@claim("board:atomic")
def test_four_processes_adding_25_tasks_each_lose_none(file: BoardFile) -> None:
    def adder(n: int) -> None:
        for i in range(25):
            file.update(partial(changes.add_task, task=NewTask(title=f"task {n}-{i}")))

    assert side_by_side([partial(adder, n) for n in range(4)]) == [0] * 4
    board = file.read()
    added = {task.title for task in board.tasks if task.title.startswith("task")}
    assert added == {f"task {n}-{i}" for n in range(4) for i in range(25)}
    assert {p.code for p in board.problems} == {"sub-item"}


@claim("board:atomic")
def test_a_kill_at_any_touch_of_a_file_leaves_the_old_board_or_the_new_one(
    file: BoardFile,
) -> None:
    seen: list[bytes] = []
    for n in range(200):
        file.path.write_text(BOARD)

        def act(left: int = n) -> None:
            def killer(event: str, _args: object) -> None:
                nonlocal left
                if event in {"open", "os.remove", "os.rename"}:
                    left -= 1
                    if left < 0:
                        os._exit(KILLED)

            BoardFile(file.path).update(
                lambda board: board
            )  # what is imported late is imported now
            sys.addaudithook(killer)
            file.update(DONE)

        code = in_child(act)
        seen.append(file.path.read_bytes())
        assert file.update(partial(changes.mark_done, name="T13", on=TODAY))
        assert files(file.path.parent) == ["BOARD.md"]
        if code == 0:
            break
        assert code == KILLED
    assert len(seen) > 5
    after = seen[-1]
    assert after != BOARD.encode()
    assert set(seen) == {BOARD.encode(), after}


@claim("board:atomic")
def test_a_full_disk_changes_nothing_and_is_named(file: BoardFile) -> None:
    def act() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
        with pytest.raises(StateBroken, match="cannot write"):
            file.update(DONE)

    assert in_child(act) == 0
    assert (file.path.read_text(), files(file.path.parent)) == (BOARD, ["BOARD.md"])


@claim("board:atomic")
def test_a_board_that_cannot_be_read_or_written_is_an_error_and_never_replaced(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "BOARD.md"
    folder.mkdir()
    beside = tmp_path / "plain" / "BOARD.md"
    beside.parent.touch()
    utf16 = tmp_path / "utf16.md"
    utf16.write_bytes("## A\n".encode("utf-16"))
    for path in (folder, beside, utf16):
        for act in (
            BoardFile(path).read,
            partial(
                BoardFile(path).update,
                partial(changes.add_task, task=NewTask(title="x")),
            ),
        ):
            with pytest.raises(StateBroken) as broken:
                act()
            assert str(path) in broken.value.what
            assert broken.value.hint
    assert utf16.read_bytes() == "## A\n".encode("utf-16")


@claim("board:atomic")
def test_a_lock_that_is_held_is_waited_for_and_then_names_its_holder(
    file: BoardFile,
) -> None:
    with (
        hold_lock(file.path),
        pytest.raises(Locked, match=f"process {os.getpid()} holds"),
        hold_lock(file.path, patience=0),
    ):
        pass
    with hold_lock(file.path, patience=0):
        assert prepare_lock_path(file.path).read_text().strip() == str(os.getpid())
