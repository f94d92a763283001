"""`agentco triggers`: which words call for whose review, and which of them earn their keep."""

from collections.abc import Sequence
from typing import Annotated

import typer

from agentco.cli import current_company, screen
from agentco.cli.memory_read import parse_since
from agentco.cli.shared_options import JsonOption
from agentco.desk.triggers import TriggerRow, list_triggers
from agentco.documents.triggers import LAST_REVIEWS, trigger_settings, triggers_document
from agentco.kernel.money import format_dollars
from agentco.review.triggers import listed_words

WHERE = {None: "all", True: "public", False: "internal"}
Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this one.")]
SINCE_HELP = "Work begun since; 30d: in the last 30 days."
Since = Annotated[str | None, typer.Option(metavar="DATE", help=SINCE_HELP)]


def triggers(
    name: Name = None, since: Since = None, as_json: JsonOption = False
) -> None:
    """Show which words call for whose review, how often each did, and what came of it.

    Asked: reviews that were asked for under it. Changed: how many of them had the author change the
    text. Owed: nobody could give them. Waived: you let them go. With a name: its words, and its
    last ten reviews.

    Examples:
      agentco triggers
      agentco triggers --since 30d
      agentco triggers legal
    """
    company = current_company.open_current()
    start = None if since is None else parse_since(since, company)
    rows = list_triggers(company, name, since=start)
    if as_json:
        screen.print_json(triggers_document(rows, detailed=name is not None))
        return
    print_rules(rows)
    if name is not None:
        print_details(rows[0])


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


def print_details(row: TriggerRow) -> None:
    """Print what is in a trigger, and its last reviews."""
    for key, values in trigger_settings(row).items():
        screen.print_text(f"{key}: {', '.join(values)}")
    for review in row.use.reviews[:LAST_REVIEWS]:
        changed = ", changed the text" if review.changed else ""
        what = f"{review.verdict or 'no verdict'}{changed}"
        who = f"{review.started[:10]} {review.run}: {review.agent} of {review.author}"
        cost = format_dollars(review.usd)
        screen.print_text(f"{who}: {what}, {cost} {review.because}".rstrip())
