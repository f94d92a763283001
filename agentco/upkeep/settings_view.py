"""Every setting with the line it came from, or that it is the default."""

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import json

from agentco.company.settings import SETTINGS_FILE, SettingsFile
from agentco.desk.open_company import OpenCompany
from agentco.desk.records import SourcedValue
from agentco.file_formats.yaml_values import KeyPath
from agentco.kernel.documents import in_dollars
from agentco.kernel.errors import WrongUsage

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
)
CAP_KEYS = {"call", "run", "company_day", "company_month"}
SPAN_KEYS = {"within", "heartbeat"}


def list_settings(
    company: OpenCompany, section: str | None = None
) -> list[SourcedValue]:
    """Every setting, or those of one section.

    Raises CompanyBroken if the file cannot be used, WrongUsage for an unknown section.
    """
    rows = [
        row
        for row in setting_rows(company.files.settings())
        if section in {None, row.key.split(".")[0]}
    ]
    if section and not rows:
        raise WrongUsage(
            f"no section {section!r} in the settings",
            hint="agentco show settings lists them all",
        )
    return rows


def setting_rows(file: SettingsFile) -> Iterator[SourcedValue]:
    """Every setting, those of the file and those that are defaults."""
    settings = file.require_valid()
    values: dict[str, JsonValue] = json.decode(json.encode(settings))
    ages = settings.max_age_days()
    values["facts"] = {kind: f"{days}d" for kind, days in ages.items()}
    retention = settings.retention_by_type()
    values["retention"] = {kind: str(rule) for kind, rule in retention.items()}
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
        yield SourcedValue(
            key=".".join(map(str, path)),
            value=_display_value(path, value),
            source=f"{SETTINGS_FILE}:{line}" if line else "default",
        )


def _display_value(path: KeyPath, value: JsonValue) -> JsonValue:
    """Micro-dollars as dollars, seconds as a span; everything else as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    name = path[-1]
    if name in SPAN_KEYS:
        return f"{value}s"
    is_price = path[0] == "prices" or name == "usd_per_day" or "agent_day" in path
    is_cap = path[0] == "budget" and name in CAP_KEYS
    return in_dollars(value) if is_price or is_cap else value
