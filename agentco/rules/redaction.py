"""Secrets never stay in a text that is kept or sent: values of named variables, and keys of known forms."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from msgspec import json

from agentco.company.api_keys import redact_api_keys

REDACTION_MARK = "[redacted]"
MIN_SECRET_LENGTH = 8
"""A shorter value would be found in harmless words."""


def redact_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced, also where it stands as JSON or in an address."""
    if spelt := {
        form
        for secret in secrets
        for form in _secret_forms(secret.strip())
        if form not in REDACTION_MARK
    }:
        # The longest first, so that nothing is left of a secret that begins with another.
        longest = sorted(spelt, key=len, reverse=True)
        text = re.sub("|".join(map(re.escape, longest)), REDACTION_MARK, text)
    return redact_api_keys(text, REDACTION_MARK)


def _secret_forms(secret: str) -> Iterator[str]:
    if len(secret) >= MIN_SECRET_LENGTH:
        clean = secret.encode("utf-8", "replace").decode()
        yield from (
            secret,
            json.encode(clean).decode()[1:-1],
            quote(clean, safe=""),
            quote(clean),
        )
