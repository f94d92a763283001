"""The one form in which a department asks another for its verdict."""

from collections.abc import Iterable

from msgspec import Struct

from agentco.kernel import package_data
from agentco.review.reviews_due import DueReview, unite_triggers

REQUEST_FORM = package_data.load_text(__name__)
NOTES_FORM = """

Its author's notes to the founder, which do not go out:

<notes>
{notes}
</notes>"""


class ReviewRequest(Struct, frozen=True, kw_only=True):
    """What a reviewer is asked; `context` says what went before.

    `task`, `draft` and `notes` are quoted by whoever makes it.
    """

    author: str
    chain: tuple[str, ...]
    task: str
    did: str
    due: tuple[DueReview, ...]
    context: str
    draft: str
    notes: str = ""


def format_request(request: ReviewRequest) -> str:
    """The request as the reviewer reads it."""
    notes = NOTES_FORM.format(notes=request.notes) if request.notes else ""
    called = unite_triggers(
        (review.trigger, describe_trigger(review.words, review.line))
        for review in request.due
    )
    return REQUEST_FORM.format(
        author=request.author,
        chain=" → ".join(request.chain),
        task=request.task,
        did=request.did,
        asked="\n".join(f"- {triggers}: {why}" for triggers, why in called),
        context=request.context,
        triggers=", ".join(review.trigger for review in request.due),
        draft=request.draft,
        notes=notes,
    )


def describe_trigger(words: Iterable[str], line: int) -> str:
    """What called for a review, in words."""
    named = ", ".join(f'"{word}"' for word in words)
    if not named:
        return "a colleague asked for it"
    return f"{named} in line {line}" if line else f"{named} in the task"
