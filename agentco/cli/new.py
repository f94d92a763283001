"""`agentco new`: an agent, a prompt or a skill of your own, ready to be edited."""

import os
import shlex
from typing import Annotated

import typer

from agentco.cli import current_company
from agentco.cli.completing import names_of
from agentco.cli.shared_options import JsonOption, print_answer, problem_location
from agentco.company.records import Tier
from agentco.kernel.errors import Severity
from agentco.terminal import screen
from agentco.upkeep.checking import check
from agentco.upkeep.new_files import (
    NewFileOrder,
    NewKind,
    plan_new_file,
    write_new_file,
)
from agentco.wiring import company_maker

NEW_HELP = """Add an agent, a prompt or a skill to your company.

Each is a short file that works as it is, and is yours to edit.

Examples:
  agentco new agent sales
  agentco new prompt cash-check --agent cfo --schedule "0 9 * * 1"
  agentco new skill refunds
"""
new = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=NEW_HELP)

NewName = Annotated[str, typer.Argument(help="Its name, such as sales or tax-review.")]
DESCRIPTION_HELP = "What it is for, in a sentence; agents choose by it."
Description = Annotated[str, typer.Option(metavar="TEXT", help=DESCRIPTION_HELP)]
TIER_HELP = "How strong a model it uses: light, medium, heavy or local."
TierOption = Annotated[
    Tier, typer.Option(metavar="T", case_sensitive=False, help=TIER_HELP)
]
AGENT_HELP = "Who runs it; the orchestrator if omitted."
AgentOption = Annotated[
    str, typer.Option(help=AGENT_HELP, autocompletion=names_of("agent"))
]
SCHEDULE_HELP = 'When it runs by itself, as cron has it: "0 9 * * 1" is Mondays at 9.'
ScheduleOption = Annotated[str, typer.Option(metavar="CRON", help=SCHEDULE_HELP)]
TRUST_LINE = "trust:    agentco trust shows what this folder reaches now, and asks"


@new.command()
def agent(
    name: NewName,
    description: Description = "",
    tier: TierOption = Tier.MEDIUM,
    as_json: JsonOption = False,
) -> None:
    """Add a department, with sound rules to begin with. Never overwrites a file.

    Examples:
      agentco new agent sales
      agentco new agent sales --description "Answers people who want to buy." --tier light
    """
    order = NewFileOrder(
        kind=NewKind.AGENT, name=name, description=description, tier=tier
    )
    make(order, as_json=as_json)


@new.command()
def prompt(
    name: NewName,
    description: Description = "",
    agent: AgentOption = "",
    schedule: ScheduleOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add a piece of work that is run by its name, or by itself at set times.

    Examples:
      agentco new prompt churn-review
      agentco new prompt cash-check --agent cfo --schedule "0 9 * * 1"
    """
    order = NewFileOrder(
        kind=NewKind.PROMPT,
        name=name,
        description=description,
        agent=agent,
        schedule=schedule,
    )
    make(order, as_json=as_json)


@new.command()
def skill(
    name: NewName, description: Description = "", as_json: JsonOption = False
) -> None:
    """Add knowledge that departments look up when a task needs it.

    Examples:
      agentco new skill refunds
      agentco new skill refunds --description "How we pay money back. Use when a customer asks."
    """
    make(
        NewFileOrder(kind=NewKind.SKILL, name=name, description=description),
        as_json=as_json,
    )


def make(order: NewFileOrder, *, as_json: bool) -> None:
    """Write the file, and say where it is, what is wrong with it and what comes next."""
    company = current_company.open_writable()
    orchestrator = company.settings.company.orchestrator
    made = plan_new_file(company.files.load(), order, orchestrator)
    write_new_file(company_maker(company.root), made)
    company = current_company.open_current()
    needs_trust = not company.trust.status().is_trusted
    document = {
        "kind": made.kind,
        "name": made.name,
        "file": made.path,
        "next": made.next,
        "needs_trust": needs_trust,
    }
    here = shlex.quote(os.path.relpath(company.root / made.path))
    lines = [f"written:  {made.path}", f"edit it:  ${{EDITOR:-nano}} {here}"]
    if needs_trust:
        lines.append(TRUST_LINE)
    print_answer(document, *lines, f"try it:   {made.next}", as_json=as_json)
    for problem in check(company).diagnostics:
        if problem.file == made.path and problem.level is not Severity.INFO:
            where = problem_location(problem)
            screen.print_note(f"{problem.level}: {where}: {problem.message}")
