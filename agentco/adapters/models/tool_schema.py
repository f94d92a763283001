"""Tools and their calls as servers take them back: a schema in full or plain, arguments as JSON."""

from typing import Any, cast

import msgspec

from agentco.runs.model_messages import ToolCall, ToolSpec

_PLAIN_WORDS = frozenset(
    {"type", "description", "enum", "properties", "required", "items"}
)


def tool_schema(tool: ToolSpec, *, is_full: bool) -> dict[str, Any]:
    """The schema of a tool's arguments; a plain one holds only what every server knows."""
    schema = msgspec.json.decode(tool.parameters, type=dict[str, Any])
    return schema if is_full else _plain_schema(schema)


def _plain_schema(schema: dict[str, Any]) -> dict[str, Any]:
    plain = {word: value for word, value in schema.items() if word in _PLAIN_WORDS}
    if "properties" in plain:
        properties = cast("dict[str, dict[str, Any]]", plain["properties"])
        plain["properties"] = {
            name: _plain_schema(inner) for name, inner in properties.items()
        }
    if isinstance(plain.get("items"), dict):
        plain["items"] = _plain_schema(plain["items"])
    if "enum" in plain:
        plain.setdefault("type", "string")
    return plain


def sendable_arguments(call: ToolCall) -> str:
    """A call's arguments as servers take them back: some fail on bad JSON of their own model."""
    try:
        msgspec.json.decode(call.arguments, type=dict[str, Any])
    except (ValueError, RecursionError):
        return msgspec.json.encode({"invalid": call.arguments}).decode()
    return call.arguments
