"""What a client sends, held against its schema; what does not fit is told in the reference's words."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from agentco.company import beside

Schema = Mapping[str, Any]
Where = tuple[str | int, ...]
PARAMS = beside.table(__name__, dict[str, dict[str, Any]])
"""The schema of the params of each method that has any."""
NAMES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}
KINDS = {"string": str, "array": list, "object": dict, "record": dict, "integer": int}
UNDEFINED = object()


class Issue(Struct, frozen=True, kw_only=True):
    """One value that does not fit; `expected` is empty where only its size is wrong."""

    expected: str = ""
    code: str = "invalid_type"
    path: Where
    message: str

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{self.message} at {''.join(steps).removeprefix('.')}"


def issues(schema: Schema, value: object, path: Where = ()) -> Iterator[Issue]:
    """Everything in a value that does not fit its schema."""
    kind: str = schema["type"]
    if not isinstance(value, KINDS[kind]) or isinstance(value, bool):
        received = "undefined" if value is UNDEFINED else NAMES.get(type(value), "null")
        yield Issue(expected=kind, path=path, message=f"Invalid input: expected {kind}, received {received}")
    elif isinstance(value, int) and value < schema["minimum"]:
        yield Issue(code="too_small", path=path, message=f"Too small: expected at least {schema['minimum']}")
    for key, inner, part in parts(schema, value):
        yield from issues(inner, part, (*path, key))


def parts(schema: Schema, value: object) -> Iterator[tuple[str | int, Schema, object]]:
    """The parts of an object or list that have a schema of their own; what more there is counts for nothing."""
    match value:
        case dict():
            for key, inner in schema.get("properties", {}).items():
                part: object = value.get(key, UNDEFINED)
                if part is not UNDEFINED or key in schema.get("required", ()):
                    yield key, inner, part
        case list() if "items" in schema:
            yield from ((i, schema["items"], part) for i, part in enumerate(value))
        case _:
            pass
