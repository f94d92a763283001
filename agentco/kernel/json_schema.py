"""JSON schemas as every server reads them: some lose what stands behind a reference."""

from collections.abc import Mapping
from typing import Any, cast


def inline_references(schema: Any, parts: Mapping[str, Any]) -> Any:
    """A schema with each `$ref` replaced by its part; no part may hold itself.

    A default that is empty and the title of a part are left out: they say nothing, and every
    call pays for them.
    """
    if isinstance(schema, list):
        items = cast("list[Any]", schema)
        return [inline_references(item, parts) for item in items]
    if not isinstance(schema, dict):
        return schema
    fields = cast("dict[str, Any]", schema)
    if "$ref" in fields:
        name = str(fields["$ref"]).rpartition("/")[2]
        part = inline_references(parts[name], parts)
        return {key: value for key, value in part.items() if key != "title"}
    return {
        key: inline_references(value, parts)
        for key, value in fields.items()
        if key != "default" or value or value is False
    }
