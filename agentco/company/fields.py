"""The keys of one header, taken one by one with the type they should have; what nobody took is extra."""

from collections.abc import Mapping
from functools import cached_property

from agentco.company.document import Document
from agentco.company.repair import split_outside_quotes
from agentco.company.source import Findings
from agentco.company.values import Value, written

_MOST_DIGITS = 9
_FLAGS = {"true": True, "false": False}


class Fields:
    """Look-up ignores case and knows aliases; `lines` gathers where each value that was taken stands.

    The fields `below` a key are read strictly: there a wrong value is an error.
    """

    def __init__(self, document: Document, found: Findings) -> None:
        self.document = document
        self.found = found
        self.values: Mapping[str, Value] = document.values
        self.lines: dict[str, int] = {}
        self._taken: set[str] = set()

    def take(self, key: str, *aliases: str) -> Value:
        """The value of the first of these names that is there; None for null and for nothing."""
        for name in (key, *aliases):
            if (actual := self.actual(name)) is not None:
                self._taken.add(actual)
                if (value := self.values[actual]) is not None:
                    self.lines.setdefault(key, self.document.lines[actual,])
                    return value
        return None

    def actual(self, key: str) -> str | None:
        """The key as the file spells it, or None when it is not there."""
        return key if key in self.values else self._names.get(key.lower())

    @cached_property
    def _names(self) -> dict[str, str]:
        return {key.lower(): key for key in reversed(list(self.values))}

    def line(self, key: str) -> int | None:
        """Where the value stands that was taken for a key."""
        return self.lines.get(key)

    def unreadable(self, key: str) -> bool:
        """Whether the key was there but its value could not be read."""
        return key.lower() in {name.lower() for name in self.document.dropped}

    def text(self, key: str, *aliases: str) -> str:
        """A string, without space around it; empty when it is absent."""
        value = self.take(key, *aliases)
        return value.strip() if isinstance(value, str) else self.wrong(key, value, "text") or ""

    def flag(self, key: str, *aliases: str) -> bool | None:
        """A boolean, also where somebody put it in quotes; None when it is absent."""
        value = self.take(key, *aliases)
        if isinstance(value, str):
            value = _FLAGS.get(value.strip().lower(), value)
        return value if isinstance(value, bool) else self.wrong(key, value, "true or false")

    def words(self, key: str, *aliases: str) -> tuple[str, ...] | None:
        """A list of strings, also written as one string with commas; None when it is absent."""
        value = self.take(key, *aliases)
        if isinstance(value, str):
            return listed(value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(text for item in value if (text := written(item).strip()))
        return self.wrong(key, value, "a list of strings")

    def whole(self, key: str) -> int | None:
        """A whole number from 0 on."""
        value = self.take(key)
        digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
        return int(value) if isinstance(value, str) and digits else self.wrong(key, value, "a whole number")

    def mapping(self, key: str) -> Mapping[str, Value]:
        """A map; empty when it is absent."""
        value = self.take(key)
        return value if isinstance(value, dict) else self.wrong(key, value, "a map of keys") or {}

    @property
    def extra(self) -> dict[str, Value]:
        """Every key that nobody took."""
        return {k: v for k, v in self.values.items() if k not in self._taken}

    def wrong(self, key: str, value: Value, wanted: str) -> None:
        """Tell that a value, unless it is absent, is not what it should be."""
        if value is not None:
            what = f"{key!r} is not {wanted} and is ignored"
            self.found.warn("wrong-value", what, f"write {wanted}", self.line(key))


def listed(text: str) -> tuple[str, ...]:
    """The items of a string with commas; commas in quotes and in round brackets belong to an item."""
    parts, open_part = list[str](), ""
    for part in split_outside_quotes(text):
        open_part = f"{open_part},{part}" if open_part else part
        if open_part.count("(") <= open_part.count(")"):
            parts.append(open_part)
            open_part = ""
    return tuple(item for part in (*parts, open_part) if (item := part.strip(" \t\n'\"`")))
