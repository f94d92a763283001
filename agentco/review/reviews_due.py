"""Whose review is due for a piece of work."""

from collections.abc import Callable, Collection, Iterable, Iterator

from msgspec import Struct

from agentco.review.triggers import FiredTrigger

MAX_WORDS, MAX_WORD_LENGTH = 3, 40


class DueReview(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One review: `agent` reviews under a trigger. Without an agent the founder does; `owed` says why."""

    trigger: str
    agent: str = ""
    words: tuple[str, ...] = ()
    line: int = 0
    owed: str = ""


def reviews_due(
    fired: Iterable[FiredTrigger],
    chain: Collection[str],
    known: Callable[[str], str | None],
    author: str,
) -> tuple[DueReview, ...]:
    """The reviews that fired triggers call for; `known` gives the id of an agent by its name.

    The author satisfies, and so does one of `any_of` who is in the chain. Of several, one who reviews
    anyway is asked; an agent that does not exist leaves its review to the founder.
    """
    fired = tuple(fired)
    found = [
        one
        for trigger in fired
        for one in _required_reviews(trigger, known)
        if one.agent != author
    ]
    for trigger in (t for t in fired if t.any_of):
        ids = [name for each in trigger.any_of if (name := known(each))]
        if author in ids or any(name in chain for name in ids):
            continue
        busy = {one.agent for one in found}
        agent = next((name for name in ids if name in busy), ids[0] if ids else "")
        found.append(
            _due_review(
                trigger,
                agent,
                "" if ids else f"there is no agent {' or '.join(trigger.any_of)}",
            )
        )
    return tuple({(one.trigger, one.agent): one for one in found}.values())


def _required_reviews(
    trigger: FiredTrigger, known: Callable[[str], str | None]
) -> Iterator[DueReview]:
    for name in trigger.consult:
        agent = known(name) or ""
        yield _due_review(
            trigger, agent, "" if agent else f"there is no agent {name!r}"
        )


def _due_review(trigger: FiredTrigger, agent: str, owed: str) -> DueReview:
    words = tuple(word[:MAX_WORD_LENGTH] for word in trigger.words[:MAX_WORDS])
    return DueReview(
        trigger=trigger.trigger, agent=agent, words=words, line=trigger.line, owed=owed
    )
