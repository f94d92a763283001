"""The addresses in a text, in every form in which a viewer would open them."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}:)?[/\\]{2}[^\s<>\"'`]+"
    r"|\b(?:https?|ftp|file|mailto|data|javascript):[^\s<>\"'`]+"
    r"|\bwww\.[^\s<>\"'`]+",
    re.IGNORECASE,
)
_END_MARKS = ".,;:!?)]}*_|"


def addresses_in(text: str) -> Iterator[str]:
    """Every address that a text holds, a link's or an image's, without what ends a sentence."""
    for found in _ADDRESS.findall(unescape(text)):
        yield found.rstrip(_END_MARKS)


def strange_addresses(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The addresses in a text that stand in no known text, each once."""
    given = {address.casefold() for one in known for address in addresses_in(one)}
    strange = (one for one in addresses_in(text) if one.casefold() not in given)
    return tuple(dict.fromkeys(strange))
