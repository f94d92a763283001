"""JSON as editors write it, with comments and trailing commas, as plain data."""

import re
from json import loads
from typing import cast

from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.yaml_values import Value

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?(?:\*/|$)'
    r"|,(?=(?>\s|//[^\n]*|/\*.*?\*/)*+[}\]])",
    re.DOTALL,
)


def read_jsonc(text: str, findings: FileFindings) -> Value:
    """The value of a JSON text; None, and an error, if it cannot be read. Numbers are strings."""
    plain = _TOKEN.sub(_keep_strings_and_lines, text)
    if not plain.strip():
        return None
    try:
        value = loads(plain, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError as error:
        what = f"not JSON: {getattr(error, 'msg', error)}"
        hint = "compare quotes, commas and brackets at that line"
        findings.error("json-syntax", what, hint, getattr(error, "lineno", None))
        return None
    except RecursionError:
        findings.error("json-deep", "nested too deeply", "flatten the file")
        return None
    return cast("Value", value)


def _keep_strings_and_lines(match: re.Match[str]) -> str:
    """Drop a comment or a trailing comma, but not the line ends in it."""
    token = match[0]
    return token if token.startswith('"') else "\n" * token.count("\n")
