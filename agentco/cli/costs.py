"""`agentco costs`: what was spent on what, with the ledger's own sums."""

from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption
from agentco.desk.controls import Costs, sum_costs
from agentco.documents.controls import costs_document
from agentco.kernel.money import format_dollars
from agentco.terminal import screen

BAR_WIDTH = 12


def costs(
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="KEY", help="Group by agent, model, prompt or day."
        ),
    ] = "agent",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Only the last N days.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show spending by agent, model, prompt or day; calls in doubt count as spent.

    What a plan answered stands at the list price of the same model, and apart.

    Examples:
      agentco costs
      agentco costs --by day --days 30
    """
    found = sum_costs(current_company.open_current(), by, days)
    if as_json:
        screen.print_json(costs_document(found))
        return
    if not found.rows:
        screen.print_text("nothing was spent yet")
        return
    print_costs(found)


def print_costs(found: Costs) -> None:
    """One line for each key, with a bar against the largest, or the part of a plan."""
    largest = max(row.usd for row in found.rows) or 1
    cells: list[list[str]] = []
    for row in found.rows:
        width = max(round(row.usd / largest * BAR_WIDTH), int(row.usd > 0))
        cells.append(
            [
                row.key or "(asked directly)",
                f"{row.calls:,}",
                f"{row.input_tokens:,}",
                f"{row.output_tokens:,}",
                format_dollars(row.usd),
                "█" * width,
            ]
        )
    headings = [found.by, "calls", "tokens in", "tokens out", "cost", ""]
    if found.plan:
        headings[-1] = "of it plan"  # a terminal has no room for the bar beside it
        for row, line in zip(found.rows, cells, strict=True):
            line[-1] = format_dollars(row.plan_usd) if row.plan_usd else ""
    screen.print_table(headings, cells)
    screen.print_text(f"{format_dollars(found.total)} in all")
    if found.plan:
        paid = format_dollars(found.total - found.plan)
        plan = format_dollars(found.plan)
        screen.print_text(f"of it {paid} paid, {plan} at list price (plan)")
