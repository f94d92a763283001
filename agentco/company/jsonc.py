"""JSON as editors write it, with comments and trailing commas, as plain data."""

import re
from json import loads
from typing import cast

from agentco.company import source_file, yaml_values

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?(?:\*/|$)|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])',
    re.DOTALL,
)


def read_jsonc(text: str, found: source_file.FileFindings) -> yaml_values.Value:
    """The value of a JSON text; None, and an error, when it cannot be read. Numbers become strings."""
    # Comments and trailing commas go, the lines stay.
    plain = _TOKEN.sub(
        lambda m: m[0] if m[0].startswith('"') else "\n" * m[0].count("\n"), text
    )
    if not plain.strip():
        return None
    try:
        return cast(
            "yaml_values.Value",
            loads(plain, parse_int=str, parse_float=str, parse_constant=str),
        )
    except ValueError as error:
        line = getattr(error, "lineno", None)
        what = f"not JSON: {getattr(error, 'msg', error)}"
        found.error(
            "json-syntax",
            what,
            "compare quotes, commas and brackets at that line",
            line,
        )
    except RecursionError:
        found.error("json-deep", "nested too deeply", "flatten the file")
    return None
