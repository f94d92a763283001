"""What a reviewer decides: one verdict for each trigger it was asked under."""

import re
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


_NAMES = "|".join(Verdict)
# The founder's form, "1. ✅ APPROVED": a number or a sign before it, but no quotation.
_HEAD = re.compile(
    r"[#*_\s]*(?:\d{1,2}[.)]|[^\w\s\x20-\x7e\u2018-\u201f«»])"
    r"[^\w>\"'\u2018-\u201f«»`~\n]*"
    rf"(?P<verdict>{_NAMES})\b(?P<rest>.*)"
)
_DOUBT = re.compile("[?❌✗✘⛔🚫🛑⚠]")
_ANY_VERDICT = re.compile(rf"\b(?:{_NAMES})\b")


def opinions_in_text(text: str, triggers: Iterable[str]) -> tuple[Opinion, ...]:
    """The one verdict that stands in a text's first line, under each trigger asked; else none.

    An approval stands alone in its line: "APPROVED if you …" approves nothing.
    """
    head, _, reason = text.strip().partition("\n")
    match = _HEAD.match(head)
    if match is None or len(_ANY_VERDICT.findall(text)) != 1:
        return ()
    verdict, rest = Verdict(match["verdict"]), match["rest"]
    if verdict is Verdict.APPROVED and (_DOUBT.search(head) or re.search(r"\w", rest)):
        return ()
    rest = rest.lstrip(" *_.:,;\u2013\u2014-")
    because = f"{rest}\n{reason}".strip()[:MAX_REASON]
    return tuple(
        Opinion(trigger=trigger, verdict=verdict, because=because)
        for trigger in triggers
    )


def opinion_per_trigger(
    opinions: Iterable[Opinion], triggers: Iterable[str]
) -> tuple[Opinion, ...]:
    """The opinion under each trigger that has one; two under one trigger are BLOCKING.

    Without one a trigger's review is still owed. Those under other triggers are ignored.
    """
    by_trigger: dict[str, list[Opinion]] = {}
    for opinion in opinions:
        by_trigger.setdefault(opinion.trigger, []).append(opinion)
    return tuple(
        _single_opinion(by_trigger[trigger], trigger)
        for trigger in triggers
        if trigger in by_trigger
    )


def _single_opinion(opinions: list[Opinion], trigger: str) -> Opinion:
    if len(opinions) == 1:
        return opinions[0]
    why = f"the reviewer gave {len(opinions)} verdicts on it, not one"
    reasons = [f"{opinion.verdict}: {opinion.because}" for opinion in opinions]
    because = "\n".join([why, *reasons])[:MAX_REASON]
    return Opinion(trigger=trigger, verdict=Verdict.BLOCKING, because=because)
