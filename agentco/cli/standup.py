"""`agentco standup`: the day plan on one screen, or whole."""

from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, YesOption
from agentco.day.report import StandupReport
from agentco.desk.open_company import OpenCompany
from agentco.desk.standup import Standup, hold_standup
from agentco.kernel.date_words import date_from_words
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen
from agentco.terminal.delegation_offer import delegate_tasks
from agentco.terminal.standup_screen import (
    print_delegations,
    print_full_plan,
    print_plan,
)

FAILED_STATUSES = {"blocked", "refused", "out-of-budget", "failed", "cancelled"}
"""How delegated work may have ended without its result."""


DateOption = Annotated[
    str | None,
    typer.Option(
        "--date",
        metavar="DATE",
        help="Show the plan as of the end of that day; a future day changes nothing.",
    ),
]
TomorrowOption = Annotated[
    bool, typer.Option("--tomorrow", help="Show what tomorrow looks like from here.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Do not change any file.")
]
FULL_HELP = "Show the whole plan, with sources, rules and every command."
FullOption = Annotated[bool, typer.Option("--full", "--all", help=FULL_HELP)]
PagerOption = Annotated[
    bool, typer.Option("--no-pager", help="Never show the whole plan in a pager.")
]
DelegateOption = Annotated[
    bool | None,
    typer.Option(
        "--delegate/--no-delegate",
        help="Offer to delegate what is due to its owners, with what it may cost.",
    ),
]


def standup(
    day: DateOption = None,
    tomorrow: TomorrowOption = False,
    dry_run: DryRunOption = False,
    full: FullOption = False,
    no_pager: PagerOption = False,
    delegate: DelegateOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show today's plan on one screen: what is late, what is due, what waits for you.

    Reads the board, memory, schedules and company files. Calls no model and costs nothing.
    Keeps the plan for a week and counts newly missed dates on the board. --delegate asks
    whether the due tasks go to their owners; a pipe means no, --yes means yes. The exit code is 1
    when everything that was delegated ended without a result.

    Examples:
      agentco standup
      agentco standup --full
      agentco standup --tomorrow
      agentco standup --delegate
    """
    if tomorrow and day:
        raise WrongUsage("--tomorrow and --date at once", hint="give one of them")
    company = current_company.open_current()
    words = "tomorrow" if tomorrow else day
    wanted = date_from_words(words, company.today()) if words else None
    held = hold_standup(company, day=wanted, dry_run=dry_run)
    report = held.report
    notes = standup_notes(company, held)
    for note in notes:
        screen.print_note(note)
    if full and not as_json:
        print_full_plan(report, paged=not no_pager)
    elif not as_json:
        print_plan(report, notes=len(notes))
    wants = company.settings.company.offer_delegation and not as_json
    may_delegate = company.files.is_adopted and not (words or dry_run or held.broken)
    if may_delegate and (delegate or (wants and delegate is None)):
        report = delegate_tasks(
            company, report, is_wanted=bool(delegate), yes=yes, as_json=as_json
        )
    if as_json:
        screen.print_json(to_builtins(report))
    elif report.delegations:
        print_delegations(report)
    if held.broken:
        raise typer.Exit(screen.print_error(held.broken, as_json=False))
    raise typer.Exit(exit_code(report))


def exit_code(report: StandupReport) -> int:
    """1 when everything that was delegated ended without a result."""
    statuses = {result.status for result in report.delegations}
    return 1 if statuses and statuses <= FAILED_STATUSES else 0


def standup_notes(company: OpenCompany, held: Standup) -> list[str]:
    """What the founder should know before the plan, a line each."""
    notes = list[str]()
    if held.is_future:
        day = held.report.date
        notes.append(f"note: {day} as it looks today; nothing is counted or stored")
    if not company.files.is_adopted:
        notes.append(
            "note: nothing is written here until agentco init has adopted the folder"
        )
    return notes
