"""What the tables hold is bound into the audit: a row that is changed past agentco is found."""

import gzip
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from claims import claim
from hypothesis import HealthCheck, given, settings, strategies as st

from agentco.adapters.files import STATE_FILE
from agentco.adapters.state import Database, SqliteTransaction
from agentco.ports import Halt
from agentco.rules import AuditLine, decode_lines, find_tampering, first_broken_line

pytestmark = claim("audit:rows")

VALUES = {"TEXT": ("one", "two"), "INTEGER": (1, 2), "BLOB": (b"1", b"2")}
TEXT_NAMES = (sha256(b"1").hexdigest(), sha256(b"2").hexdigest())
UNWATCHED = {"audit", "sums"}
OLD_STATES = sorted((Path(__file__).parents[1] / "runs" / "stored").glob("*.db.gz"))


def line(what: str) -> AuditLine:
    return AuditLine(seq=0, prev="", at="2026-11-21T09:00:00+00:00", what=what)


def tampering(database: Database) -> list[str]:
    def look(tx: SqliteTransaction) -> list[str]:
        chain = tx.audit_chain()
        assert first_broken_line(chain) is None
        return list(find_tampering(decode_lines(chain), tx.stored_rows()))

    return database.read(look).result()


def columns(db: sqlite3.Connection, table: str) -> list[tuple[str, str, int]]:
    """Name, type, and whether it names the row, of each column."""
    rows = db.execute(f"PRAGMA table_info({table})").fetchall()
    return [(row[1], row[2], row[5]) for row in rows]


def insert(db: sqlite3.Connection, table: str, which: int = 0) -> None:
    """Put in the first or the second row of a table."""
    values = [VALUES[kind][which] for _, kind, _ in columns(db, table)]
    if table == "bodies":
        values[0] = TEXT_NAMES[which]
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608  a name of the schema


def watched(db: sqlite3.Connection) -> list[str]:
    found = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return sorted({name for (name,) in found} - UNWATCHED)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A state with a row in every table, written by agentco."""
    database = Database(tmp_path, name="bound")
    for table in database.read(lambda tx: watched(tx.db)).result():
        database.write(lambda tx, table=table: insert(tx.db, table)).result()
    assert tampering(database) == []
    database.close()
    return tmp_path


def tamper(root: Path, *statements: tuple[str, tuple[object, ...]]) -> list[str]:
    """What is found after statements of somebody else."""
    with closing(sqlite3.connect(root / STATE_FILE)) as db, db:
        for statement, values in statements:
            db.execute(statement, values)
    database = Database(root, name="bound")
    found = tampering(database)
    database.close()
    return found


def test_every_column_of_every_table_is_bound(filled: Path) -> None:
    with closing(sqlite3.connect(filled / STATE_FILE)) as db:
        every = [(table, *one) for table in watched(db) for one in columns(db, table)]
    assert len({table for table, *_ in every}) > 12
    for table, name, kind, _ in every:
        before, after = VALUES[kind]
        if (table, name) == ("bodies", "hash"):
            before = TEXT_NAMES[0]
        change = f"UPDATE {table} SET {name} = ? WHERE {name} = ?"  # noqa: S608  same
        found = tamper(filled, (change, (after, before)))
        assert found, (table, name)
        assert tamper(filled, (change, (before, after))) == [], (table, name)


def test_a_row_that_is_deleted_or_put_in_is_found(filled: Path) -> None:
    with closing(sqlite3.connect(filled / STATE_FILE)) as db:
        tables = [table for table in watched(db) if table != "about"]
    for table in tables:
        assert changed_by(filled, lambda db, table=table: insert(db, table, 1)), table
        assert changed_by(filled, lambda db, table=table: delete(db, table)), table
        back = changed_by(filled, lambda db, table=table: insert(db, table))
        assert back == [], table


def changed_by(root: Path, act: Callable[[sqlite3.Connection], None]) -> list[str]:
    with closing(sqlite3.connect(root / STATE_FILE)) as db, db:
        act(db)
    return tamper(root)


def delete(db: sqlite3.Connection, table: str) -> None:
    db.execute(f"DELETE FROM {table}")  # noqa: S608  a name of the schema


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE effects SET state = 'two'", "effect 1 of run one was changed"),
        ("DELETE FROM effects", "effect 1 of run one was deleted"),
        ("UPDATE ledger SET usd = 0", "entry 1 of the ledger was changed"),
        ("DELETE FROM ledger", "entry 1 of the ledger was deleted"),
        ("UPDATE runs SET phase = 'done'", "run one was changed"),
        ("DELETE FROM halts", "the halt of one was deleted"),
        ("UPDATE restricted SET why = ''", "the restriction of one was changed"),
        ("INSERT INTO halts VALUES ('', '', '')", "the halt of the company was put in"),
        (
            "UPDATE spent SET usd = 0",
            "a row of the table spent was changed, lost or put in",
        ),
        (
            "UPDATE bodies SET data = x'00'",
            f"the text {sha256(b'1').hexdigest()} was changed",
        ),
        ("DELETE FROM bodies", "a row of the table bodies was changed, lost or put in"),
        (
            "UPDATE sums SET sum = '00' WHERE name = 'spent'",
            "a row of the table spent was changed, lost or put in",
        ),
    ],
)
def test_what_was_changed_is_named(filled: Path, statement: str, said: str) -> None:
    assert tamper(filled, (statement, ())) == [said]


def test_who_changes_the_sum_of_a_table_too_is_found(filled: Path) -> None:
    with closing(sqlite3.connect(filled / STATE_FILE)) as db, db:
        db.execute("DELETE FROM spent")
        db.execute("DELETE FROM sums WHERE name = 'spent'")
    said = "a row was changed, and the sums of the tables with it"
    assert tamper(filled) == [said]


CHANGES = (
    "INSERT OR REPLACE INTO halts VALUES (?1, 'now', 'me')",
    "INSERT INTO halts VALUES (?1, 'then', 'me') ON CONFLICT DO UPDATE SET since = 'again'",
    "UPDATE halts SET by = by || 'x' WHERE scope > ?1",
    "UPDATE OR REPLACE halts SET scope = ?1",
    "DELETE FROM halts WHERE scope < ?1",
    "INSERT OR IGNORE INTO notices VALUES (?1, 'now')",
    "DELETE FROM notices",
    "INSERT OR REPLACE INTO agent_lines (fingerprint) VALUES (?1)",
    "DELETE FROM agent_lines WHERE number < (SELECT max(number) FROM agent_lines)",
)


@given(
    acts=st.lists(
        st.tuples(
            st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from("abc"))),
            st.booleans(),
            st.booleans(),
        ),
        max_size=12,
    )
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_agentco_writes_is_bound(
    acts: list[tuple[list[tuple[str, str]], bool, bool]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("any")
    two = [Database(root, name="bound"), Database(root, name="bound")]
    try:
        for statements, tells, fails in acts:

            def act(
                tx: SqliteTransaction,
                statements: list[tuple[str, str]] = statements,
                tells: bool = tells,
                fails: bool = fails,
            ) -> None:
                if tells:
                    tx.append_audit(line("done"))
                for statement, value in statements:
                    tx.db.execute(statement, (value,)[: statement.count("?1")])
                if fails:
                    raise KeyError

            two[len(statements) % 2].write(act).exception()
        assert tampering(two[0]) == []
    finally:
        for database in two:
            database.close()


def test_acts_that_are_committed_together_are_bound_each(tmp_path: Path) -> None:
    database = Database(tmp_path, name="bound")
    outcomes = [database.write(lambda tx, n=n: fail_or_keep(tx, n)) for n in range(400)]
    for outcome in outcomes:
        outcome.exception()
    assert tampering(database) == []
    assert len(database.read(lambda tx: tx.halts()).result()) == 300
    database.close()


def fail_or_keep(tx: SqliteTransaction, number: int) -> None:
    tx.insert_halt(Halt(scope=f"agent-{number}", since="", by=""))
    if number % 4 == 0:
        raise ValueError


def test_a_line_of_an_act_names_the_rows_it_changed(tmp_path: Path) -> None:
    database = Database(tmp_path, name="bound")
    database.write(lambda tx: tx.halt("cfo", at="", by="me")).result()
    [told] = database.read(lambda tx: tx.audit_lines()).result()
    assert [*told.rows] == ["halts/cfo"]
    assert told.state
    database.write(lambda tx: tx.lift_halt("cfo", at="")).result()
    told = database.read(lambda tx: tx.audit_lines()).result()[-1]
    assert told.rows == {"halts/cfo": ""}
    database.close()


def test_what_nothing_tells_of_is_bound_by_a_line_that_nobody_is_shown(
    tmp_path: Path,
) -> None:
    database = Database(tmp_path, name="bound")
    database.write(lambda tx: tx.save_body(b"text", "now")).result()
    assert database.read(lambda tx: tx.audit_lines()).result() == []
    assert len(database.read(lambda tx: tx.audit_chain()).result()) == 1
    database.write(lambda tx: tx.find_body("x")).result()
    assert len(database.read(lambda tx: tx.audit_chain()).result()) == 1
    database.close()


@pytest.mark.parametrize("stored", OLD_STATES, ids=lambda path: path.name)
def test_a_state_of_an_older_format_is_bound_as_it_is_migrated(
    stored: Path, tmp_path: Path
) -> None:
    place = tmp_path / STATE_FILE
    place.parent.mkdir()
    place.write_bytes(gzip.decompress(stored.read_bytes()))
    place.chmod(0o600)
    assert tamper(tmp_path) == []
    with closing(sqlite3.connect(place)) as db:
        [run] = db.execute("SELECT id FROM runs LIMIT 1").fetchone()
    change = "UPDATE runs SET phase = 'x' WHERE id = ?"
    assert tamper(tmp_path, (change, (run,))) == [f"run {run} was changed"]
