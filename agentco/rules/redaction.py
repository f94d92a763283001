"""Secrets never stay in a text that is kept or sent: values of named variables, and keys of known forms."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from msgspec import json

from agentco.company.api_keys import without_keys

MARK = "[redacted]"
SHORTEST = 8
"""A shorter value would be found in harmless words."""


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced, also where it stands as JSON or in an address."""
    if spelt := {
        form
        for secret in secrets
        for form in _forms(secret.strip())
        if form not in MARK
    }:
        # The longest first, so that nothing is left of a secret that begins with another.
        longest = sorted(spelt, key=len, reverse=True)
        text = re.sub("|".join(map(re.escape, longest)), MARK, text)
    return without_keys(text, MARK)


def _forms(secret: str) -> Iterator[str]:
    if len(secret) >= SHORTEST:
        clean = secret.encode("utf-8", "replace").decode()
        yield from (
            secret,
            json.encode(clean).decode()[1:-1],
            quote(clean, safe=""),
            quote(clean),
        )
