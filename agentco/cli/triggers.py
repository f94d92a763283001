"""`agentco triggers`: which words call for whose review, and which of them earn their keep."""

from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.memory_read import parse_since
from agentco.cli.shared_options import JsonOption
from agentco.desk.triggers import list_triggers
from agentco.documents.triggers import triggers_document
from agentco.terminal import screen, trigger_screen

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this one.")]
SINCE_HELP = "Only work started since then; 30d means the last 30 days."
Since = Annotated[str | None, typer.Option(metavar="DATE", help=SINCE_HELP)]


def triggers(
    name: Name = None, since: Since = None, as_json: JsonOption = False
) -> None:
    """Show which triggers call for which review, how often each fired, and what came of it.

    Asked: reviews requested by this trigger. Changed: reviews after which the author changed
    the text. Owed: reviews nobody could do. Waived: reviews you skipped. With a name: its words
    and last ten reviews.

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
    trigger_screen.print_rules(rows)
    if name is not None:
        trigger_screen.print_details(rows[0], company.zone)
