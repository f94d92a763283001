"""What a client sends, held against its schema; what does not fit is told in the reference's words."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from agentco.kernel import package_data

PARAMS_SCHEMAS = package_data.load_table(__name__, dict[str, dict[str, Any]])
"""The schema of the params of each method that has any."""
PLAIN_TYPE_NAMES: dict[object, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
}
TYPE_NAMES = PLAIN_TYPE_NAMES | {UnsetType: "undefined", list: "array", dict: "object"}


class SchemaIssue(Struct, frozen=True, kw_only=True):
    """One value that does not fit."""

    expected: str
    code: str = "invalid_type"
    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        steps = (
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path
        )
        return f"{self.message} at {''.join(steps).removeprefix('.')}"


def schema_issues(
    schema: Mapping[str, Any], value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[SchemaIssue]:
    """Everything in a value that does not fit its schema; what more there is counts for nothing."""
    kind: str = schema["type"]
    received = TYPE_NAMES.get(value.__class__, "null")
    least = f" from {schema['minimum']}" if kind == "integer" else ""
    if received != kind.replace("record", "object") or (
        least and value < schema["minimum"]
    ):
        words = f"Invalid input: expected {kind}{least}, received {received.replace('integer', 'number')}"
        yield SchemaIssue(expected=kind, path=path, message=words)
    elif kind == "array":
        for i, part in enumerate(value):
            yield from schema_issues(schema["items"], part, (*path, i))
    elif kind == "object":
        for key, inner in schema.get("properties", {}).items():
            if key in value or key in schema.get("required", ()):
                yield from schema_issues(inner, value.get(key, UNSET), (*path, key))
