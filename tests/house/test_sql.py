"""Nobody outside `adapters/state` knows SQL or SQLite, and there it stands in files, by name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from claims import claim

import agentco
from agentco.adapters.state import STATEMENTS, parse_statements

pytestmark = claim("house:sql")

FOLDER = Path(agentco.__file__).parent
STATE = FOLDER / "adapters" / "state"
MODULES = sorted(FOLDER.rglob("*.py"))
STATEMENT = re.compile(
    r"\bSELECT\s|\bINSERT (?:OR \w+ )?INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b"
    r"|\bCREATE (?:TABLE|INDEX)\b"
)
CARRY_OUT = {"select", "select_first", "select_number", "select_as", "change"} | {
    "change_each"
}


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_no_module_holds_a_statement() -> None:
    assert len(MODULES) > 100
    holding = {
        str(path.relative_to(FOLDER))
        for path in MODULES
        for text in strings(ast.parse(path.read_text()))
        if STATEMENT.search(text)
    }
    # a step to a newer format is code: it moves what no statement alone could move
    assert holding == {"adapters/state/format_3.py"}


def test_only_the_state_imports_sqlite() -> None:
    importing = {
        path
        for path in MODULES
        if "sqlite3" in set(imported(ast.parse(path.read_text())))
    }
    assert importing
    assert {path for path in importing if STATE not in path.parents} == set()


def test_every_named_statement_is_used_and_every_used_one_is_there() -> None:
    known = set(STATEMENTS)
    words = {text for path in STATE.rglob("*.py") for text in strings_of(path)}
    unused = known - words - {name for name in known if name.startswith("set_root_")}
    assert unused == set()
    assert set(names_carried_out()) <= known


def strings_of(path: Path) -> Iterator[str]:
    return strings(ast.parse(path.read_text()))


def names_carried_out() -> Iterator[str]:
    for path in (STATE / "tables").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CARRY_OUT
            ):
                names = [
                    one.value for one in node.args if isinstance(one, ast.Constant)
                ]
                yield from (str(name) for name in names)


def test_a_file_of_statements_is_read_by_their_names() -> None:
    text = "-- About it.\n\n-- name: one\nSELECT 1;\n\n-- name: two\nSELECT\n  :x -- why\n;\n"
    assert parse_statements(text) == {"one": "SELECT 1", "two": "SELECT\n  :x -- why\n"}
