"""`agentco standup`: the day plan on one screen."""

from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption
from agentco.day.report import StandupReport
from agentco.desk.open_company import OpenCompany
from agentco.desk.standup import Standup, hold_standup
from agentco.kernel.date_words import date_from_words
from agentco.kernel.money import format_dollars
from agentco.terminal import screen
from agentco.terminal.standup_screen import print_delegations, print_plan

MICRO_PER_CENT = 10_000
FAILED_STATUSES = {"blocked", "refused", "out-of-budget", "failed", "cancelled"}
"""How delegated work may have ended without its result."""


DateOption = Annotated[
    str | None,
    typer.Option(
        "--date", metavar="DATE", help="Show the plan as of the end of that day."
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Do not change any file.")
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Show the whole plan, however long it is.")
]
DelegateOption = Annotated[
    bool | None,
    typer.Option(
        "--delegate/--no-delegate",
        help="Delegate what is due to its owners, or do not ask.",
    ),
]


def standup(
    day: DateOption = None,
    dry_run: DryRunOption = False,
    everything: AllOption = False,
    delegate: DelegateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show today's plan, ranked, with the source and rule behind every line.

    Reads the board, memory, schedules and company files. Calls no model and costs nothing.
    Keeps the plan for a week and counts newly missed dates on the board. At a terminal it
    offers to delegate the tasks that are due; in a pipe it does not. The exit code is 1 when
    everything that was delegated ended without a result.

    Examples:
      agentco standup
      agentco standup --delegate
      agentco standup --dry-run --json
    """
    company = current_company.open_current()
    wanted = date_from_words(day, company.today()) if day else None
    held = hold_standup(company, day=wanted, dry_run=dry_run)
    report = held.report
    print_notes(company, held)
    if not as_json:
        print_plan(report, everything=everything)
    asks = delegate is None and not as_json and screen.at_whole_terminal()
    may_delegate = company.files.is_adopted and not (day or dry_run or held.broken)
    if (delegate or asks) and may_delegate:
        report = delegate_tasks(company, report, is_sure=bool(delegate))
    if as_json:
        screen.print_json(to_builtins(report))
    else:
        print_delegations(report)
    if held.broken:
        raise typer.Exit(screen.print_error(held.broken, as_json=False))
    statuses = {result.status for result in report.delegations}
    if statuses and statuses <= FAILED_STATUSES:
        raise typer.Exit(1)


def print_notes(company: OpenCompany, held: Standup) -> None:
    """Print what the founder should know before the plan."""
    if held.is_future:
        screen.print_note(f"note: {held.day} has not come yet, so this is today")
    if not company.files.is_adopted:
        screen.print_note(
            "note: nothing is written here before agentco init has adopted the folder"
        )


def delegate_tasks(
    company: OpenCompany, report: StandupReport, *, is_sure: bool
) -> StandupReport:
    """Have the due tasks worked on if the founder wants that; return the report."""
    from agentco.desk.delegating import delegate, offer_delegation
    from agentco.terminal.live_draft import LiveDraft

    offer = offer_delegation(company, report)
    if offer.why_not:
        if is_sure:
            screen.print_note(
                f"nothing is delegated, no model is woken: {offer.why_not}"
            )
        return report
    tasks = ", ".join(f"{task.name} to {task.agent.id}" for task in offer.tasks)
    # Rounded up to the cent: what is promised as the most must not be exceeded.
    cents = -(-offer.worst_case // MICRO_PER_CENT)
    most = format_dollars(cents * MICRO_PER_CENT)
    question = f"delegate {tasks} (at most {most})?"
    if not is_sure and not screen.ask_yes_no(question, yes=False):
        return report
    return delegate(company, report, offer, LiveDraft(wanted=False))
