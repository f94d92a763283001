"""`agentco standup`: the day plan on one screen."""

from datetime import datetime
from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company, screen
from agentco.cli.date_input import parse_date as named
from agentco.cli.shared_options import JsonOption
from agentco.cli.standup_screen import print_delegations, print_plan
from agentco.desk.open_company import OpenCompany
from agentco.engine.standup import end_of_day, run_standup, save_standup

FAILED_STATUSES = {"blocked", "refused", "out-of-budget", "failed", "cancelled"}
"""How delegated work may have ended without its result."""


def standup(
    day: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="Look back to its end.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change no file.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show the whole plan, however long.")
    ] = False,
    delegate: Annotated[
        bool | None,
        typer.Option(
            "--delegate/--no-delegate",
            help="Give what is due to its owners, or do not ask.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show today's ranked plan, with the source and the rule of every line.

    It reads the board, the memory, the schedules and the company's files, wakes no model and costs
    nothing. The plan is remembered for a week and newly missed dates are counted on the board.
    At a terminal it asks whether the tasks that are due shall go to their departments; a pipe says no.
    When all that was delegated ended without its result, the exit code is 1.

    Examples:
      agentco standup
      agentco standup --delegate
      agentco standup --dry-run --json
    """
    edges = current_company.edges()
    report = run_standup(edges, moment=plan_moment(day, edges))
    broken = None
    if not edges.files.is_adopted:
        screen.print_note(
            "note: nothing is written here before agentco init has adopted the folder"
        )
    elif not dry_run:
        report, broken = save_standup(edges, report, at=current_company.now())
    if not as_json:
        print_plan(report, everything=everything)
    asks = delegate is None and not as_json and screen.at_terminal()
    if (delegate or asks) and edges.files.is_adopted and not (day or dry_run or broken):
        from agentco.cli.standup_delegation import delegate_due_tasks

        report = delegate_due_tasks(edges, report, sure=bool(delegate))
    if as_json:
        screen.print_json(to_builtins(report))
    else:
        print_delegations(report)
    if broken:
        raise typer.Exit(screen.print_error(broken, as_json=False))
    if report.delegations and all(
        one.status in FAILED_STATUSES for one in report.delegations
    ):
        raise typer.Exit(1)


def plan_moment(day: str | None, edges: OpenCompany) -> datetime:
    """Now, or the end of `--date` in the company's zone."""
    now, zone = (
        current_company.now(),
        edges.files.settings().require_valid().time_zone,
    )
    today = now.astimezone(zone).date()
    wanted = named(day, today) if day else today
    if wanted > today:
        screen.print_note(f"note: {wanted} has not come yet, so this is today")
    return end_of_day(wanted, zone, now)
