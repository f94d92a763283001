"""Values as rows of a table, each with the line it came from."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.desk.records import SourcedValue


def print_values(values: "Iterable[SourcedValue]") -> None:
    """Print the values as a table."""
    rows = [[row.key, format_value(row.value), row.source] for row in values]
    screen.print_table(["key", "value", "from"], rows)


def format_value(value: object) -> str:
    """A value as a cell of a table."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, cast("Sequence[object]", value)))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value in ({}, None) else str(value)
