"""Values as rows, each with the line it came from; the settings as such rows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, cast

from msgspec import Struct, json

from agentco.cli import screen
from agentco.company.settings import FILE, SettingsFile
from agentco.company.yaml_values import Where

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

CAPS = {"call", "run", "company_day", "company_month"}


class Row(Struct, frozen=True, kw_only=True):
    """One value; amounts are dollars and spans are as the file writes them."""

    key: str
    value: object
    source: str

    @property
    def text(self) -> str:
        """The value as a cell of a table."""
        if isinstance(self.value, list | tuple):
            return ", ".join(map(str, cast("Sequence[object]", self.value)))
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if self.value not in ({}, None) else ""


def draw(rows: Iterable[Row]) -> None:
    """The rows as a table."""
    screen.table(
        ["key", "value", "from"], [[row.key, row.text, row.source] for row in rows]
    )


def rows_of(file: SettingsFile) -> Iterator[Row]:
    """Every setting, those of the file and those that are defaults.

    Raises CompanyBroken when the file cannot be used.
    """
    settings = file.usable()
    values: dict[str, Json] = json.decode(json.encode(settings))
    values["facts"] = {
        kind: f"{days}d" for kind, days in settings.max_age_days().items()
    }
    values["retention"] = {kind: str(rule) for kind, rule in settings.kept().items()}
    for section, value in values.items():
        yield from _rows(file, (section,), value)


def _rows(file: SettingsFile, path: Where, value: Json) -> Iterator[Row]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _rows(file, (*path, key.rstrip("_")), inner)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for i, inner in enumerate(value):
            yield from _rows(file, (*path, i), inner)
    else:
        line = file.lines.get(path)
        source = f"{FILE}:{line}" if line else "default"
        yield Row(
            key=".".join(map(str, path)), value=_as_written(path, value), source=source
        )


def _as_written(path: Where, value: Json) -> Json:
    """Micro-dollars as dollars, seconds as a span; everything else as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if path[-1] in {"within", "heartbeat"}:
        return f"{value}s"
    dollars = path[0] == "prices" or path[-1] == "usd_per_day" or "agent_day" in path
    return (
        value / 1e6 if dollars or (path[0] == "budget" and path[-1] in CAPS) else value
    )
