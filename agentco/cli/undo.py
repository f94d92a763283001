"""`agentco undo`: what a run did is taken back, as far as nothing was built on it."""

import typer

from agentco.cli import current_company
from agentco.cli.runs import RunId
from agentco.cli.shared_options import JsonOption, YesOption
from agentco.terminal import screen


def undo(run: RunId, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Take back what a run did: its files, its lines of the board and the memory.

    Shows the difference first. What was changed since by you or another run stays, and is
    listed. An undo has a name of its own, by which it is taken back too.

    Examples:
      agentco undo k7m2ab
      agentco undo k7m2ab --yes
      agentco undo k7m2ab-undo-1
    """
    from agentco.terminal import undo_screen
    from agentco.upkeep.undoing import carry_out_undo, plan_undo

    company = current_company.open_writable()
    company.require_trust()
    plan = plan_undo(company, run)
    undone = None
    if not plan.is_empty:
        undo_screen.print_plan(plan)
        if not screen.ask_yes_no(f"take back {plan.of}?", yes=yes):
            screen.print_note("nothing was taken back")
            return
        undone = carry_out_undo(company, plan)
    raise typer.Exit(undo_screen.print_undone(plan, undone, as_json=as_json))
