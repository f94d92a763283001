"""The keys of one header, taken one by one with the type they should have; what nobody took is extra."""

from collections.abc import Mapping

from agentco.company.document import Document
from agentco.company.repair import split_outside_quotes
from agentco.company.source import Findings
from agentco.company.values import Value

_MOST_DIGITS = 9
_FLAGS = {"true": True, "false": False}


class Fields:
    """Look-up ignores case and knows aliases; `lines` gathers where each value that was taken stands."""

    def __init__(self, document: Document, found: Findings) -> None:
        self.found = found
        self.lines: dict[str, int] = {}
        self.document = document
        self._names = {key.lower(): key for key in reversed(document.values)}
        self._taken: set[str] = set()

    def take(self, key: str, *aliases: str) -> Value:
        """The value of the first of these names that is there; None for null and for nothing."""
        for name in (key, *aliases):
            actual = name if name in self.document.values else self._names.get(name.lower())
            if actual is not None:
                self._taken.add(actual)
                if (value := self.document.values[actual]) is not None:
                    self.lines.setdefault(key, self.document.lines[(actual,)])
                    return value
        return None

    def dropped(self, key: str) -> bool:
        """Whether the key was there but its value could not be read."""
        return key.lower() in {name.lower() for name in self.document.dropped}

    def text(self, key: str, *aliases: str) -> str:
        """A string, without space around it; a list of one-word parts is joined as it was written."""
        value = self.take(key, *aliases)
        if isinstance(value, str):
            return value.strip()
        if value is not None:
            self._wrong(key, "text")
        return ""

    def flag(self, key: str, *aliases: str) -> bool | None:
        """A boolean, also where somebody put it in quotes; None when it is absent."""
        value = self.take(key, *aliases)
        if isinstance(value, str):
            value = _FLAGS.get(value.strip().lower(), value)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(key, "true or false")
        return None

    def words(self, key: str, *aliases: str) -> tuple[str, ...] | None:
        """A list of strings, also written as one string with commas; None when it is absent."""
        value = self.take(key, *aliases)
        if isinstance(value, str):
            return listed(value)
        if isinstance(value, list):
            if all(isinstance(item, str) for item in value):
                return tuple(text for item in value if isinstance(item, str) and (text := item.strip()))
            self._wrong(key, "a list of strings")
            return tuple(item.strip() for item in value if isinstance(item, str))
        if value is not None:
            self._wrong(key, "a list of strings")
        return None

    def whole(self, key: str, *aliases: str) -> int | None:
        """A whole number from 0 on."""
        value = self.take(key, *aliases)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
            return int(value)
        if value is not None:
            self._wrong(key, "a whole number")
        return None

    def mapping(self, key: str, *aliases: str) -> Mapping[str, Value]:
        """A map; empty when it is absent."""
        value = self.take(key, *aliases)
        if isinstance(value, dict):
            return value
        if value is not None:
            self._wrong(key, "a map of keys")
        return {}

    @property
    def extra(self) -> dict[str, Value]:
        """Every key that nobody took."""
        return {k: v for k, v in self.document.values.items() if k not in self._taken}

    def _wrong(self, key: str, wanted: str) -> None:
        message = f"{key!r} is not {wanted} and is ignored"
        self.found.warn("wrong-type", message, f"write {wanted}", self.lines.get(key))


def listed(text: str) -> tuple[str, ...]:
    """The items of a string with commas; commas in quotes and in round brackets belong to an item."""
    parts, open_part = list[str](), ""
    for part in split_outside_quotes(text):
        open_part = f"{open_part},{part}" if open_part else part
        if open_part.count("(") <= open_part.count(")"):
            parts.append(open_part)
            open_part = ""
    return tuple(item for part in (*parts, open_part) if (item := part.strip(" \t\n'\"`")))
