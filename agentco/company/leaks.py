"""API keys that somebody wrote into a file: told by place and vendor, never shown."""

import re
from collections.abc import Iterator

_KEYS = (
    ("Anthropic", "sk-ant-", re.compile(r"sk-ant-[\w-]{16,}")),
    ("OpenAI", "sk-", re.compile(r"sk-(?!ant-)[\w-]{20,}")),
    ("GitHub", "ghp_", re.compile(r"ghp_[A-Za-z0-9]{20,}")),
    ("GitHub", "github_pat_", re.compile(r"github_pat_\w{20,}")),
    ("AWS", "AKIA", re.compile(r"AKIA[A-Z0-9]{16}(?!\w)")),
    ("Slack", "xox", re.compile(r"xox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("Google", "AIza", re.compile(r"AIza[\w-]{30,}")),
)
_FEWEST_CHARACTERS = 9
"""A key of fewer different characters is a placeholder such as `sk-xxxxxxxx`."""


def leaks(text: str) -> Iterator[tuple[int, str]]:
    """The line and the vendor of everything that looks like a key."""
    for vendor, beginning, pattern in _KEYS:
        if beginning in text:
            found = (m for m in pattern.finditer(text) if _real(m))
            yield from ((text.count("\n", 0, m.start()) + 1, vendor) for m in found)


def _real(match: re.Match[str]) -> bool:
    """Whether a match begins a word of its own and looks random."""
    key, before = match[0], match.string[match.start() - 1 : match.start()]
    varied = any(c.isdigit() for c in key) and len(set(key)) >= _FEWEST_CHARACTERS
    return varied and "EXAMPLE" not in key and not (before.isalnum() or before in {"-", "_"})
