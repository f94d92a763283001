"""`agentco up`, `down` and `status`: the company day and night."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from msgspec import to_builtins

from agentco.cli import current_company, screen
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.desk.company_status import load_status
from agentco.desk.open_company import OpenCompany
from agentco.kernel import package_data
from agentco.kernel.errors import Locked, StateBroken
from agentco.wiring import daemon_ports, duty_of

WAIT_TIMEOUT_S = 30.0
LOG_PATH = ".agentco/up.log"


def up(
    detach: Annotated[
        bool,
        typer.Option(
            "--detach", help="Go on in the background; its log is .agentco/up.log."
        ),
    ] = False,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over", help="Run it here, though it ran on another machine."
        ),
    ] = False,
    print_unit: Annotated[
        bool,
        typer.Option("--print-unit", help="Print a systemd user unit that does this."),
    ] = False,
) -> None:
    """Run the company: schedules, departments, and whatever was interrupted.

    It stays until agentco down or Ctrl-C, and costs nothing while nothing happens. What needs you waits in
    the inbox, and the rest goes on. Edits of the company's files hold from the next run on; broken ones are
    told and change nothing.

    Examples:
      agentco up
      agentco up --detach
      agentco up --print-unit > ~/.config/systemd/user/agentco.service
    """
    edges = current_company.open_writable()
    root = edges.files.root
    if print_unit:
        unit, name = (
            package_data.load_text(__name__, "service"),
            edges.files.settings().require_valid().company.name,
        )
        screen.print_text(
            unit.format(name=name or root.name, root=root, python=sys.executable)
        )
        return
    current_company.open_trusted()
    if detach:
        start_detached(root, take_over=take_over)
        return
    with duty_of(root).become(take_over=take_over) as ready:
        raise typer.Exit(asyncio.run(watch_day(edges, ready)))


def down(as_json: JsonOption = False) -> None:
    """End the daemon: nothing new starts, what is under way has ten seconds, everything is kept.

    Examples:
      agentco down
    """
    company_duty = duty_of(current_company.company_root())
    duty = company_duty.running()
    if duty:
        os.kill(duty.pid, signal.SIGTERM)
        if not wait_until(lambda: company_duty.running() is None):
            raise Locked(
                f"process {duty.pid} does not end",
                hint=f"kill -9 {duty.pid}; the next agentco up goes on",
            )
    said = f"process {duty.pid} has ended" if duty else "agentco was not up"
    print_answer(
        {"up": False, "was": duty.pid if duty else None}, said, as_json=as_json
    )


def status(as_json: JsonOption = False) -> None:
    """Show whether the daemon runs, what goes on, what was spent, and what is next.

    Examples:
      agentco status
      agentco status --json
    """
    duty = duty_of(current_company.company_root()).running()
    found = load_status(current_company.open_current())
    said = (
        f"up since {duty.since}: process {duty.pid} on {duty.host}"
        if duty
        else "not up: agentco up starts it"
    )
    head = {
        "up": bool(duty),
        "pid": duty.pid if duty else None,
        "host": duty.host if duty else None,
    }
    print_answer(
        {**head, "since": duty.since if duty else None, **to_builtins(found)},
        said,
        *found.text_lines(),
        as_json=as_json,
    )


def start_detached(root: Path, *, take_over: bool) -> None:
    """Start the daemon in the background, and return once it is up. Raises StateBroken when it does not come up."""
    log = root / LOG_PATH
    command = [sys.executable, "-P", "-m", "agentco", "--company", str(root), "up"]
    with duty_of(root).open_log() as out:
        start = out.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            [*command, *(["--take-over"] if take_over else [])],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    if (
        not wait_until(lambda: process.poll() is not None or is_up(root, process.pid))
        or process.poll() is not None
    ):
        said = log.read_bytes()[start:].decode("utf-8", "replace").strip()
        screen.print_note(said)
        raise typer.Exit(process.poll() or StateBroken.exit_code)
    screen.print_text(
        f"up: process {process.pid}, log in {LOG_PATH}; agentco down ends it"
    )


def is_up(root: Path, pid: int) -> bool:
    """Whether that process is on duty, and says that it is up."""
    return bool((duty := duty_of(root).running()) and duty.pid == pid and duty.since)


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether something came true in time."""
    until = time.monotonic() + WAIT_TIMEOUT_S
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


async def watch_day(company: OpenCompany, ready: Callable[[str], None]) -> int:
    """Run the company, shown on this terminal, until somebody ends it; the exit code."""
    from agentco.cli.daemon_screen import LiveScreen, LogScreen
    from agentco.daemon.day import run_day

    screen = LiveScreen() if sys.stdout.isatty() else LogScreen()
    return await run_day(company, daemon_ports(company.root), screen, ready)
