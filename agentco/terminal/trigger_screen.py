"""Triggers on the screen: their words, what came of them, and their last reviews."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from agentco.desk.triggers import TriggerRow
from agentco.documents.triggers import LAST_REVIEWS, trigger_settings
from agentco.kernel.money import format_dollars
from agentco.review.triggers import listed_words
from agentco.terminal import screen
from agentco.terminal.local_time import local_day

WHERE = {None: "all", True: "public", False: "internal"}


def print_rules(rows: Sequence[TriggerRow]) -> None:
    """Print which words call for whose review, then what came of those that did."""
    cells: list[list[str]] = []
    used: list[list[str]] = []
    for row in rows:
        trigger, use = row.trigger, row.use
        who = (", ".join(trigger.consult), " or ".join(trigger.any_of))
        words = f"{len(listed_words(trigger)):,}" if row.is_on else "off"
        authors = ", ".join(trigger.from_) or "all"
        where = WHERE[trigger.public]
        cells.append(
            [trigger.name, authors, where, "; ".join(filter(None, who)), words]
        )
        counts = (len(use.reviews), use.changed, use.owed, use.waived)
        if any(counts):
            used.append([trigger.name, *map(str, counts), format_dollars(use.usd)])
    screen.print_table(["trigger", "from", "text", "who reviews", "words"], cells)
    if used:
        columns = ["trigger", "asked", "changed", "owed", "waived", "cost"]
        screen.print_table(columns, used)
    else:
        screen.print_text("no review was asked for")


def print_details(row: TriggerRow, zone: ZoneInfo) -> None:
    """Print what is in a trigger, and its last reviews."""
    for key, values in trigger_settings(row).items():
        screen.print_text(f"{key}: {', '.join(values)}")
    for review in row.use.reviews[:LAST_REVIEWS]:
        changed = ", changed the text" if review.changed else ""
        what = f"{review.verdict or 'no verdict'}{changed}"
        who = f"{local_day(review.started, zone)} {review.run}: {review.agent} of {review.author}"
        cost = format_dollars(review.usd)
        screen.print_text(f"{who}: {what}, {cost} {review.because}".rstrip())
