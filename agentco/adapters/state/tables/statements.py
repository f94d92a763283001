"""Named statements in `.sql` files: `-- name: find_runs` begins one, its parameters are `:named`.

The format is that of aiosql, so that another store can read its own files with that.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, TypeVar

import msgspec

from agentco.adapters.state import tables

GROUPS = (
    "about",
    "runs",
    "effects",
    "bodies",
    "ledger",
    "audit",
    "controls",
    "schedule",
    "notices",
    "models",
    "agent_lines",
    "written_files",
    "undos",
)
NAME_LINE = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)

T = TypeVar("T", bound=msgspec.Struct)
Row = tuple[Any, ...]


def parse_statements(text: str) -> dict[str, str]:
    """Return the statements of a file by their names; comments between them are left out."""
    _, *parts = NAME_LINE.split(text)
    names, statements = parts[::2], parts[1::2]
    return {
        name: statement.strip().removesuffix(";")
        for name, statement in zip(names, statements, strict=True)
    }


def load_statements() -> dict[str, str]:
    """Return every statement of every group. Raises ValueError for a name that stands twice."""
    statements: dict[str, str] = {}
    for group in GROUPS:
        text = files(tables).joinpath(f"{group}.sql").read_text(encoding="utf-8")
        for name, statement in parse_statements(text).items():
            if name in statements:
                raise ValueError(f"{group}.sql: {name!r} is the name of two statements")
            statements[name] = statement
    return statements


STATEMENTS = load_statements()


def json_array(values: Iterable[str]) -> str:
    """Return values in the form in which a statement takes a list: it reads json_each."""
    array = list(values)
    return msgspec.json.encode(array).decode()


class Statements:
    """Carries out named statements on a connection, which prepares each of them once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def select(self, name: str, /, **values: object) -> list[Row]:
        """Return the rows that a statement finds."""
        return self.db.execute(STATEMENTS[name], values).fetchall()

    def select_first(self, name: str, /, **values: object) -> Row | None:
        """Return the first row that a statement finds."""
        return self.db.execute(STATEMENTS[name], values).fetchone()

    def select_number(self, name: str, /, **values: object) -> int:
        """Return the one number that a statement finds."""
        [(number,)] = self.select(name, **values)
        return number

    def select_as(self, kind: type[T], name: str, /, **values: object) -> list[T]:
        """Return each row as a value whose fields are named like the columns."""
        cursor = self.db.execute(STATEMENTS[name], values)
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor]
        return msgspec.convert(rows, list[kind])

    def change(self, name: str, /, **values: object) -> int:
        """Carry out a statement; returns how many rows it changed."""
        return self.db.execute(STATEMENTS[name], values).rowcount

    def change_each(self, name: str, /, rows: Iterable[Mapping[str, object]]) -> None:
        """Carry out a statement once for each of these values."""
        self.db.executemany(STATEMENTS[name], rows)

    def fetch_rows(self, sql: str, *values: object) -> list[Row]:
        """Return what any query finds; for those who look into the file, such as tests."""
        return self.db.execute(sql, values).fetchall()
