"""`agentco costs`: what was spent on what, with the ledger's own sums."""

from typing import TYPE_CHECKING, Annotated

import typer

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption
from agentco.desk.controls import sum_costs
from agentco.documents.controls import costs_document
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen
from agentco.terminal.costs_screen import print_costs

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany

BY_AGENT = "agent"
EXIT_DIFFERENT = 1
CHECK_HELP = "Compare a provider's export of usage or cost."
CheckOption = Annotated[
    str | None, typer.Option("--check", metavar="FILE.csv", help=CHECK_HELP)
]


def costs(
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="KEY", help="Group by agent, model, prompt or day."
        ),
    ] = BY_AGENT,
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Only the last N days.")
    ] = None,
    check: CheckOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show spending by agent, model, prompt or day; calls in doubt count as spent.

    What a plan answered stands at the list price of the same model, and apart. With --check a
    provider's CSV export of usage or cost is compared with it, by UTC day and model: exit code
    1 if a figure is off by more than 2% (and a cent), or a model is on one side only.

    Examples:
      agentco costs
      agentco costs --by day --days 30
      agentco costs --check openai-usage.csv
    """
    company = current_company.open_current()
    if check is not None:
        if days is not None or by != BY_AGENT:
            what = "--check compares every day of the file, by day and model"
            raise WrongUsage(what, hint="leave out --by and --days")
        _check(company, check, as_json=as_json)
        return
    found = sum_costs(company, by, days)
    if as_json:
        screen.print_json(costs_document(found))
    else:
        print_costs(found)


def _check(company: "OpenCompany", name: str, *, as_json: bool) -> None:
    """Print an export beside the ledger; raises typer.Exit where they differ."""
    from agentco.documents.cost_check import cost_check_document
    from agentco.terminal.cost_check_screen import print_cost_check
    from agentco.upkeep.cost_check import check_costs

    found = check_costs(company, name)
    if as_json:
        screen.print_json(cost_check_document(found))
    else:
        print_cost_check(found)
    if found.differences:
        raise typer.Exit(EXIT_DIFFERENT)
