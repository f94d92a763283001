"""API keys that somebody wrote into a file: told by place and vendor, never shown."""

import re
from collections.abc import Iterable, Iterator

from agentco.kernel import package_data
from agentco.kernel.errors import WrongUsage

KEY_HINT = "secrets are never written down"

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
            for match in pattern.finditer(text):
                if _looks_real(match):
                    yield text.count("\n", 0, match.start()) + 1, vendor


def describe_key(texts: Iterable[str], where: str = "it") -> str:
    """That there is what looks like a key, and whose; empty without any."""
    for text in texts:
        for _, vendor in find_api_keys(text):
            return f"{where} contains what looks like an API key ({vendor})"
    return ""


def require_no_key(texts: Iterable[str], where: str = "it") -> None:
    """Raise WrongUsage where one of the texts holds what looks like a key."""
    if what := describe_key(texts, where):
        raise WrongUsage(what, hint=KEY_HINT)


def redact_api_keys(text: str, mark: str) -> str:
    """The text with a mark in the place of everything that could be a key, after any word too."""

    def redact(match: re.Match[str]) -> str:
        return mark if _looks_random(match[0]) else match[0]

    for _, beginning, pattern in _KEY_PATTERNS:
        if beginning in text:
            text = pattern.sub(redact, text)
    return text


def _looks_real(match: re.Match[str]) -> bool:
    """Whether a match begins a word of its own and looks random."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    is_example = "EXAMPLE" in match[0]
    return _looks_random(match[0]) and not is_example and before not in {"-", "_"}


def _looks_random(key: str) -> bool:
    has_digit = any(character.isdigit() for character in key)
    return has_digit and len(set(key)) >= _MIN_DISTINCT_CHARACTERS
