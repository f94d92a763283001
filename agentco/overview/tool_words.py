"""What a call of a tool would do, in the founder's words; the table of tools has the sentences."""

from collections.abc import Iterator, Mapping
from string import Formatter

from msgspec import DecodeError, Raw, json

from agentco.company.tool_table import find_tool

OPERATION = "operation"


def call_in_words(name: str, arguments: str) -> str:
    """What a call would do, with every argument in it; empty if there are no words for it.

    Texts stand in quotes, so that no text can pass for a part of the sentence.
    """
    tool = find_tool(name)
    try:
        given = json.decode(arguments or "{}", type=dict[str, Raw])
        values = {field: quote(value) for field, value in given.items()}
    except DecodeError:
        return ""
    operation = values.get(OPERATION, "").strip('"')
    template = tool.in_words.get(operation) if tool else None
    if template is None:
        return ""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field]
    said = template.format_map({name: values.get(name) or "nothing" for name in fields})
    others = ", ".join(_others(values, {OPERATION, *fields}))
    return f"{said} ({others})" if others else said


def quote(value: Raw) -> str:
    """The texts of a JSON value in quotes, in their order. Raises DecodeError for other bytes."""
    first = bytes(value)[:1]
    if first == b"[":
        return ", ".join(map(quote, json.decode(value, type=list[Raw])))
    if first == b"{":
        parts = map(quote, json.decode(value, type=dict[str, Raw]).values())
        return " ".join(filter(None, parts))
    plain = json.decode(value, type=str | int | float | bool | None)
    return "" if plain in {None, ""} else json.encode(plain).decode()


def _others(values: Mapping[str, str], said: set[str]) -> Iterator[str]:
    """What else was given, by name."""
    for field, text in values.items():
        if text and field not in said:
            yield f"{field} {text}"
