"""Values as rows, each with the line it came from; the settings as such rows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, cast

from msgspec import Struct, json

from agentco.cli import screen
from agentco.company.settings import SETTINGS_FILE, SettingsFile
from agentco.company.yaml_values import KeyPath

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
)

CAP_KEYS = {"call", "run", "company_day", "company_month"}


class SourcedValue(Struct, frozen=True, kw_only=True):
    """One value; amounts are dollars and spans are as the file writes them."""

    key: str
    value: object
    source: str

    @property
    def cell_text(self) -> str:
        """The value as a cell of a table."""
        if isinstance(self.value, list | tuple):
            return ", ".join(map(str, cast("Sequence[object]", self.value)))
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if self.value not in ({}, None) else ""


def print_rows(rows: Iterable[SourcedValue]) -> None:
    """The rows as a table."""
    screen.print_table(
        ["key", "value", "from"], [[row.key, row.cell_text, row.source] for row in rows]
    )


def setting_rows(file: SettingsFile) -> Iterator[SourcedValue]:
    """Every setting, those of the file and those that are defaults.

    Raises CompanyBroken when the file cannot be used.
    """
    settings = file.require_valid()
    values: dict[str, JsonValue] = json.decode(json.encode(settings))
    values["facts"] = {
        kind: f"{days}d" for kind, days in settings.max_age_days().items()
    }
    values["retention"] = {
        kind: str(rule) for kind, rule in settings.retention_by_type().items()
    }
    for section, value in values.items():
        yield from _flatten_rows(file, (section,), value)


def _flatten_rows(
    file: SettingsFile, path: KeyPath, value: JsonValue
) -> Iterator[SourcedValue]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flatten_rows(file, (*path, key.rstrip("_")), inner)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for i, inner in enumerate(value):
            yield from _flatten_rows(file, (*path, i), inner)
    else:
        line = file.lines.get(path)
        source = f"{SETTINGS_FILE}:{line}" if line else "default"
        yield SourcedValue(
            key=".".join(map(str, path)),
            value=_display_value(path, value),
            source=source,
        )


def _display_value(path: KeyPath, value: JsonValue) -> JsonValue:
    """Micro-dollars as dollars, seconds as a span; everything else as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if path[-1] in {"within", "heartbeat"}:
        return f"{value}s"
    dollars = path[0] == "prices" or path[-1] == "usd_per_day" or "agent_day" in path
    return (
        value / 1e6
        if dollars or (path[0] == "budget" and path[-1] in CAP_KEYS)
        else value
    )
