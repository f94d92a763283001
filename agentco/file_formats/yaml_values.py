"""The data of a header or a settings file, and the line of each value."""

from typing import TypeAlias

from msgspec import Struct

from agentco.kernel.errors import Diagnostic, Severity

Value: TypeAlias = "str | bool | list[Value] | dict[str, Value] | None"
KeyPath: TypeAlias = tuple[str | int, ...]


class QuotedText(str):
    """A string that stood in quotes or in a block, so that nobody takes it for a number."""

    __slots__ = ()


class YamlTree(Struct, frozen=True, kw_only=True):
    """What a YAML text says; `lines` has the line of each path of keys and indices.

    `dropped` are the keys whose value no repair could save.
    """

    value: Value
    lines: dict[KeyPath, int]
    diagnostics: tuple[Diagnostic, ...] = ()
    dropped: frozenset[str] = frozenset()

    @property
    def refusal(self) -> Diagnostic | None:
        """Why nothing of the text may be used, or None."""
        for diagnostic in self.diagnostics:
            if diagnostic.level is Severity.ERROR:
                return diagnostic
        return None

    def refused_for(self, code: str) -> bool:
        """Whether it was refused with this code."""
        return self.refusal is not None and self.refusal.code == code


def maps_in_list(value: Value) -> list[dict[str, Value]]:
    """The maps in a list; anything else holds none."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]


def value_as_text(value: Value) -> str:
    """A value as text; true and false as YAML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def split_list(text: str) -> tuple[str, ...]:
    """The items of a string with commas; commas in quotes and round brackets belong to an item."""
    items: list[str] = []
    unclosed: list[str] = []
    for part in split_outside_quotes(text):
        unclosed.append(part)
        item = ",".join(unclosed)
        if item.count("(") <= item.count(")"):
            items.append(item)
            unclosed = []
    items.append(",".join(unclosed))
    stripped = [item.strip(" \t\n'\"`") for item in items]
    return tuple(item for item in stripped if item)


def split_outside_quotes(text: str) -> list[str]:
    """Split at commas that stand outside quotes; a quote counts only where an item begins."""
    parts: list[str] = []
    start = 0
    quote = ""
    for i, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`" and not text[start:i].strip(" \t[("):
            quote = character
        elif character == ",":
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]
