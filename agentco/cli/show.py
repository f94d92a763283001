"""`agentco show`: who works here and with what, and where each value came from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import asdict

from agentco.cli import current_company
from agentco.cli.shared_options import JsonOption, name_argument
from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.desk.open_company import OpenCompany
    from agentco.desk.records import AnyRecord

OneAgent = Annotated[str | None, name_argument("agent")]
OneSkill = Annotated[str | None, name_argument("skill")]
OnePrompt = Annotated[str | None, name_argument("plain-prompt")]
MODEL_HELP = "One tier, agent or provider/model."
ModelName = Annotated[str | None, typer.Argument(help=MODEL_HELP)]
SECTION_HELP = "One section, such as budget."
SectionName = Annotated[str | None, typer.Argument(help=SECTION_HELP)]

show = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show who works here, and the settings.",
)


@show.command()
def agents(name: OneAgent = None, as_json: JsonOption = False) -> None:
    """List the agents, or show one in full with the file and line of every value.

    Examples:
      agentco show agents
      agentco show agents marketing
    """
    from agentco.desk.records import agent_tier, list_agents

    company = current_company.open_current()
    found = list_agents(company, name)
    if as_json or name:
        print_in_full(company, "agents", found, as_json=as_json)
        return
    rows = [
        [
            agent.id,
            agent_tier(agent),
            "public" if agent.own.public else "",
            agent.description,
        ]
        for agent in found
    ]
    print_list(("agent", "tier", "", "what for"), rows)


@show.command()
def skills(name: OneSkill = None, as_json: JsonOption = False) -> None:
    """List the skills, or show one in full.

    Examples:
      agentco show skills
      agentco show skills saas-pricing
    """
    from agentco.desk.records import list_skills

    company = current_company.open_current()
    found = list_skills(company, name)
    if as_json or name:
        print_in_full(company, "skills", found, as_json=as_json)
        return
    rows = [[skill.name, skill.description] for skill in found]
    print_list(("skill", "what for"), rows)


@show.command()
def prompts(name: OnePrompt = None, as_json: JsonOption = False) -> None:
    """List the prompts with their schedules, or show one in full.

    Examples:
      agentco show prompts
      agentco show prompts weekly-review
    """
    from agentco.desk.records import list_prompts

    company = current_company.open_current()
    found = list_prompts(company, name)
    if as_json or name:
        print_in_full(company, "prompts", found, as_json=as_json)
        return
    rows = [
        [f"/{prompt.name}", prompt.agent, prompt.own.schedule, prompt.description]
        for prompt in found
    ]
    print_list(("prompt", "agent", "schedule", "what for"), rows)


@show.command()
def models(name: ModelName = None, as_json: JsonOption = False) -> None:
    """Show which model of each tier would answer now, its price, and why the others would not.

    No model is called and no connection is made; agentco doctor --live calls them all.

    Examples:
      agentco show models
      agentco show models medium --json
    """
    from agentco.documents.checks import choice_document
    from agentco.terminal.models_screen import print_models
    from agentco.upkeep.model_choices import list_models

    found = list_models(current_company.open_current(), name)
    if as_json:
        documents = [choice_document(choice) for choice in found.choices]
        screen.print_json({"models": documents})
    else:
        print_models(found)


@show.command()
def settings(name: SectionName = None, as_json: JsonOption = False) -> None:
    """Show every setting, with the line it comes from or as a default.

    Examples:
      agentco show settings
      agentco show settings budget --json
    """
    from agentco.terminal.value_table import print_values
    from agentco.upkeep.settings_view import list_settings

    rows = list_settings(current_company.open_current(), name)
    if as_json:
        screen.print_json({"settings": [asdict(row) for row in rows]})
    else:
        print_values(rows)


def print_in_full(
    company: "OpenCompany", kind: str, found: "Sequence[AnyRecord]", *, as_json: bool
) -> None:
    """Print records as a document, or one with every value's line and its body."""
    from agentco.documents.records import record_document, sourced_values
    from agentco.terminal.value_table import print_values

    documents = [record_document(company, record) for record in found]
    if as_json:
        screen.print_json({kind: documents})
        return
    for record, document in zip(found, documents, strict=True):
        print_values(sourced_values(record, document))
        screen.print_text(record.body.strip())


def print_list(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print records as a table, each on one line."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    screen.print_table(columns, cells, clip=True)
