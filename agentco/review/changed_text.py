"""What a revision brought: the sentences of a draft that the one before did not have."""

from collections.abc import Iterable

from msgspec.structs import replace

from agentco.company.settings import Trigger
from agentco.page.sentences import Sentence, split_sentences
from agentco.review.reviews_due import DueReview, quote_trigger
from agentco.review.triggers import FiredTrigger, fired_triggers, fired_within


def review_of_new_sentences(
    review: DueReview,
    before: str,
    after: str,
    triggers: Iterable[Trigger],
    author: str,
    *,
    public: bool,
) -> DueReview | None:
    """The review again, where a new sentence fires its trigger; None where none does.

    Of a review that no word called for, any new sentence may be the matter.
    """
    added = added_sentences(before, after)
    parts = [(sentence.start, sentence.end) for sentence in added]
    for trigger in triggers:
        if trigger.name != review.trigger or not parts:
            continue
        fired = _fired_in(added, trigger, author, public=public)
        fired = fired or fired_within(after, trigger, parts, author, public=public)
        if fired:
            return replace(quote_trigger(review, fired), again=True)
    return replace(review, again=True) if added and not review.words else None


def _fired_in(
    added: Iterable[Sentence], trigger: Trigger, author: str, *, public: bool
) -> FiredTrigger | None:
    """What a trigger finds in the first of these sentences in which it fires by itself."""
    for sentence in added:
        fired = fired_triggers(sentence.text, [trigger], author=author, public=public)
        for one in fired:
            return replace(one, line=sentence.line + one.line - 1)
    return None


def added_sentences(before: str, after: str) -> tuple[Sentence, ...]:
    """The sentences of `after` that are not word for word in `before`, in their order.

    Under a heading that `before` did not have them under, they say something else.
    """
    headings: dict[tuple[str, ...], set[str]] = {}
    for sentence in split_sentences(before):
        headings.setdefault(sentence.key, {""}).add(sentence.heading)
    return tuple(
        sentence
        for sentence in split_sentences(after)
        if sentence.heading not in headings.get(sentence.key, ())
    )
