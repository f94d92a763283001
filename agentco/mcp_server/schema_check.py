"""What a client sends, held against its schema; errors are in the reference's words."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from agentco.kernel import package_data

PARAMS_SCHEMAS = package_data.load_table(__name__, dict[str, dict[str, Any]])
"""The schema of the params of each method that has any."""
TYPE_NAMES: dict[object, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    UnsetType: "undefined",
    list: "array",
    dict: "object",
}
JsonPath = tuple[str | int, ...]


class SchemaIssue(Struct, frozen=True, kw_only=True):
    """One value that does not fit."""

    expected: str
    code: str = "invalid_type"
    path: JsonPath
    message: str

    def __str__(self) -> str:
        place = ""
        for step in self.path:
            place += f"[{step}]" if isinstance(step, int) else f".{step}"
        return f"{self.message} at {place.removeprefix('.')}"


def schema_issues(
    schema: Mapping[str, Any], value: Any, path: JsonPath = ()
) -> Iterator[SchemaIssue]:
    """Everything in a value that does not fit its schema; other keys are ignored."""
    kind: str = schema["type"]
    if not fits_type(schema, value):
        yield type_issue(schema, value, path)
    elif kind == "array":
        for i, part in enumerate(value):
            yield from schema_issues(schema["items"], part, (*path, i))
    elif kind == "object":
        required = schema.get("required", ())
        for key, inner in schema.get("properties", {}).items():
            if key in value or key in required:
                yield from schema_issues(inner, value.get(key, UNSET), (*path, key))


def unwrap_strings(schema: Mapping[str, Any], value: Any) -> Any:
    """A value whose lists and objects are such, where some clients send their JSON text."""
    kind: str = schema["type"]
    if kind in {"array", "object"} and isinstance(value, str):
        with suppress(ValueError, RecursionError):
            value = msgspec.json.decode(value)
    if not fits_type(schema, value):
        return value
    if kind == "array":
        return [unwrap_strings(schema["items"], part) for part in value]
    if kind == "object":
        parts: Mapping[str, Any] = schema.get("properties", {})
        meant: dict[str, Any] = {}
        for key, part in cast("dict[str, Any]", value).items():
            meant[key] = unwrap_strings(parts[key], part) if key in parts else part
        return meant
    return value


def fits_type(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is of the schema's type, and not under its minimum."""
    kind: str = schema["type"]
    if type_name(value) != kind.replace("record", "object"):
        return False
    return kind != "integer" or value >= schema["minimum"]


def type_issue(schema: Mapping[str, Any], value: Any, path: JsonPath) -> SchemaIssue:
    """The issue of a value that is of another type."""
    kind: str = schema["type"]
    least = f" from {schema['minimum']}" if kind == "integer" else ""
    received = type_name(value).replace("integer", "number")
    words = f"Invalid input: expected {kind}{least}, received {received}"
    return SchemaIssue(expected=kind, path=path, message=words)


def type_name(value: object) -> str:
    """The name that JSON Schema has for the type of a value."""
    return TYPE_NAMES.get(value.__class__, "null")
