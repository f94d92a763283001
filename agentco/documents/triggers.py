"""The table of triggers as JSON."""

from collections.abc import Sequence

from msgspec import convert, to_builtins

from agentco.desk.triggers import TriggerRow
from agentco.kernel.documents import Document, in_dollars, pick_fields
from agentco.overview.trigger_use import AskedReview
from agentco.review.triggers import listed_words

LAST_REVIEWS = 10


def trigger_document(row: TriggerRow) -> Document:
    """A trigger with what it came to; `words` is how many it has."""
    trigger, use = row.trigger, row.use
    return {
        "name": trigger.name,
        "from": trigger.from_,
        "public": trigger.public,
        "consult": trigger.consult,
        "any_of": trigger.any_of,
        "words": len(listed_words(trigger)),
        "on": row.is_on,
        "own": row.is_own,
        "reviews": len(use.reviews),
        "changed": use.changed,
        "owed": use.owed,
        "waived": use.waived,
        "cost_usd": in_dollars(use.usd),
    }


def triggers_document(rows: Sequence[TriggerRow], *, detailed: bool) -> Document:
    """The document of `triggers --json`; `detailed` tells also what is in them, and of reviews."""
    documents: list[Document] = []
    for row in rows:
        document = trigger_document(row)
        if detailed:
            reviews = row.use.reviews[:LAST_REVIEWS]
            document["settings"] = trigger_settings(row)
            document["last_reviews"] = [*map(asked_review_document, reviews)]
        documents.append(document)
    return {"triggers": documents}


def trigger_settings(row: TriggerRow) -> dict[str, list[str]]:
    """The lists of a trigger that are not empty, under the keys of the settings."""
    settings: dict[str, object] = to_builtins(row.trigger)
    lists: dict[str, list[str]] = {}
    for key, values in settings.items():
        if isinstance(values, list | tuple) and values:
            lists[key] = convert(values, list[str])
    return lists


def asked_review_document(review: AskedReview) -> Document:
    """One review."""
    return {
        **pick_fields(review, "run", "of", "started", "author", "agent"),
        **pick_fields(review, "verdict", "because", "changed"),
        "cost_usd": in_dollars(review.usd),
    }
