"""No query asks the database for the time: it takes the moment as a parameter. Ruff forbids the same in Python."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from claims import claim

import agentco

FOLDER = Path(agentco.__file__).parent
ASKS = re.compile(
    r"'now'|\bcurrent_(?:timestamp|date|time)\b|\b(?:datetime|date|time|julianday|unixepoch)\(\s*\)"
    r"|\bstrftime\(\s*'[^']*'\s*\)",
    re.IGNORECASE,
)


def asks_for_the_time(text: str) -> bool:
    """Whether a query would read the clock of the machine."""
    return bool(ASKS.search(text))


def strings_in(path: Path) -> Iterator[str]:
    """Every string of a module, or a whole file of SQL."""
    if path.suffix == ".sql":
        yield path.read_text()
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@claim("house:clock")
def test_no_query_asks_the_database_for_the_time() -> None:
    files = [path for path in FOLDER.rglob("*") if path.suffix in {".py", ".sql"}]
    assert len(files) > 100
    assert sum(path.suffix == ".sql" for path in files) > 10
    asking = {
        str(path.relative_to(FOLDER))
        for path in files
        for text in strings_in(path)
        if asks_for_the_time(text)
    }
    assert asking == set()
