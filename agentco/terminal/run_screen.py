"""A run on the screen: what it was asked, its steps, and what came of it."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agentco.kernel.errors import WrongUsage
from agentco.kernel.money import format_dollars
from agentco.kernel.words import count_of
from agentco.overview.made_files import written_line
from agentco.runs.run import RunPhase
from agentco.terminal import screen
from agentco.terminal.local_time import (
    local_minute,
    local_moment,
    local_text,
    zone_line,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentco.desk.runs import RunDetails, StandingRun, Step

UNDELIVERED = frozenset({RunPhase.BLOCKED, RunPhase.REFUSED, RunPhase.FAILED})
"""How work ends whose files are no more than drafts."""


def print_runs(runs: "Sequence[StandingRun]", zone: ZoneInfo) -> None:
    """Print a table of runs."""
    if not runs:
        screen.print_text('nothing has run yet: agentco ask AGENT "…"')
        return
    rows: list[list[str]] = []
    for standing in runs:
        run = standing.run
        started, cost = local_minute(run.started, zone), format_dollars(run.usd)
        rows.append([run.id, run.agent, standing.status, started, cost, run.title])
    headings = ["run", "agent", "status", "started", "cost", "what"]
    screen.print_table(headings, rows, clip=True)
    screen.print_text(zone_line(zone), screen.Style.DIM)


def print_deliverable(details: "RunDetails") -> None:
    """Print the deliverable alone, as it was written. Raises WrongUsage where there is none."""
    if details.status != "done" or not details.text:
        run = details.run.id
        what = f"run {run} delivered nothing: it is {details.status}"
        raise WrongUsage(what, hint=f"agentco runs show {run} shows what there is")
    screen.print_text(details.text.rstrip("\n"))


def print_details(details: "RunDetails", zone: ZoneInfo, *, full: bool) -> None:
    """Print what a run was asked, its steps, and what came of it."""
    run = details.run
    reason = f": {details.reason}" if details.reason else ""
    heading = local_text(f"{run.id}  {run.agent}  {details.status}{reason}", zone)
    screen.print_text(heading, screen.Style.BOLD)
    cost = format_dollars(run.usd)
    started = local_moment(run.started, zone)
    calls = count_of(run.calls, "call")
    screen.print_text(f"started {started}, {calls}, {cost}")
    if details.restricted:
        lift = f"agentco resume {run.agent}"
        screen.print_text(f"{run.agent} may only read: {details.restricted}: {lift}")
    if details.outside:
        read = f"it read {details.outside}, which you did not write"
        screen.print_text(f"untrusted: {read}")
    screen.print_text(f"\nasked: {details.asked or 'no longer kept'}")
    print_steps(details.steps, full=full)
    for file in details.files:
        screen.print_text(written_line(file))
    if details.files and details.run.phase in UNDELIVERED:
        back = f"agentco undo {details.run.id} takes it back"
        screen.print_text(f"what it wrote is a draft: nothing was delivered; {back}")
    if details.text and details.status == "done":
        screen.print_markdown(details.text)
        if details.notes:
            screen.print_note(f"notes:\n{details.notes}")
    elif details.text:
        screen.print_text("held back, the unfinished answer:")
        screen.print_text(details.text)


def print_steps(steps: "tuple[Step, ...]", *, full: bool) -> None:
    """Print a table of the steps; with `full` also what each brought."""
    rows = [[step.id, step.state, step.rule, step.what] for step in steps]
    screen.print_table(["step", "state", "ruling", "what"], rows, clip=True)
    for step in steps:
        if step.why:
            words = f"{step.id} {step.model or 'nobody'} answered; {step.why}"
            screen.print_text(words, screen.Style.DIM)
        if step.diff and not full:
            print_diff(step.id, step.diff)
    if full:
        for step in steps:
            screen.print_text(f"--- {step.id} {step.what}\n{step.result or ''}")
            if step.diff and step.diff not in (step.result or ""):
                print_diff(step.id, step.diff)


def print_diff(step: str, diff: str) -> None:
    """Print the lines that a step changes."""
    screen.print_text(f"\n{step}:", screen.Style.BOLD)
    for line in diff.split("\n"):
        screen.print_text(line, screen.DIFF_STYLES.get(line[:1], screen.Style.PLAIN))
