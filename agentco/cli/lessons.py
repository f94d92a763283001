"""`agentco lessons`: what went badly, and what should be done differently."""

from typing import Annotated

import typer
from msgspec.structs import asdict

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, print_answer
from agentco.desk.lessons import answer_lesson, list_lessons, reopen_lesson
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

ALL_HELP = "Include lessons that led to a change."
AllOption = Annotated[bool, typer.Option("--all", help=ALL_HELP)]
NAME_HELP = "The lesson's name, or its last part."
LessonName = Annotated[str, typer.Argument(metavar="NAME", help=NAME_HELP)]
BY_HELP = "What answered it: a commit, or the change in your words."
ByOption = Annotated[str | None, typer.Option("--by", metavar="WHAT", help=BY_HELP)]
UndoOption = Annotated[bool, typer.Option("--undo", help="Open it again.")]


@app.callback()
def show_lessons(
    ctx: typer.Context, everything: AllOption = False, as_json: JsonOption = False
) -> None:
    """Show what the company learned from its work and still has to act on.

    A department records a lesson after blocked, failed or expensive work; agentco feedback
    records yours.

    Examples:
      agentco lessons
      agentco lessons --all
    """
    if ctx.invoked_subcommand:
        return
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
        kind = "recorded" if everything else "open"
        screen.print_text(f"no {kind} lessons")


@app.command()
def done(
    name: LessonName,
    by: ByOption = None,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say what answered a lesson, so that it no longer waits.

    Examples:
      agentco lessons done receipts-late --by "receipts are asked for on the 1st"
      agentco lessons done receipts-late --undo
    """
    if undo == (by is not None):
        hint = 'agentco lessons done NAME --by "…"'
        raise WrongUsage("say what answered it with --by, or --undo", hint=hint)
    company = current_company.open_current()
    change = (
        answer_lesson(company, name, by)
        if by is not None
        else reopen_lesson(company, name)
    )
    line = f"{change.status}: {change.lesson} (take it back: {change.undo})"
    print_answer(asdict(change), line, as_json=as_json)
