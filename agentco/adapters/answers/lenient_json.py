"""JSON as servers really send it: bytes that are no UTF-8, and emoji that are cut in two."""

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decode_event(data: bytes, kind: type[T]) -> T:
    """Read an event. Raises ValueError or RecursionError for what is no JSON of this kind.

    Halves of a character stay as they are: the other half may come with the next event.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError):
        document: Any = json.loads(data.decode("utf-8", "replace"))
        return msgspec.convert(document, kind, strict=False)


class HalfCharacters:
    """Joins the halves of characters that come in two pieces."""

    def __init__(self) -> None:
        self._half = ""

    def join(self, piece: str) -> str:
        """The piece with what was held back before it; a half at its end waits for the next."""
        text = self._half + piece
        self._half = text[-1:] if _ends_in_half(text) else ""
        return whole_characters(text[: len(text) - len(self._half)])

    def rest(self) -> str:
        """What never came whole, once."""
        half, self._half = self._half, ""
        return whole_characters(half)


def whole_characters(text: str) -> str:
    """A text without halves of characters: two are joined, one alone is U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _ends_in_half(text: str) -> bool:
    return "\ud800" <= text[-1:] <= "\udbff"
