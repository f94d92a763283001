"""`agentco standup`: the day plan on one screen."""

from datetime import datetime
from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import screen
from agentco.cli.dates import day as named
from agentco.cli.options import Json
from agentco.cli.standup_screen import end, show
from agentco.desk import current_company
from agentco.engine.standup import day_end, stand_up, write_down
from agentco.wiring import Edges

ENDED = {"blocked", "refused", "out-of-budget", "failed", "cancelled"}
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
    as_json: Json = False,
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
    report = stand_up(edges, moment=moment_of(day, edges))
    broken = None
    if not edges.company.adopted:
        screen.note(
            "note: nothing is written here before agentco init has adopted the folder"
        )
    elif not dry_run:
        report, broken = write_down(edges, report, at=current_company.now())
    if not as_json:
        show(report, everything=everything)
    asks = delegate is None and not as_json and screen.at_terminal()
    if (delegate or asks) and edges.company.adopted and not (day or dry_run or broken):
        from agentco.cli.delegate import delegated

        report = delegated(edges, report, sure=bool(delegate))
    if as_json:
        screen.document(to_builtins(report))
    else:
        end(report)
    if broken:
        raise typer.Exit(screen.failure(broken, as_json=False))
    if report.delegations and all(one.status in ENDED for one in report.delegations):
        raise typer.Exit(1)


def moment_of(day: str | None, edges: Edges) -> datetime:
    """Now, or the end of `--date` in the company's zone."""
    now, zone = current_company.now(), edges.company.settings().usable().zone
    today = now.astimezone(zone).date()
    wanted = named(day, today) if day else today
    if wanted > today:
        screen.note(f"note: {wanted} has not come yet, so this is today")
    return day_end(wanted, zone, now)
