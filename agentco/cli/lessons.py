"""`agentco lessons`: what went badly, and what should be done differently."""

from typing import Annotated

import typer
from msgspec.structs import asdict

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption
from agentco.desk.lessons import list_lessons
from agentco.terminal import screen

ALL_HELP = "Include lessons that led to a change."
AllOption = Annotated[bool, typer.Option("--all", help=ALL_HELP)]


def lessons(everything: AllOption = False, as_json: JsonOption = False) -> None:
    """Show what the company learned from its work and still has to act on.

    A department records a lesson after blocked, failed or expensive work; agentco feedback
    records yours.

    Examples:
      agentco lessons
      agentco lessons --all
    """
    found = list_lessons(current_company.open_current(), everything=everything)
    if as_json:
        screen.print_json({"lessons": [asdict(lesson) for lesson in found]})
        return
    for lesson in found:
        who = lesson.agent or "nobody"
        heading = f"{lesson.name}, {who}, {lesson.category or 'no category'}"
        screen.print_text(heading, screen.Style.BOLD)
        todo = lesson.action or "nothing named"
        screen.print_text(f"  {lesson.summary}\n  to do: {todo}\n  {lesson.status}")
    if not found:
        kind = "known" if everything else "open"
        screen.print_text(f"no lesson is {kind}")
