"""Secrets never stay in a text that is kept or sent: named variables, keys of known forms."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from msgspec import json

from agentco.file_formats.api_keys import redact_api_keys

REDACTION_MARK = "[redacted]"
MIN_SECRET_LENGTH = 8
"""A shorter value would be found in harmless words."""


def redact_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced, also where it stands as JSON or in an address."""
    forms: set[str] = set()
    for secret in secrets:
        forms.update(_secret_forms(secret.strip()))
    forms = {form for form in forms if form not in REDACTION_MARK}
    if forms:
        # the longest first: nothing is left of a secret that begins with another
        longest_first = sorted(forms, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest_first))
        text = re.sub(pattern, REDACTION_MARK, text)
    return redact_api_keys(text, REDACTION_MARK)


def _secret_forms(secret: str) -> tuple[str, ...]:
    """How a secret may stand in a text; none for one that is too short."""
    if len(secret) < MIN_SECRET_LENGTH:
        return ()
    clean = secret.encode("utf-8", "replace").decode()
    as_json = json.encode(clean).decode()[1:-1]
    return secret, as_json, quote(clean, safe=""), quote(clean)
