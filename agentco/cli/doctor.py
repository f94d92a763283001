"""`agentco doctor`: what is configured, reachable, priced, locked and full."""

from textwrap import fill
from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption
from agentco.terminal import screen
from agentco.terminal.local_time import local_text
from agentco.upkeep.doctor import HealthCheck, examine, exit_code

STATUS_STYLES = {
    "ok": screen.Style.PLAIN,
    "warn": screen.Style.SOON,
    "wrong": screen.Style.URGENT,
}
MARGIN = 15
LIVE_HELP = "Ask each model to say ok, which costs a little."
LiveOption = Annotated[bool, typer.Option("--live", help=LIVE_HELP)]
RESTORE_HELP = "Restore the last backup of a lost or damaged state."
RestoreOption = Annotated[bool, typer.Option("--restore", help=RESTORE_HELP)]


def doctor(
    with_calls: LiveOption = False,
    restore: RestoreOption = False,
    as_json: JsonOption = False,
) -> None:
    """Check everything agentco needs: files, trust, models, runs, locks, disk.

    Calls no model and costs nothing: each address only has to accept a connection. With --live
    each model answers with a few tokens, reserved and paid for like all work. Exit code 3 for
    problems with company files, 4 if no model can be called, 5 for state, locks and disk, else
    0.

    Examples:
      agentco doctor
      agentco doctor --live
      agentco doctor --restore
    """
    company = current_company.open_current()
    if restore:
        made = f"{company.state.restore():%Y-%m-%d %H:%M} UTC"
        told = f"restored as of {made}; what happened since then is lost"
        screen.print_note(local_text(told))
    checks = examine(company, company.machine(), with_calls=with_calls)
    if as_json:
        screen.print_json({"checks": to_builtins(checks)})
    else:
        for check in checks:
            print_check(check)
    raise typer.Exit(exit_code(checks))


def print_check(check: HealthCheck) -> None:
    """Print how one thing stands, and what to do about it."""
    line = f"{check.status:<6}{check.name:<9}{local_text(check.what)}"
    width = screen.terminal_width()
    text = fill(line, width, subsequent_indent=" " * MARGIN)
    screen.print_text(text, STATUS_STYLES[check.status])
    if check.hint:
        screen.print_text(f"{'':{MARGIN}}→ {check.hint}", screen.Style.DIM)
