"""What a reviewer decides: one verdict for each trigger it was asked under."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

MAX_REASON = 2000
"""Characters."""


class Verdict(StrEnum):
    """APPROVED lets it go, CONCERNS wants a change or a written answer, BLOCKING holds it back."""

    APPROVED = "APPROVED"
    CONCERNS = "CONCERNS"
    BLOCKING = "BLOCKING"


class Opinion(Struct, frozen=True, kw_only=True):
    """A verdict under a trigger; `because` quotes its subject, `change` says what would mend it."""

    trigger: Annotated[str, Meta(min_length=1, max_length=200)]
    verdict: Verdict
    because: Annotated[str, Meta(max_length=MAX_REASON)] = ""
    change: Annotated[str, Meta(max_length=MAX_REASON)] = ""


def opinion_per_trigger(
    opinions: Iterable[Opinion], triggers: Iterable[str]
) -> tuple[Opinion, ...]:
    """One opinion for each trigger asked under; none, or two, are BLOCKING. Others are ignored."""
    by_trigger: dict[str, list[Opinion]] = {}
    for opinion in opinions:
        by_trigger.setdefault(opinion.trigger, []).append(opinion)
    return tuple(
        _single_opinion(by_trigger.get(trigger, []), trigger) for trigger in triggers
    )


def _single_opinion(opinions: list[Opinion], trigger: str) -> Opinion:
    if len(opinions) == 1:
        return opinions[0]
    why = "the reviewer gave no verdict on it"
    if opinions:
        why = f"the reviewer gave {len(opinions)} verdicts on it, not one"
    reasons = [f"{opinion.verdict}: {opinion.because}" for opinion in opinions]
    because = "\n".join([why, *reasons])[:MAX_REASON]
    return Opinion(trigger=trigger, verdict=Verdict.BLOCKING, because=because)
