"""Calls as small local models write them into their text: bare JSON, fenced or in tags."""

import msgspec
from msgspec import Struct

WRAPPINGS = (("```json", "```"), ("```", "```"), ("<tool_call>", "</tool_call>"))
"""What small models put around a call, the outermost first."""


class BareCall(Struct, frozen=True, kw_only=True):
    """The name of a tool, and the JSON text of its arguments."""

    name: str
    arguments: str


class _WrittenCall(Struct, frozen=True, kw_only=True):
    name: str = ""
    tool: str = ""
    arguments: msgspec.Raw = msgspec.Raw(b"")
    parameters: msgspec.Raw = msgspec.Raw(b"")
    args: msgspec.Raw = msgspec.Raw(b"")

    def read(self) -> BareCall:
        """The call, its arguments under whichever of their usual names they stand."""
        given = bytes(self.arguments) or bytes(self.parameters) or bytes(self.args)
        return BareCall(
            name=self.name or self.tool, arguments=(given or b"{}").decode()
        )


def read_bare_calls(text: str) -> tuple[BareCall, ...]:
    """The calls that a whole text is, one or a list; none for any other text."""
    body = unwrap_json(text)
    if not body.startswith(("{", "[")):
        return ()
    array = body if body.startswith("[") else f"[{body}]"
    try:
        written = msgspec.json.decode(array, type=tuple[_WrittenCall, ...])
    except (ValueError, RecursionError):
        return ()
    return tuple(call.read() for call in written)


def unwrap_json(text: str) -> str:
    """The text without the fences and tags around it."""
    body = text.strip()
    for start, end in WRAPPINGS:
        is_wrapped = body.startswith(start) and body.endswith(end)
        if is_wrapped and len(body) >= len(start) + len(end):
            body = body[len(start) : -len(end)].strip()
    return body
