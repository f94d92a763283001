"""The state of a company: one file, whole or refused, written by one thread and read by all."""

import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import ClassVar

import msgspec
import pytest
from claims import claim
from heads import ASKED, run_of

from agentco.adapters.state import MAX_GROUP, Database, SqliteTransaction, migrations
from agentco.kernel import AgentcoError, Locked, StateBroken, WrongUsage
from agentco.rules import AuditLine
from agentco.runs import RUN_FORMAT

AT = "2026-11-21T09:00:00+00:00"
PATIENCE = 20.0
AN_ACT = AuditLine(seq=0, prev="", at=AT, what="tried")


class Counting(Database):
    """A database that counts its commits."""

    commits = 0

    def _commit(self, db: sqlite3.Connection, *, writes: bool) -> None:
        super()._commit(db, writes=writes)
        self.commits += writes


Open = Callable[..., Counting]


@pytest.fixture
def opening(tmp_path: Path) -> Generator[Open]:
    """Opens the state of one company, and closes what it opened."""
    found: list[Counting] = []

    def opened(name: str = "first") -> Counting:
        found.append(Counting(tmp_path, name=name))
        return found[-1]

    yield opened
    for state in found:
        state.close()


def place(root: Path) -> Path:
    return root / ".agentco" / "state.db"


def kept(name: str) -> Callable[[SqliteTransaction], str]:
    return lambda tx: tx.save_body(name.encode(), AT)


def bodies(database: Database) -> set[bytes]:
    return {
        data
        for (data,) in database.read(
            lambda t: t.fetch_rows("SELECT data FROM bodies")
        ).result(PATIENCE)
    }


def refusal(root: Path) -> StateBroken:
    with pytest.raises(StateBroken) as caught:
        Database(root, name="x")
    assert caught.value.exit_code == 5
    assert caught.value.hint
    assert "\n" not in caught.value.what + caught.value.hint
    return caught.value


@claim("state:file")
def test_a_new_state_is_a_file_for_its_owner_only_that_git_does_not_see(
    tmp_path: Path, opening: Open
) -> None:
    opening().write(kept("x")).result(PATIENCE)
    modes = {
        stat.S_IMODE(path.stat().st_mode)
        for path in tmp_path.glob(".agentco/state.db*")
    }
    assert modes == {0o600}
    subprocess.run(["git", "init", "-q", tmp_path], check=True, capture_output=True)
    seen = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain", "-uall"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert seen == ""


@claim("state:file")
def test_a_state_keeps_the_name_with_which_it_was_made(opening: Open) -> None:
    assert [opening("first").name, opening("second").name] == ["first", "first"]


@claim("state:file")
def test_what_one_wrote_the_other_reads_at_once(opening: Open) -> None:
    one, two = opening(), opening()
    one.write(kept("from one")).result(PATIENCE)
    two.write(kept("from two")).result(PATIENCE)
    assert bodies(one) == bodies(two) == {b"from one", b"from two"}


@claim("state:threads")
def test_sixteen_openings_of_a_new_state_at_once_make_one(tmp_path: Path) -> None:
    together = Barrier(16)

    def opened(number: int) -> str:
        together.wait(PATIENCE)
        database = Database(tmp_path, name=str(number))
        database.close()
        return database.name

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(opened, range(16)))) == 1


@claim("state:threads")
def test_sixteen_threads_of_two_databases_lose_nothing_and_keep_the_audit_whole(
    opening: Open,
) -> None:
    pair = opening(), opening()

    def writes(number: int) -> None:
        database = pair[number % 2]
        for i in range(20):
            database.write(
                lambda tx, i=i: (
                    tx.save_body(f"{number}.{i}".encode(), AT),
                    tx.append_audit(AN_ACT),
                )
            ).result(PATIENCE)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(writes, range(16)))
    assert len(bodies(pair[0])) == 320
    seqs = (
        pair[1]
        .read(lambda t: t.fetch_rows("SELECT seq FROM audit ORDER BY seq"))
        .result(PATIENCE)
    )
    assert [seq for (seq,) in seqs] == list(range(1, 321))


@claim("state:groups")
def test_what_comes_while_a_write_is_under_way_is_committed_together(
    opening: Open,
) -> None:
    database, begun, free = opening(), Event(), Event()

    def slow(_: SqliteTransaction) -> bool:
        begun.set()
        return free.wait(PATIENCE)

    first = database.write(slow)
    assert begun.wait(PATIENCE)
    before = database.commits
    others = [database.write(kept(str(n))) for n in range(MAX_GROUP)]
    free.set()
    assert first.result(PATIENCE)
    assert len({other.result(PATIENCE) for other in others}) == MAX_GROUP
    assert database.commits - before == 2
    assert len(bodies(database)) == MAX_GROUP


@claim("state:groups")
def test_one_that_fails_leaves_the_others_of_its_group_and_none_of_its_own(
    opening: Open,
) -> None:
    database, free = opening(), Event()

    def half(tx: SqliteTransaction) -> None:
        tx.save_body(b"half", AT)
        tx.load_run("nobody")

    database.write(lambda _: free.wait(PATIENCE))
    before, bad, last = (
        database.write(kept("before")),
        database.write(half),
        database.write(kept("after")),
    )
    free.set()
    with pytest.raises(WrongUsage):
        bad.result(PATIENCE)
    assert before.result(PATIENCE) != last.result(PATIENCE)
    assert bodies(database) == {b"before", b"after"}


@claim("state:groups")
def test_a_commit_that_fails_in_whatever_way_is_told_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    class Failing(Database):
        failures: ClassVar[list[Exception]] = []

        def _commit(self, db: sqlite3.Connection, *, writes: bool) -> None:
            if self.failures:
                raise self.failures.pop()
            super()._commit(db, writes=writes)

    database = Failing(tmp_path, name="x")
    Failing.failures += [OSError("no room")]
    with pytest.raises(OSError, match="no room"):
        database.write(kept("lost")).result(PATIENCE)
    database.write(kept("after")).result(PATIENCE)
    assert bodies(database) == {b"after"}
    database.close()


@claim("state:groups")
def test_whoever_gives_up_waiting_stops_nobody_else(opening: Open) -> None:
    database, free = opening(), Event()
    database.write(lambda _: free.wait(PATIENCE))
    given_up = database.write(kept("given up"))
    given_up.cancel()
    free.set()
    database.write(kept("after")).result(PATIENCE)
    assert bodies(database) == {b"given up", b"after"}


@claim("state:refused")
def test_a_state_of_a_newer_agentco_is_refused_and_left_alone(
    tmp_path: Path, opening: Open
) -> None:
    opening().close()
    with sqlite3.connect(place(tmp_path)) as db:
        db.execute(f"PRAGMA user_version = {migrations.FORMAT + 1}")
    db.close()
    assert (
        refusal(tmp_path).what
        == f"the state is in format {migrations.FORMAT + 1}, this agentco knows {migrations.FORMAT}"
    )
    with sqlite3.connect(place(tmp_path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (migrations.FORMAT + 1,)
    db.close()


@claim("state:refused")
@pytest.mark.parametrize(
    "data", [b"no database at all " * 300, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_file_that_is_no_state_is_refused_in_two_lines_and_left_alone(
    tmp_path: Path, data: bytes
) -> None:
    place(tmp_path).parent.mkdir()
    place(tmp_path).write_bytes(data)
    assert "move .agentco/state.db away" in refusal(tmp_path).hint
    assert place(tmp_path).read_bytes() == data


@claim("state:refused")
@pytest.mark.parametrize(
    "target", ["elsewhere.db", "inside/other.db", ".agentco/gone.db"]
)
def test_a_link_in_place_of_the_state_is_refused_wherever_it_leads(
    tmp_path: Path, target: str
) -> None:
    root, other = tmp_path / "company", tmp_path / "company" / target
    other = tmp_path / target if target == "elsewhere.db" else other
    place(root).parent.mkdir(parents=True)
    place(root).symlink_to(other)
    refusal(root)
    assert not other.exists()


@claim("state:refused")
def test_a_folder_of_the_state_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "company").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "company" / ".agentco").symlink_to(tmp_path / "outside")
    refusal(tmp_path / "company")
    assert list((tmp_path / "outside").iterdir()) == []


@claim("state:refused")
@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("new", [True, False])
def test_a_link_beside_the_state_is_refused_and_not_written_through(
    tmp_path: Path, opening: Open, end: str, new: bool
) -> None:
    if not new:
        opening().close()
    (tmp_path / "victim").write_text("mine")
    place(tmp_path).parent.mkdir(exist_ok=True)
    place(tmp_path).with_name(f"state.db{end}").symlink_to(tmp_path / "victim")
    assert refusal(tmp_path).what.endswith(f"state.db{end}' is not a file of yours")
    assert (tmp_path / "victim").read_text() == "mine"


@claim("state:refused")
@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    place(tmp_path).parent.mkdir()
    (os.mkfifo if kind == "fifo" else os.mkdir)(place(tmp_path))
    refusal(tmp_path)


@claim("state:refused")
@pytest.mark.parametrize("more", [{}, {"turns": "many"}, {"phase": "unheard-of"}])
def test_a_run_in_an_unknown_format_is_refused_whatever_else_it_holds(
    opening: Open, more: dict[str, object]
) -> None:
    database = opening()
    database.write(
        lambda tx: tx.create_run(run_of(), ASKED, at=AT, cap=None, driver=None)
    ).result(PATIENCE)
    stored = msgspec.to_builtins(run_of())
    assert stored["format"] == RUN_FORMAT
    newer = msgspec.json.encode(stored | {"format": RUN_FORMAT + 1, **more})
    database.write(
        lambda t: t.fetch_rows("UPDATE runs SET head = ? RETURNING id", newer)
    ).result(PATIENCE)
    looks: list[Callable[[SqliteTransaction], object]] = [
        lambda tx: tx.load_run("r"),
        lambda tx: tx.runs_of_root("r"),
    ]
    for look in looks:
        with pytest.raises(
            StateBroken,
            match=f"a run is stored in format {RUN_FORMAT + 1}, this agentco knows {RUN_FORMAT}",
        ):
            database.read(look).result(PATIENCE)


@claim("state:locked")
def test_a_state_that_another_program_holds_is_told_as_locked(
    tmp_path: Path, opening: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentco.adapters.state.database.PATIENCE_MS", 1)
    database = opening()
    with sqlite3.connect(place(tmp_path), isolation_level=None) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(Locked):
            database.write(kept("x")).result(PATIENCE)
        assert bodies(database) == set()
        db.execute("ROLLBACK")
    db.close()
    assert database.write(kept("x")).result(PATIENCE)


@claim("state:refused")
def test_an_opening_that_fails_fails_every_time(tmp_path: Path) -> None:
    place(tmp_path).parent.mkdir()
    place(tmp_path).write_bytes(b"garbage" * 1000)
    assert refusal(tmp_path).what == refusal(tmp_path).what
    assert issubclass(StateBroken, AgentcoError)


@claim("state:refused")
def test_a_state_of_the_first_format_gets_the_tables_it_lacks_and_loses_nothing(
    tmp_path: Path, opening: Open
) -> None:
    opened = opening()
    opened.write(kept("before")).result(PATIENCE)
    name, whole = opened.name, tables(tmp_path)
    opened.close()
    with sqlite3.connect(place(tmp_path)) as db:
        for table in ("health", "ticks", "notices", "restricted"):
            db.execute(f"DROP TABLE {table}")
        for table in ("effects", "ledger"):
            db.execute(f"ALTER TABLE {table} DROP COLUMN plan")
        db.execute("ALTER TABLE ledger DROP COLUMN stated")
        db.execute("PRAGMA user_version = 1")
    db.close()
    again = opening()
    assert (again.name, bodies(again), tables(tmp_path)) == (name, {b"before"}, whole)


def tables(root: Path) -> set[str]:
    with sqlite3.connect(place(root)) as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    db.close()
    return names
