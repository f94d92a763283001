"""What plain code finds in a text before it may leave the company."""

from enum import StrEnum

from msgspec import Struct


class TextRule(StrEnum):
    """What a finding broke."""

    CLAIMS = "claims"
    GROUNDING = "grounding"
    FRESHNESS = "freshness"
    LINKS = "links"
    VOICE = "voice"


SOFT_RULES = frozenset({TextRule.VOICE})
"""What is told, and holds nothing back."""


class Finding(Struct, frozen=True, kw_only=True):
    """One place in a text: its `line` from 1, its `text` word for word, a `hint` what to do."""

    rule: TextRule
    line: int
    text: str
    hint: str
