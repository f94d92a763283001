"""`agentco show`: who works here and with what, and where each value came from."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from msgspec.structs import asdict

from agentco.cli import current_company, screen
from agentco.cli.shared_options import JsonOption, NameArgument
from agentco.desk.lookups import unknown_name
from agentco.kernel.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.company.company import Company
    from agentco.company.records import Agent, Prompt, Record, SkillRecord

# Where the file has a value that is shown under another key.
HEADER_KEYS = {
    "tier": ("model",),
    "budget_day_usd": ("agentco.budget_day",),
    "without": ("disallowedTools",),
    "servers": ("mcp-servers",),
}
DEFAULT_SOURCES = {"id": "the file's name", "file": "", "inputs": "the body"}

R = TypeVar("R", "Agent", "Prompt", "SkillRecord")

show = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Who works here, and with what settings.",
)


@show.command()
def agents(name: NameArgument = None, as_json: JsonOption = False) -> None:
    """List the agents, or show one in full with the file and line of every value.

    Examples:
      agentco show agents
      agentco show agents marketing
    """
    company = current_company.open_current().files.load()
    columns = ("agent", "tier", "", "what for")
    listed = (
        company.agents
        if name
        else [agent for agent in company.agents if agent.user_invocable]
    )

    def row(agent: "Agent") -> list[str]:
        return [
            agent.id,
            agent_tier(agent),
            "public" if agent.own.public else "",
            agent.description,
        ]

    print_records(
        "agents",
        name,
        listed,
        partial(agent_document, company),
        columns,
        row,
        as_json=as_json,
    )


@show.command()
def skills(name: NameArgument = None, as_json: JsonOption = False) -> None:
    """List the skills, or show one in full.

    Examples:
      agentco show skills
      agentco show skills saas-pricing
    """

    def row(skill: "SkillRecord") -> list[str]:
        return [skill.name, skill.description]

    listed = current_company.open_current().files.load().skills
    print_records(
        "skills",
        name,
        listed,
        skill_document,
        ("skill", "what for"),
        row,
        as_json=as_json,
    )


@show.command()
def prompts(name: NameArgument = None, as_json: JsonOption = False) -> None:
    """List the prompts with their schedules, or show one in full.

    Examples:
      agentco show prompts
      agentco show prompts weekly-review
    """

    def row(prompt: "Prompt") -> list[str]:
        return [
            f"/{prompt.name}",
            prompt.agent,
            prompt.own.schedule,
            prompt.description,
        ]

    listed, columns = (
        current_company.open_current().files.load().prompts,
        ("prompt", "agent", "schedule", "what for"),
    )
    print_records(
        "prompts", name, listed, prompt_document, columns, row, as_json=as_json
    )


@show.command()
def models(
    name: Annotated[
        str | None, typer.Argument(help="One tier, agent or provider/model.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show for each tier which model would answer now, at what price, and why the others would not.

    Nobody is asked and no connection is made; agentco doctor --live asks them all.

    Examples:
      agentco show models
      agentco show models medium --json
    """
    from agentco.cli.show_models import model_choices, print_models

    every = list(model_choices(current_company.open_current()))
    found = [way for way in every if name in {None, way.who, way.offer.name}]
    if name and not found:
        raise unknown_name(
            "tier, agent or model",
            name,
            [*{str(way.who): 0 for way in every}, *(w.offer.name for w in every)],
        )
    if as_json:
        screen.print_json({"models": [way.as_document for way in found]})
    else:
        print_models(found, every)


@show.command()
def settings(
    name: Annotated[
        str | None, typer.Argument(help="One section, such as budget.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every setting with the line it came from, or that it is the default.

    Examples:
      agentco show settings
      agentco show settings budget --json
    """
    from agentco.cli.value_table import print_rows, setting_rows

    rows = [
        r
        for r in setting_rows(current_company.open_current().files.settings())
        if name in {None, r.key.split(".")[0]}
    ]
    if name and not rows:
        raise WrongUsage(
            f"no section {name!r} in the settings",
            hint="agentco show settings lists them all",
        )
    if as_json:
        screen.print_json({"settings": [asdict(row) for row in rows]})
    else:
        print_rows(rows)


def print_records(
    what: str,
    name: str | None,
    listed: "Sequence[R]",
    document: "Callable[[R], dict[str, object]]",
    columns: Sequence[str],
    row: "Callable[[R], Sequence[str]]",
    *,
    as_json: bool,
) -> None:
    """Show all records of a kind as a table, one in full, or either as a document."""
    from agentco.company.company import find_by_name

    one = find_by_name(name, listed) if name else None
    if name and one is None:
        raise unknown_name(
            what.removesuffix("s"), name, [record.id for record in listed]
        )
    if as_json:
        screen.print_json(
            {what: [document(record) for record in ([one] if one else listed)]}
        )
    elif one:
        print_record(one, document(one))
    else:
        cells = [[" ".join(cell.split()) for cell in row(record)] for record in listed]
        screen.print_table(columns, cells, clip=True)


def common_fields(
    record: "Agent | Prompt | SkillRecord", tools: Sequence[str] | None
) -> dict[str, object]:
    """What every document of appendix C has, in its order."""
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "file": record.file,
        "tools": tools,
        "model": ", ".join(record.models) or None,
        "tier": None,
        "skills": [],
        "public": False,
    }


def agent_document(company: "Company", agent: "Agent") -> dict[str, object]:
    """An agent as data; without a list of tools it has the default ones."""
    from agentco.company.tool_names import DEFAULT_TOOLS

    own = agent.own
    rules = [
        f"{ruling} {rule}"
        for ruling, some in asdict(own.permissions).items()
        for rule in some
    ]
    return common_fields(
        agent, tool_names(agent) or ([] if agent.tools else DEFAULT_TOOLS)
    ) | {
        "model": own.model or ", ".join(agent.models) or None,
        "tier": agent_tier(agent),
        "skills": [
            skill.name
            for n in (own.skills or agent.skills)
            if (skill := company.find_skill(n))
        ],
        "public": own.public,
        "budget_day_usd": None if own.budget_day is None else own.budget_day / 1e6,
        "permissions": rules,
        "agents": agent.agents,
        "without": [grant.tool for grant in agent.without],
        "handoffs": [f"{h.label}: {h.agent}" for h in agent.handoffs],
        "servers": [server.name for server in agent.servers],
    }


def agent_tier(agent: "Agent") -> str:
    """The tier that the role asks for, or the one its model's label stands for."""
    from agentco.company.model_labels import LabelTier, read_label

    if agent.own.tier:
        return agent.own.tier
    wanted = read_label(agent.models[0]).wanted if agent.models else LabelTier.CALLER
    return "medium" if wanted is LabelTier.CALLER else wanted


def skill_document(skill: "SkillRecord") -> dict[str, object]:
    """A skill as data."""
    more = {
        "folder": skill.folder,
        "license": skill.license or None,
        "metadata": skill.metadata,
    }
    return common_fields(skill, skill.allowed_tools) | more


def prompt_document(prompt: "Prompt") -> dict[str, object]:
    """A prompt as data; `inputs` are what it asks for, with the default behind `=`."""
    from agentco.company.mentions import find_inputs

    own = prompt.own
    return common_fields(prompt, tool_names(prompt)) | {
        "tier": own.tier,
        "public": own.public,
        "agent": prompt.agent or None,
        "schedule": own.schedule or None,
        "timezone": own.timezone or None,
        "catch_up": own.catch_up,
        "wake": own.wake,
        "inputs": [
            f"{i.id}={i.default}" if i.default else i.id
            for i in find_inputs(prompt.body)
        ],
        "produces": own.produces,
    }


def tool_names(record: "Agent | Prompt") -> list[str] | None:
    """Our names of the tools that a header grants; None where it does not say."""
    if record.tools is None:
        return None
    if record.tools.everything:
        return ["*"]
    return [
        f"{g.tool}({g.pattern})" if g.pattern else g.tool for g in record.tools.grants
    ]


def print_record(record: "Record", values: dict[str, object]) -> None:
    """One record: each value with the line it came from, then its body."""
    from agentco.cli.value_table import SourcedValue, print_rows

    rows: list[SourcedValue] = []
    for key, value in values.items():
        names = (f"agentco.{key}", key, *HEADER_KEYS.get(key, ()))
        line = next(
            (record.lines[name] for name in names if name in record.lines), None
        )
        source = (
            f"{record.file.rsplit('/', 1)[-1]}:{line}"
            if line
            else DEFAULT_SOURCES.get(key, "default")
        )
        rows.append(SourcedValue(key=key, value=value, source=source))
    print_rows(rows)
    screen.print_text(record.body.strip())
