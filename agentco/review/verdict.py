"""What a reviewer decides: one verdict for each trigger it was asked under."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from agentco.review.deliverable import split_answer

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
    because: str = ""
    change: str = ""


_NAMES = "|".join(Verdict)
# The founder's form, "1. ✅ APPROVED": a number or a sign before it, but no quotation.
_HEAD = re.compile(
    r"[#*_\s]*(?:\d{1,2}[.)]|[^\w\s\x20-\x7e\u2018-\u201f«»])"
    r"[^\w<>\"'\u2018-\u201f«»`~\n]*"
    rf"(?P<verdict>{_NAMES})\b(?P<rest>.*)"
)
# around an approval stands nothing but what says yes
_NO_YES = re.compile(r"[^#*_\s\d.):!\ufe0e\ufe0f\u2013\u2014✅✔✓☑🟢👍🆗💚🎉]")
_ANY_VERDICT = re.compile(rf"\b(?:{_NAMES})\b")
_ANY_HEAD = re.compile(_HEAD.pattern, re.IGNORECASE)


def opinions_in_text(answer: str, triggers: Iterable[str]) -> tuple[Opinion, ...]:
    """The one verdict in an answer, where its text begins with it, under each trigger asked.

    An approval stands alone in its line: "APPROVED if you …" approves nothing. One beside which
    another stands, be it in the notes, counts for nothing either.
    """
    said = split_answer(answer)
    head, _, reason = said.text.strip().partition("\n")
    match = _HEAD.match(head)
    if match is None or len(_ANY_VERDICT.findall(said.for_colleagues)) != 1:
        return ()
    if any(map(_ANY_HEAD.match, reason.splitlines())):
        return ()
    verdict, rest = Verdict(match["verdict"]), match["rest"]
    around = f"{head[: match.start('verdict')]} {rest}"
    if verdict is Verdict.APPROVED and _NO_YES.search(around):
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

    Without one a trigger's review is still owed. Those under other triggers are ignored; one may
    name several of those asked.
    """
    asked = tuple(triggers)
    by_trigger: dict[str, list[Opinion]] = {}
    for opinion in opinions:
        for trigger in _named_triggers(opinion.trigger, asked):
            by_trigger.setdefault(trigger, []).append(opinion)
    return tuple(
        _single_opinion(by_trigger[trigger], trigger)
        for trigger in asked
        if trigger in by_trigger
    )


def _named_triggers(written: str, asked: Sequence[str]) -> Sequence[str]:
    """The trigger of this name, or all of a list of names."""
    if written in asked:
        return (written,)
    names = [name.strip() for name in written.split(",")]
    return names if set(names).issubset(asked) else ()


def _single_opinion(opinions: list[Opinion], trigger: str) -> Opinion:
    verdict, because, change = Verdict.BLOCKING, "", ""
    if len(opinions) == 1:
        (only,) = opinions
        verdict, because, change = only.verdict, only.because, only.change
    else:
        why = f"the reviewer gave {len(opinions)} verdicts on it, not one"
        reasons = [f"{opinion.verdict}: {opinion.because}" for opinion in opinions]
        because = "\n".join([why, *reasons])
    return Opinion(
        trigger=trigger,
        verdict=verdict,
        because=because[:MAX_REASON],
        change=change[:MAX_REASON],
    )
