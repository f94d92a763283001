"""What a revision brought: the sentences of a draft that the one before did not have."""

from collections.abc import Iterable

from msgspec.structs import replace

from agentco.company.settings import Trigger
from agentco.page.sentences import Sentence, split_sentences
from agentco.review.reviews_due import DueReview, quote_trigger
from agentco.review.triggers import fired_triggers


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
    watching = [trigger for trigger in triggers if trigger.name == review.trigger]
    for sentence in added_sentences(before, after):
        fired = fired_triggers(sentence.text, watching, author=author, public=public)
        if fired:
            line = sentence.line + fired[0].line - 1
            return replace(quote_trigger(review, fired[0]), line=line, again=True)
        if not review.words:
            return replace(review, again=True)
    return None


def added_sentences(before: str, after: str) -> tuple[Sentence, ...]:
    """The sentences of `after` that are not word for word in `before`, in their order."""
    known = {sentence.key for sentence in split_sentences(before)}
    return tuple(
        sentence for sentence in split_sentences(after) if sentence.key not in known
    )
