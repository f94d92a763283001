"""What a reviewer decides: one verdict for each trigger it was asked under, whatever else it says."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class Verdict(StrEnum):
    """APPROVED lets it go, CONCERNS wants one change or a written answer, BLOCKING holds it back."""

    APPROVED = "APPROVED"
    CONCERNS = "CONCERNS"
    BLOCKING = "BLOCKING"


class Opinion(Struct, frozen=True, kw_only=True):
    """A verdict under one trigger; `because` quotes what it is about, `change` says what would mend it."""

    trigger: Annotated[str, Meta(min_length=1, max_length=200)]
    verdict: Verdict
    because: Annotated[str, Meta(max_length=2000)] = ""
    change: Annotated[str, Meta(max_length=2000)] = ""


def opinion_per_trigger(
    given: Iterable[Opinion], under: Iterable[str]
) -> tuple[Opinion, ...]:
    """One opinion for each trigger asked under; none, or two, are BLOCKING. All others count for nothing."""
    said = list(given)
    return tuple(
        _single_opinion([o for o in said if o.trigger == trigger], trigger)
        for trigger in under
    )


def _single_opinion(found: list[Opinion], trigger: str) -> Opinion:
    if len(found) == 1:
        return found[0]
    why = (
        f"the reviewer gave {len(found)} verdicts on it, not one"
        if found
        else "the reviewer gave no verdict on it"
    )
    because = "\n".join([why, *(f"{o.verdict}: {o.because}" for o in found)])
    return Opinion(trigger=trigger, verdict=Verdict.BLOCKING, because=because[:2000])
