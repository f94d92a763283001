"""What was spent, as a table with bars."""

from agentco.desk.controls import Costs
from agentco.kernel.money import format_dollars
from agentco.terminal import screen

BAR_WIDTH = 12


def print_costs(found: Costs) -> None:
    """One line for each key, with a bar against the largest, or the part of a plan."""
    if not found.rows:
        screen.print_text("nothing was spent yet")
        return
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
