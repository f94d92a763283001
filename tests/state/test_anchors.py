"""The head of the audit stands outside the state too: in the user's trust file, and in git."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from claims import claim
from small_company import Place
from test_lasting import AT, NOW, believe, do, trust, work

from agentco.adapters.files import (
    STATE_FILE,
    audit_anchor,
    expected_state,
    forget_audit_anchor,
)
from agentco.adapters.state import Database, back_up
from agentco.adapters.state.open_state import open_state

pytestmark = claim("audit:tail")


def git(root: Path, *words: str) -> str:
    plain = ("-c", "user.name=F", "-c", "user.email=f@f.example")
    done = subprocess.run(
        ["git", "-C", str(root), *plain, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def firm(place: Place) -> Path:
    """A trusted company in a repository of its own, which was halted and resumed."""
    git(place.root, "init", "-q")
    believe(place.root)
    for _ in range(3):
        assert do(place.root, "halt") == 0
        assert do(place.root, "resume") == 0
    return place.root


def verify(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = do(root, "audit", "verify")
    told = capsys.readouterr()
    return code, told.out + told.err


def change(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(root / STATE_FILE)) as db, db:
        for statement in statements:
            db.execute(statement)


def rewind(root: Path, copy: Path) -> None:
    """Put an older state in the place of the present one, as if nothing had happened since."""
    for path in (root / ".agentco").glob("state.db*"):
        path.unlink()
    shutil.copy(copy, root / STATE_FILE)


def copy_of(root: Path, to: Path) -> Path:
    with (
        closing(sqlite3.connect(root / STATE_FILE)) as db,
        closing(sqlite3.connect(to)) as copy,
    ):
        db.backup(copy)
    return to


def forget_anchor(root: Path) -> None:
    """What somebody does who can write the trust file too."""
    forget_audit_anchor(root)


def test_an_untouched_state_verifies_and_nothing_is_unanchored(
    firm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = verify(firm, capsys)
    assert (code, "is intact" in told, "unanchored" in told) == (0, True, False)


def test_an_older_state_in_its_place_is_found(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy_of(firm, tmp_path / "before.db")
    do(firm, "halt")
    do(firm, "resume")
    rewind(firm, before)
    code, told = verify(firm, capsys)
    assert code == 5
    assert "its end is gone" in told
    assert "in git stands for no line of this audit" in told


def test_it_is_found_by_git_alone_and_by_the_trust_file_alone(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy_of(firm, tmp_path / "before.db")
    do(firm, "halt")
    rewind(firm, before)
    ref = git(firm, "for-each-ref", "--format=%(refname)", "refs/agentco").strip()
    value = git(firm, "rev-parse", ref).strip()
    git(firm, "update-ref", "-d", ref)
    code, told = verify(firm, capsys)
    assert (code, "its end is gone" in told) == (5, True)
    git(firm, "update-ref", ref, value)
    forget_anchor(firm)
    code, told = verify(firm, capsys)
    assert (code, "stands for no line" in told) == (5, True)


def test_lines_that_were_written_anew_with_their_hashes_are_found(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = copy_of(firm, tmp_path / "before.db")
    do(firm, "halt")
    rewind(firm, before)
    with open_state(firm) as state:
        state.write(lambda tx: tx.halt("cto", at=AT, by="x")).result()
        state.write(lambda tx: tx.halt("coo", at=AT, by="x")).result()
    code, told = verify(firm, capsys)
    assert (code, "is not the one that was anchored" in told) == (5, True)
    # and no later command anchors over it
    do(firm, "resume")
    assert verify(firm, capsys)[0] == 5


def test_an_emptied_ledger_is_found(
    firm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(firm, "INSERT INTO spent VALUES ('day', 5)")
    code, told = verify(firm, capsys)
    assert (code, "table spent" in told) == (5, True)


def test_what_a_crash_left_is_told_as_unanchored_until_the_next_command(
    firm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = expected_state(firm)
    database = Database(firm, name=name)
    database.write(lambda tx: tx.halt("cto", at=AT, by="x")).result()
    database.close()
    code, told = verify(firm, capsys)
    assert code == 0
    assert "unanchored: the newest 1 line" in told
    assert do(firm, "halt") == 0
    assert "unanchored" not in verify(firm, capsys)[1]


def test_git_finds_the_ref_in_order_and_may_pack_it(
    firm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (firm / ".gitignore").write_text(".agentco/\n")
    git(firm, "add", "-A")
    git(firm, "commit", "-qm", "all")
    assert git(firm, "fsck", "--strict", "--no-dangling") == ""
    state = expected_state(firm)
    shown = git(firm, "cat-file", "-p", f"refs/agentco/audit/{state}")
    anchor = audit_anchor(firm, state)
    assert anchor
    assert shown == f"agentco audit of {state}\nline {anchor.seq}\n{anchor.hash}\n"
    git(firm, "gc", "-q", "--prune=now")
    git(firm, "pack-refs", "--all")
    assert not (firm / ".git/refs/agentco/audit" / state).exists()
    assert verify(firm, capsys)[0] == 0
    do(firm, "halt")
    do(firm, "resume")
    assert verify(firm, capsys)[0] == 0
    assert git(firm, "fsck", "--strict", "--no-dangling") == ""


def test_a_hook_of_the_repository_is_not_run(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = firm / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    do(firm, "halt")
    assert not (tmp_path / "ran").exists()
    assert verify(firm, capsys)[0] == 0


@pytest.mark.parametrize("linked", ["refs/agentco", "refs/agentco/audit"])
def test_nothing_is_written_through_a_link(
    linked: str, firm: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(firm / ".git/refs/agentco")
    link = firm / ".git" / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    assert do(firm, "halt") == 0
    assert list(outside.rglob("*")) == []


def test_a_working_tree_beside_has_an_anchor_of_its_own(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (firm / ".gitignore").write_text(".agentco/\n")
    git(firm, "add", "-A")
    git(firm, "commit", "-qm", "all")
    git(firm, "worktree", "add", "-q", str(tmp_path / "other"))
    believe(tmp_path / "other")
    work(tmp_path / "other")
    refs = git(firm, "for-each-ref", "refs/agentco").splitlines()
    assert len(refs) == 2
    assert verify(firm, capsys)[0] == verify(tmp_path / "other", capsys)[0] == 0


def test_without_a_repository_the_trust_file_is_enough(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    believe(place.root)
    assert do(place.root, "halt") == 0
    code, told = verify(place.root, capsys)
    assert (code, "unanchored" in told) == (0, False)


def test_a_restored_backup_verifies_and_tells_that_it_was_restored(
    firm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert back_up(firm, NOW - timedelta(days=1))
    do(firm, "halt")
    do(firm, "resume")
    for path in (firm / ".agentco").glob("state.db*"):
        path.unlink()
    do(firm, "doctor", "--restore")
    assert verify(firm, capsys)[0] == 0
    do(firm, "audit")
    assert "restored" in capsys.readouterr().out


def test_a_moved_company_keeps_its_anchors(
    firm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = firm.rename(tmp_path / "moved")
    assert trust(moved) == 0
    code, told = verify(moved, capsys)
    assert (code, "unanchored" in told) == (0, False)
