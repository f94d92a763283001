"""`agentco lessons`: what went badly, and what should be done differently."""

from typing import Annotated

import typer
from msgspec.structs import asdict

from agentco.cli import current_company, screen
from agentco.cli.shared_options import JsonOption
from agentco.day.facts import all_lessons as every, is_answered


def lessons(
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that were answered by a change.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what the company learnt from its work, and still has to act on.

    After work that was blocked, failed or was dear its department records one; agentco feedback records yours.

    Examples:
      agentco lessons
      agentco lessons --all
    """
    found = [
        fact
        for fact in every(current_company.open_current().memory.load_graph())
        if everything or not is_answered(fact)
    ]
    if as_json:
        screen.print_json({"lessons": [asdict(fact) for fact in found]})
        return
    for fact in found:
        screen.print_text(
            f"{fact.name}, {fact.agent or 'nobody'}, {fact.category or 'no category'}",
            screen.Style.BOLD,
        )
        screen.print_text(
            f"  {fact.summary}\n  to do: {fact.action or 'nothing named'}\n  {fact.status}"
        )
    if not found:
        screen.print_text(
            "no lesson is open" if not everything else "no lesson is known"
        )
