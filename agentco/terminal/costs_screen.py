"""What was spent, as a table with bars."""

from agentco.desk.controls import Costs, is_stated_otherwise
from agentco.kernel.money import format_dollars
from agentco.terminal import screen

BAR_WIDTH = 12


def print_costs(found: Costs) -> None:
    """One line for each key, with a bar against the largest.

    In its place stand the part of a plan, and what the answers say, where it is something else.
    """
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
    more = _more_columns(found)
    if more:  # a terminal has no room for the bar beside them
        headings[-1:] = more
        columns = zip(*more.values(), strict=True)
        for line, shown in zip(cells, columns, strict=True):
            line[-1:] = shown
    screen.print_table(headings, cells)
    screen.print_text(f"{format_dollars(found.total)} in all")
    if found.plan:
        paid = format_dollars(found.total - found.plan)
        plan = format_dollars(found.plan)
        screen.print_text(f"of it {paid} paid, {plan} at list price (plan)")
    if found.by_answers is not None:
        said = format_dollars(found.by_answers)
        screen.print_text(f"{said} by what the answers themselves say they cost")


def _more_columns(found: Costs) -> dict[str, list[str]]:
    """The columns that are shown only where they say something, by their headings."""
    columns: dict[str, list[str]] = {}
    if found.plan:
        columns["of it plan"] = [
            format_dollars(row.plan_usd) if row.plan_usd else "" for row in found.rows
        ]
    if found.by_answers is not None:
        columns["answers say"] = [
            format_dollars(row.usd_by_answers or 0) if is_stated_otherwise(row) else ""
            for row in found.rows
        ]
    return columns
