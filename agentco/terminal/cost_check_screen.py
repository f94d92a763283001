"""`agentco costs --check FILE`: a provider's export beside the ledger."""

from agentco.kernel.money import format_dollars
from agentco.kernel.words import count_of
from agentco.terminal import screen
from agentco.upkeep.cost_check import CheckedAmount, CostCheck

NAMES = {"usd": "cost", "input": "tokens in", "output": "tokens out"}


def print_cost_check(found: CostCheck) -> None:
    """Print a line for each model and figure, the models of a day below it."""
    headings = ["day (UTC)", "", "theirs", "ours", "difference"]
    has_stated = any(row.stated is not None for row in found.rows)
    if has_stated:
        headings.append("answers say")
    rows: list[list[str]] = []
    day = ""
    for row in found.rows:
        if row.day != day:
            day = row.day
            rows.append([day, *[""] * (len(headings) - 1)])
        name = f"  {row.model}"
        for measure in found.measures:
            figures = _figures(row, measure)
            if has_stated:
                figures.append(_stated(row, measure))
            rows.append([name, NAMES[measure], *figures])
            name = ""
    screen.print_table(headings, rows)
    whose = f"{found.provider}: " if found.provider else ""
    days = found.first
    if found.last != found.first:
        days = f"{found.first} to {found.last}"
    lines = count_of(len(found.rows), "line")
    differ = "differs" if found.differences == 1 else "differ"
    if not found.differences:
        line = f"{whose}{days}, all within 2% or a cent"
    else:
        line = f"{whose}{days}, {found.differences} of {lines} {differ}"
    screen.print_text(line)


def _figures(row: CheckedAmount, measure: str) -> list[str]:
    """Theirs, ours, and how much more theirs is, with what is wrong with that."""
    theirs, ours = row.pair(measure)
    more = theirs - ours
    sign = "-" if more < 0 else "+" if more else ""
    if measure == "usd":
        shown = [format_dollars(amount) for amount in (theirs, ours, abs(more))]
    else:
        shown = [f"{count:,}" for count in (theirs, ours, abs(more))]
    theirs_shown, ours_shown, more_shown = shown
    absent = "-"
    return [
        theirs_shown if row.theirs else absent,
        ours_shown if row.ours else absent,
        f"{sign}{more_shown} {row.mark(measure)}".rstrip(),
    ]


def _stated(row: CheckedAmount, measure: str) -> str:
    """The cost by what the answers said; empty for tokens, and where no answer said any."""
    if measure != "usd" or row.stated is None:
        return ""
    return format_dollars(row.stated)
