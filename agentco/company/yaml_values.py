"""What a header or a settings file says, as plain data that knows its lines."""

from typing import TypeAlias

from msgspec import Struct

from agentco.kernel.errors import Diagnostic, Severity

Value: TypeAlias = "str | bool | list[Value] | dict[str, Value] | None"
KeyPath: TypeAlias = tuple[str | int, ...]


class QuotedText(str):
    """A string that stood in quotes or in a block, so that nobody takes it for a number."""

    __slots__ = ()


class YamlTree(Struct, frozen=True, kw_only=True):
    """What a YAML text says; `lines` tells for each path of keys and indices on which line it stands.

    `dropped` are the keys whose value could not be saved.
    """

    value: Value
    lines: dict[KeyPath, int]
    diagnostics: tuple[Diagnostic, ...] = ()
    dropped: frozenset[str] = frozenset()

    @property
    def refusal(self) -> Diagnostic | None:
        """Why nothing of the text may be used, if so."""
        return next((d for d in self.diagnostics if d.level is Severity.ERROR), None)

    def refused_for(self, code: str) -> bool:
        """Whether that is why."""
        return self.refusal is not None and self.refusal.code == code


def maps_in_list(value: Value) -> list[dict[str, Value]]:
    """The maps in a list; anything else holds none."""
    return (
        [item for item in value if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )


def value_as_text(value: Value) -> str:
    """A value as text; true and false as YAML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def split_list(text: str) -> tuple[str, ...]:
    """The items of a string with commas; commas in quotes and in round brackets belong to an item."""
    parts, open_part = list[str](), ""
    for part in split_outside_quotes(text):
        open_part = f"{open_part},{part}" if open_part else part
        if open_part.count("(") <= open_part.count(")"):
            parts.append(open_part)
            open_part = ""
    return tuple(
        item for part in (*parts, open_part) if (item := part.strip(" \t\n'\"`"))
    )


def split_outside_quotes(text: str) -> list[str]:
    """Split at commas that stand outside quotes; a quote counts only where an item begins."""
    parts, start, quote = list[str](), 0, ""
    for i, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`" and not text[start:i].strip(" \t[("):
            quote = character
        elif character == ",":
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]
