"""`agentco up`, `down` and `status`: the company day and night."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.doors import doors_of
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.desk.company_status import NAMELESS, daemon_line, load_status
from agentco.desk.open_company import OpenCompany
from agentco.documents.status import status_document
from agentco.kernel.errors import Locked, StateBroken
from agentco.terminal import screen
from agentco.terminal.daemon_screen import open_screen
from agentco.terminal.local_time import local_text
from agentco.upkeep.service_unit import service_unit

WAIT_TIMEOUT_S = 30.0
POLL_S = 0.05
LOG_PATH = ".agentco/up.log"

DETACH_HELP = "Run in the background; the log is .agentco/up.log."
DetachOption = Annotated[bool, typer.Option("--detach", help=DETACH_HELP)]
TAKE_OVER_HELP = "Run it here, although it last ran on another machine."
TakeOverOption = Annotated[bool, typer.Option("--take-over", help=TAKE_OVER_HELP)]
UNIT_HELP = "Print a systemd user unit that runs the company."
UnitOption = Annotated[bool, typer.Option("--print-unit", help=UNIT_HELP)]


def up(
    ctx: typer.Context,
    detach: DetachOption = False,
    take_over: TakeOverOption = False,
    print_unit: UnitOption = False,
) -> None:
    """Run the company: schedules, departments and interrupted work.

    Runs until agentco down or Ctrl-C, and costs nothing while nothing happens. What needs you
    waits in the inbox; everything else continues. Edits to company files apply from the next
    run; broken edits are reported and ignored.

    Examples:
      agentco up
      agentco up --detach
      agentco up --print-unit > ~/.config/systemd/user/agentco.service
    """
    company = current_company.open_writable()
    company.require_trust()
    if print_unit:
        screen.print_text(service_unit(company))
        return
    if detach:
        start_detached(company, take_over=take_over)
        return
    stay_up = doors_of(ctx).stay_up
    with company.duty().become(take_over=take_over) as ready:
        raise typer.Exit(stay_up(company, open_screen(current_company.now), ready))


def down(as_json: JsonOption = False) -> None:
    """Stop the daemon: nothing new starts, running work gets ten seconds, nothing is lost.

    Examples:
      agentco down
    """
    duty = current_company.open_current().duty()
    daemon = duty.running()
    if daemon is None:
        document = {"up": False, "was": None}
        print_answer(document, "agentco was not running", as_json=as_json)
        return
    if not daemon.pid:  # 0 would end our own process group
        hint = "pgrep -f 'agentco.* up' finds it; end it with kill"
        raise Locked(f"agentco is {NAMELESS}", hint=hint)
    os.kill(daemon.pid, signal.SIGTERM)
    if not wait_until(lambda: duty.running() is None):
        hint = f"kill -9 {daemon.pid}; the next agentco up goes on"
        raise Locked(f"process {daemon.pid} does not end", hint=hint)
    document = {"up": False, "was": daemon.pid}
    print_answer(document, f"process {daemon.pid} has ended", as_json=as_json)


def status(as_json: JsonOption = False) -> None:
    """Show whether the daemon runs, current work, spending, and what is next.

    Examples:
      agentco status
      agentco status --json
    """
    company = current_company.open_current()
    daemon = company.duty().running()
    found = load_status(company)
    document = status_document(daemon, found)
    lines = (daemon_line(daemon), *found.text_lines())
    print_answer(document, local_text("\n".join(lines)), as_json=as_json)


def start_detached(company: OpenCompany, *, take_over: bool) -> None:
    """Start the daemon in the background, and return once it is up.

    Ends with its exit code if it does not come up.
    """
    root = str(company.root)
    command = [sys.executable, "-P", "-m", "agentco", "--company", root, "up"]
    if take_over:
        command.append("--take-over")
    duty = company.duty()
    with duty.open_log() as log:
        start = log.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def is_up_or_over() -> bool:
        daemon = duty.running()
        is_up = daemon is not None and daemon.pid == process.pid and daemon.since
        return bool(is_up) or process.poll() is not None

    if not wait_until(is_up_or_over) or process.poll() is not None:
        data = (company.root / LOG_PATH).read_bytes()[start:]
        screen.print_note(data.decode("utf-8", "replace").strip())
        raise typer.Exit(process.poll() or StateBroken.exit_code)
    where = f"process {process.pid}, log in {LOG_PATH}"
    screen.print_text(f"up: {where}; agentco down ends it")


def wait_until(is_true: Callable[[], bool]) -> bool:
    """Look again and again until something is true; False if it never came.

    A daemon in the background has no channel to say that it is up.
    """
    end = time.monotonic() + WAIT_TIMEOUT_S
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(POLL_S)
    return is_true()
