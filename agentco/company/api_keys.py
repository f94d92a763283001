"""API keys that somebody wrote into a file: told by place and vendor, never shown."""

import re
from collections.abc import Iterator

from agentco.kernel import package_data

_KEY_FORMS = package_data.load_table(__name__, tuple[tuple[str, str, str], ...])
"""Whose key, how it begins, and its whole form."""
_KEY_PATTERNS = tuple(
    (vendor, start, re.compile(rf"(?<![^\W_]){form}"))
    for vendor, start, form in _KEY_FORMS
)
_MIN_DISTINCT_CHARACTERS = 9
"""A key of fewer different characters is a placeholder such as `sk-xxxxxxxx`."""


def find_api_keys(text: str) -> Iterator[tuple[int, str]]:
    """The line and the vendor of everything that looks like a key."""
    for vendor, beginning, pattern in _KEY_PATTERNS:
        if beginning in text:
            found = (m for m in pattern.finditer(text) if _looks_real(m))
            yield from ((text.count("\n", 0, m.start()) + 1, vendor) for m in found)


def redact_api_keys(text: str, mark: str) -> str:
    """The text with a mark in the place of everything that could be a key, after any word as well."""
    for _, beginning, pattern in _KEY_PATTERNS:
        if beginning in text:
            text = pattern.sub(lambda m: mark if _looks_random(m) else m[0], text)
    return text


def _looks_real(match: re.Match[str]) -> bool:
    """Whether a match begins a word of its own and looks random."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    return (
        _looks_random(match) and "EXAMPLE" not in match[0] and before not in {"-", "_"}
    )


def _looks_random(match: re.Match[str]) -> bool:
    return (
        any(c.isdigit() for c in match[0])
        and len(set(match[0])) >= _MIN_DISTINCT_CHARACTERS
    )
