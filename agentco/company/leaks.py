"""API keys that somebody wrote into a file: told by place and vendor, never shown."""

import re
from collections.abc import Iterator

_KEYS = (
    ("Anthropic", "sk-ant-", re.compile(r"(?<![\w-])sk-ant-[\w-]{16,}")),
    ("OpenAI", "sk-", re.compile(r"(?<![\w-])sk-(?!ant-)[\w-]{20,}")),
    ("GitHub", "ghp_", re.compile(r"(?<!\w)ghp_[A-Za-z0-9]{20,}")),
    ("GitHub", "github_pat_", re.compile(r"(?<!\w)github_pat_\w{20,}")),
    ("AWS", "AKIA", re.compile(r"(?<!\w)AKIA[A-Z0-9]{16}(?!\w)")),
    ("Slack", "xox", re.compile(r"(?<!\w)xox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("Google", "AIza", re.compile(r"(?<!\w)AIza[\w-]{30,}")),
)
_FEWEST_CHARACTERS = 9
"""A key of fewer different characters is a placeholder such as `sk-xxxxxxxx`."""


def leaks(text: str) -> Iterator[tuple[int, str]]:
    """The line and the vendor of everything that looks like a key."""
    for vendor, beginning, pattern in _KEYS:
        if beginning in text:
            yield from (
                (text.count("\n", 0, m.start()) + 1, vendor) for m in pattern.finditer(text) if _real(m[0])
            )


def _real(key: str) -> bool:
    return any(c.isdigit() for c in key) and len(set(key)) >= _FEWEST_CHARACTERS and "EXAMPLE" not in key
