"""What plain code finds in a text before it may leave the company."""

from enum import StrEnum

from msgspec import Struct


class Rule(StrEnum):
    """What a finding broke."""

    CLAIMS = "claims"
    GROUNDING = "grounding"
    FRESHNESS = "freshness"
    LINKS = "links"
    VOICE = "voice"


SOFT = frozenset({Rule.VOICE})
"""What is told, and holds nothing back."""


class Finding(Struct, frozen=True, kw_only=True):
    """One place in a text: `line` counts from 1, `text` is the place word for word, `hint` what to do."""

    rule: Rule
    line: int
    text: str
    hint: str
