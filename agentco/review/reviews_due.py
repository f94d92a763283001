"""Whose review is due for a piece of work."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from agentco.page.sentences import clip_sentence
from agentco.review.triggers import FiredTrigger

T = TypeVar("T", bound=Hashable)

MAX_WORDS = 3
MAX_WORD_LENGTH = 40
"""Characters of a word that a reviewer is told."""
MAX_SENTENCE_LENGTH = 400
"""Characters of a sentence that is kept for the founder."""


class DueReview(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A review by `agent` under a trigger; without one the founder owes it, `owed` says why.

    `sentence` is the one in which the trigger fired first, clipped; reviews that were stored
    before there was one have none. `again` where there is a verdict, but on another text than
    this one.
    """

    trigger: str
    agent: str = ""
    words: tuple[str, ...] = ()
    line: int = 0
    sentence: str = ""
    owed: str = ""
    again: bool = False


def unite_triggers(rows: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """What is the same under several triggers, once and with their names: it is one review."""
    names: dict[T, dict[str, None]] = {}
    for trigger, same in rows:
        names.setdefault(same, {})[trigger] = None
    for same, triggers in names.items():
        yield ", ".join(triggers), same


def reviews_due(
    fired: Iterable[FiredTrigger],
    chain: Collection[str],
    find_id: Callable[[str], str | None],
    author: str,
) -> tuple[DueReview, ...]:
    """The reviews that fired triggers call for; `find_id` gives the id of an agent by its name.

    The author satisfies, and so does one of `any_of` who is in the chain. Of several, one who
    reviews anyway is asked; an agent that does not exist leaves its review to the founder.
    """
    triggers = tuple(fired)
    due: list[DueReview] = []
    for trigger in triggers:
        for name in trigger.consult:
            agent = find_id(name)
            owed = "" if agent else f"there is no agent {name!r}"
            if agent != author:
                due.append(_due_review(trigger, agent or "", owed))
    for trigger in triggers:
        ids = list(filter(None, map(find_id, trigger.any_of)))
        satisfied = author in ids or not set(chain).isdisjoint(ids)
        if trigger.any_of and not satisfied:
            names = " or ".join(trigger.any_of)
            owed = "" if ids else f"there is no agent {names}"
            due.append(_due_review(trigger, _cheapest_reviewer(ids, due), owed))
    return _without_repeats(due)


def _without_repeats(due: Iterable[DueReview]) -> tuple[DueReview, ...]:
    reviews: dict[tuple[str, str], DueReview] = {}
    for review in due:
        reviews[review.trigger, review.agent] = review
    return tuple(reviews.values())


def _cheapest_reviewer(agents: Sequence[str], due: Iterable[DueReview]) -> str:
    """One who reviews anyway, else the first; empty without any."""
    busy = {review.agent for review in due}
    for agent in agents:
        if agent in busy:
            return agent
    return agents[0] if agents else ""


def _due_review(trigger: FiredTrigger, agent: str, owed: str) -> DueReview:
    review = DueReview(trigger=trigger.trigger, agent=agent, owed=owed)
    return quote_trigger(review, trigger)


def quote_trigger(review: DueReview, trigger: FiredTrigger) -> DueReview:
    """A review with what called for it: the words, their line and their sentence, clipped."""
    words = tuple(word[:MAX_WORD_LENGTH] for word in trigger.words[:MAX_WORDS])
    sentence = clip_sentence(trigger.sentence, "".join(words[:1]), MAX_SENTENCE_LENGTH)
    return replace(review, words=words, line=trigger.line, sentence=sentence)
