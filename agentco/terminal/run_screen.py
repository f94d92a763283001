"""A run on the screen: what it was asked, its steps, and what came of it."""

from typing import TYPE_CHECKING

from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.desk.runs import RunDetails, Step


def print_details(details: "RunDetails", *, full: bool) -> None:
    """Print what a run was asked, its steps, and what came of it."""
    from agentco.kernel.money import format_dollars

    run = details.run
    reason = f": {details.reason}" if details.reason else ""
    heading = f"{run.id}  {run.agent}  {details.status}{reason}"
    screen.print_text(heading, screen.Style.BOLD)
    cost = format_dollars(run.usd)
    screen.print_text(f"started {run.started}, {run.calls} calls, {cost}")
    if details.restricted:
        lift = f"agentco resume {run.agent}"
        screen.print_text(f"{run.agent} may only read: {details.restricted}: {lift}")
    screen.print_text(f"\nasked: {details.asked or 'no longer kept'}")
    print_steps(details.steps, full=full)
    if details.text and details.status == "done":
        screen.print_text(details.text)
        if details.notes:
            screen.print_note(f"notes:\n{details.notes}")
    elif details.text:
        screen.print_text("held back, what there is of an answer:")
        screen.print_text(details.text)


def print_steps(steps: "tuple[Step, ...]", *, full: bool) -> None:
    """Print a table of the steps; with `full` also what each brought."""
    rows = [[step.id, step.state, step.rule, step.what] for step in steps]
    screen.print_table(["step", "state", "ruling", "what"], rows, clip=True)
    for step in steps:
        if step.why:
            words = f"{step.id} {step.model or 'nobody'} answered; {step.why}"
            screen.print_text(words, screen.Style.DIM)
    if full:
        for step in steps:
            screen.print_text(f"--- {step.id} {step.what}\n{step.result or ''}")
