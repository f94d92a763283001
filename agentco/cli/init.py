"""`agentco init`: a company in a folder, whatever stands there already."""

from pathlib import Path
from typing import Annotated

import typer

from agentco.cli.shared_options import JsonOption, print_answer
from agentco.memory.git_rules import ATTRIBUTES_FILE, UNION_RULE
from agentco.terminal import screen
from agentco.upkeep.making_company import MadeCompany, make_company, plan_company
from agentco.wiring import company_maker, machine_timezone, open_company

TEAM_HELP = "core: COO, Marketing, Accountant, Lawyer; full (the default): all eight."
NEXT_COMMANDS = ("agentco standup", "agentco board", "agentco show agents")
FOLDER_HELP = "The folder; the current one if omitted."
Folder = Annotated[str, typer.Argument(metavar="[DIR]", help=FOLDER_HELP)]
Team = Annotated[str | None, typer.Option(help=TEAM_HELP)]
TRUST_NOTE = "Before anything in it reaches the world, agentco trust shows what that is, and asks."
NO_GIT_NOTE = "Not a git repository yet. Run git init to review and undo changes."


def init(folder: Folder = ".", team: Team = None, as_json: JsonOption = False) -> None:
    """Start a company in DIR, or adopt the repository that is there. Never overwrites a file.

    .gitattributes gets the line that lets git unite what two branches learned.

    A new folder gets the sample company, with its dates moved to today. A repository that has
    agents of its own keeps them and gets what agentco needs beside them: settings, a board, a
    memory.

    Examples:
      agentco init my-company
      agentco init my-company --team core
      cd my-repository && agentco init
    """
    maker = company_maker(Path(folder))
    company = open_company(maker.root)
    plan = plan_company(maker, company, team=team, time_zone=machine_timezone())
    asks = bool(plan.new) and not plan.was_empty and screen.at_terminal()
    question = f"add {len(plan.new)} files to {maker.root} (nothing is overwritten)?"
    if asks and not screen.ask_yes_no(question, yes=False):
        raise typer.Exit(1)
    made = make_company(maker, company, plan)
    if made.trust_problem:
        screen.print_note(f"warning: {made.trust_problem}")
    print_answer(made_document(made), *report_lines(made), as_json=as_json)
    if not plan.was_empty and not as_json:
        screen.print_note(TRUST_NOTE)


def made_document(made: MadeCompany) -> dict[str, object]:
    """What was done, as a document."""
    return {
        "company": str(made.root),
        "written": list(made.written),
        "kept": list(made.kept),
        "added": [ATTRIBUTES_FILE] if made.union_rule_added else [],
        "next": list(NEXT_COMMANDS),
    }


def report_lines(made: MadeCompany) -> list[str]:
    """What was done, what the caps are, and the three commands to try next."""
    root = made.root
    lines = [f"  new   {path}" for path in made.written]
    lines.extend(f"  kept  {path}" for path in made.kept)
    written = f"{len(made.written)} files written"
    lines.append(f"\n{written}, {len(made.kept)} left as they were, in {root}")
    if made.union_rule_added:
        rule = UNION_RULE.strip()
        lines.append(f"One line was added to {ATTRIBUTES_FILE}: {rule}")
    if not made.is_repository:
        lines.append(NO_GIT_NOTE)
    if made.above:
        here = f"inside {root.name} only this one is meant"
        lines.append(f"Mind: {made.above} is a company too; {here}.")
    lines.extend((made.caps, "\nTry next:"))
    if root != Path.cwd().resolve():
        lines.append(f"  cd {root}")
    lines.extend(f"  {command}" for command in NEXT_COMMANDS)
    return lines
