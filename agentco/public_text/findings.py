"""What plain code finds in a text before it may leave the company."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class TextRule(StrEnum):
    """What a finding broke."""

    CLAIMS = "claims"
    GROUNDING = "grounding"
    FRESHNESS = "freshness"
    LINKS = "links"
    VOICE = "voice"
    COMPUTED = "computed"
    OUTSIDE_LINKS = "outside-links"


SOFT_RULES = frozenset({TextRule.VOICE})
"""What is told, and holds nothing back."""


REMARKS = frozenset({TextRule.COMPUTED})
"""What is no fault: it is told, and nobody has to do anything."""


class Finding(Struct, frozen=True, kw_only=True):
    """One place in a text: its `line` from 1, its `text` word for word, a `hint` what to do.

    `weighed` is its sentence with the words that weighed most, where a model holds it.
    """

    rule: TextRule
    line: int
    text: str
    hint: str
    weighed: str | UnsetType = UNSET

    @property
    def is_remark(self) -> bool:
        """Whether it only tells something."""
        return self.rule in REMARKS


def faults_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The rules that findings say are broken, each once."""
    faults = [str(finding.rule) for finding in findings if not finding.is_remark]
    return tuple(dict.fromkeys(faults))
