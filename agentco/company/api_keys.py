"""API keys that somebody wrote into a file: told by place and vendor, never shown."""

import re
from collections.abc import Iterator

from agentco.kernel import package_data

_FORMS = package_data.table(__name__, tuple[tuple[str, str, str], ...])
"""Whose key, how it begins, and its whole form."""
_KEYS = tuple(
    (vendor, start, re.compile(rf"(?<![^\W_]){form}")) for vendor, start, form in _FORMS
)
_FEWEST_CHARACTERS = 9
"""A key of fewer different characters is a placeholder such as `sk-xxxxxxxx`."""


def leaks(text: str) -> Iterator[tuple[int, str]]:
    """The line and the vendor of everything that looks like a key."""
    for vendor, beginning, pattern in _KEYS:
        if beginning in text:
            found = (m for m in pattern.finditer(text) if _real(m))
            yield from ((text.count("\n", 0, m.start()) + 1, vendor) for m in found)


def without_keys(text: str, mark: str) -> str:
    """The text with a mark in the place of everything that could be a key, after any word as well."""
    for _, beginning, pattern in _KEYS:
        if beginning in text:
            text = pattern.sub(lambda m: mark if _random(m) else m[0], text)
    return text


def _real(match: re.Match[str]) -> bool:
    """Whether a match begins a word of its own and looks random."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    return _random(match) and "EXAMPLE" not in match[0] and before not in {"-", "_"}


def _random(match: re.Match[str]) -> bool:
    return (
        any(c.isdigit() for c in match[0]) and len(set(match[0])) >= _FEWEST_CHARACTERS
    )
