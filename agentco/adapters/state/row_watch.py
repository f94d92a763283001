"""Every row that a transaction changes, bound into the audit: what is changed otherwise is found.

Triggers of our own connection tell of each row; the file holds none. A table's sum is that of the
hashes of its rows, modulo 2**256, so a changed row takes one subtraction and one addition.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec
from msgspec import Struct

from agentco.adapters.state.tables.statements import STATEMENTS
from agentco.adapters.state.transaction import SqliteTransaction
from agentco.rules.audit import STORED, AuditLine, StoredRows, add_sums

NAMED_TABLES = frozenset({"effects", "ledger", "runs", "halts", "restricted"})
"""Those whose rows a line names; the others are bound by their sums alone."""
MAX_NAMED = 500
"""So many rows one line names at most."""


class WatchedTable(Struct, frozen=True, kw_only=True):
    """A table: all its columns, and the places of those that name a row."""

    name: str
    columns: tuple[str, ...]
    key: tuple[int, ...]

    def row_name(self, values: tuple[object, ...]) -> str:
        """What a row is called in the audit, such as `effects/k7m2ab.3`."""
        return f"{self.name}/{'.'.join(str(values[place]) for place in self.key)}"

    def row_hash(self, values: tuple[object, ...]) -> str:
        """The hash of a row in this table."""
        return sha256(msgspec.msgpack.encode((self.name, values))).hexdigest()


class RowWatch:
    """The sums and the named rows that changed since the last time it was cleared."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Be told of every row that is changed through this connection."""
        self._tables = {table.name: table for table in watched_tables(db)}
        self.clear()
        db.create_function("row_added", -1, self._add)
        db.create_function("row_removed", -1, self._remove)
        db.execute("PRAGMA recursive_triggers = ON")  # what is replaced is removed
        db.execute("PRAGMA temp_store = MEMORY")
        for table in self._tables.values():
            for statement in trigger_statements(table):
                db.execute(statement)

    def clear(self) -> None:
        """Forget what was changed."""
        self._sums: dict[str, int] = {}
        self._named: dict[str, str] = {}

    def bind(self, tx: SqliteTransaction) -> None:
        """Write what was changed into the last line of the transaction, or into one of its own."""
        if not self._sums:
            return
        sums = add_to_sums(tx, self._sums)
        *full, rest = split_rows(self._named)
        for rows in full:
            tx.append_audit(bare_line(rows=rows))
        if full or tx.last_line is None:
            tx.append_audit(bare_line(rows=rest, state=sums))
        else:
            tx.bind_last_line(rows=rest, state=sums)

    def _add(self, name: str, *values: object) -> None:
        self._note(name, values, 1)

    def _remove(self, name: str, *values: object) -> None:
        self._note(name, values, -1)

    def _note(self, name: str, values: tuple[object, ...], sign: int) -> None:
        table = self._tables[name]
        digest = table.row_hash(values)
        self._sums[name] = self._sums.get(name, 0) + sign * int(digest, 16)
        if name in NAMED_TABLES:
            self._named[table.row_name(values)] = digest if sign > 0 else ""


def bind_all_rows(db: sqlite3.Connection, *, is_new: bool) -> None:
    """Bind what a file holds, as one of an older format does; a new one needs no line of it."""
    tx = SqliteTransaction(db)
    found = read_stored_rows(tx)
    for name, total in found.sums.items():
        tx.save_sum(name, total)
    if is_new:
        return
    *full, rest = split_rows({**found.named})
    for rows in full:
        tx.append_audit(bare_line(rows=rows))
    tx.append_audit(bare_line(rows=rest, state=add_sums(found.sums.values())))


def read_stored_rows(tx: SqliteTransaction) -> StoredRows:
    """Read every row of every table."""
    named, sums, bad_texts = dict[str, str](), dict[str, str](), list[str]()
    for table in watched_tables(tx.db):
        total = 0
        for values in tx.db.execute(STATEMENTS["every_row"].format(table=table.name)):
            digest = table.row_hash(values)
            total += int(digest, 16)
            if table.name in NAMED_TABLES:
                named[table.row_name(values)] = digest
            if table.name == "bodies" and not is_named_rightly(*values):
                bad_texts.append(values[0])
        sums[table.name] = f"{total % 2**256:064x}"
    known = tx.table_sums()
    return StoredRows(named=named, sums=sums, known=known, bad_texts=tuple(bad_texts))


def is_named_rightly(name: str, at: str, data: bytes) -> bool:
    """Whether a prompt, answer or result is named by its hash."""
    del at
    return sha256(data).hexdigest() == name


def watched_tables(db: sqlite3.Connection) -> Iterator[WatchedTable]:
    """Every table but the audit and the sums."""
    for (name,) in db.execute(STATEMENTS["find_tables"]).fetchall():
        rows = db.execute(f"PRAGMA main.table_info({name})").fetchall()
        names = tuple(row[1] for row in rows)
        key = tuple(place for place, row in enumerate(rows) if row[5])
        yield WatchedTable(name=name, columns=names, key=key)


def trigger_statements(table: WatchedTable) -> Iterator[str]:
    """What makes a connection tell of every row of a table."""
    rows = {
        side: ", ".join(f"{side}.{name}" for name in table.columns)
        for side in ("old", "new")
    }
    for name in ("watch_inserts", "watch_updates", "watch_deletes"):
        yield STATEMENTS[name].format(table=table.name, **rows)


def add_to_sums(tx: SqliteTransaction, changes: dict[str, int]) -> str:
    """Add to the sums of tables; returns the sum of all."""
    known = tx.table_sums()
    for name, change in changes.items():
        known[name] = add_sums([known.get(name, ""), f"{change % 2**256:x}"])
        tx.save_sum(name, known[name])
    return add_sums(known.values())


def split_rows(rows: dict[str, str]) -> list[dict[str, str]]:
    """The rows in as many parts as lines are needed to name them; one at least."""
    names = [*rows]
    starts: Iterable[int] = range(0, len(names), MAX_NAMED) if names else (0,)
    return [
        {name: rows[name] for name in names[start : start + MAX_NAMED]}
        for start in starts
    ]


def bare_line(rows: dict[str, str], state: str = "") -> AuditLine:
    """A line that tells of nothing but what was stored."""
    return AuditLine(seq=0, prev="", at="", what=STORED, rows=rows, state=state)
