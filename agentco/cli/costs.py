"""`agentco costs`: what was spent on what, with the ledger's own sums."""

from datetime import timedelta
from typing import Annotated

import typer
from msgspec.structs import asdict

from agentco.adapters.state import report_queries
from agentco.cli import screen
from agentco.cli.shared_options import JsonOption
from agentco.cli.state_access import read_state
from agentco.desk import current_company
from agentco.kernel.errors import WrongUsage
from agentco.kernel.money import format_dollars

BAR_WIDTH = 12


def costs(
    by: Annotated[
        str, typer.Option("--by", metavar="KEY", help="agent, model, prompt or day.")
    ] = "agent",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Only the last so many days.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was spent, by agent, model, prompt or day; calls in doubt count as spent.

    Examples:
      agentco costs
      agentco costs --by day --days 30
    """
    if by not in report_queries.GROUP_COLUMNS:
        raise WrongUsage(
            f"costs by {by!r} are not kept",
            hint=f"--by {', '.join(report_queries.GROUP_COLUMNS)}",
        )
    since = (
        (current_company.today() - timedelta(days=days - 1)).isoformat() if days else ""
    )
    rows = read_state(lambda tx: report_queries.sum_costs(tx, by, since=since), [])
    total = sum(row.usd for row in rows)
    if as_json:
        found = [
            asdict(row) | {"cost_usd": row.usd / 1e6, "usd": row.usd / 1e6}
            for row in rows
        ]
        screen.print_json({"total_usd": total / 1e6, "by": by, "rows": found})
        return
    if not rows:
        screen.print_text("nothing was spent yet")
        return
    most = max(row.usd for row in rows) or 1
    cells: list[list[str]] = []
    for row in rows:
        counts = (
            f"{count:,}" for count in (row.calls, row.input_tokens, row.output_tokens)
        )
        bar = "█" * max(round(row.usd / most * BAR_WIDTH), row.usd > 0)
        cells.append(
            [row.key or "(asked directly)", *counts, format_dollars(row.usd), bar]
        )
    screen.print_table([by, "calls", "tokens in", "tokens out", "cost", ""], cells)
    screen.print_text(f"{format_dollars(total)} in all")
