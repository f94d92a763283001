"""`agentco show`: who works here and with what, and where each value came from."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer

from agentco.edges.cli import here, screen
from agentco.errors import WrongUsage

if TYPE_CHECKING:
    from agentco.company.company import Company
    from agentco.company.records import Agent, Prompt, Record, Skill

# Where the file has a value that is shown under another key.
SPELT = {
    "tier": ("model",),
    "budget_day_usd": ("agentco.budget_day",),
    "without": ("disallowedTools",),
    "servers": ("mcp-servers",),
}
ORIGINS = {"id": "the file's name", "file": "", "inputs": "the body"}

R = TypeVar("R", bound="Record")

show = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Who works here, and with what settings."
)

Name = Annotated[str | None, typer.Argument(help="Show this one in full.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@show.command()
def agents(name: Name = None, as_json: Json = False) -> None:
    """List the agents, or show one in full with the file and line of every value.

    Examples:
      agentco show agents
      agentco show agents marketing
    """
    company = here.edges().company.load()
    present(
        "agents",
        company.agents if name else [agent for agent in company.agents if agent.user_invocable],
        company.agent,
        name,
        partial(agent_document, company=company),
        as_json=as_json,
        columns=["agent", "tier", "", "what for"],
        row=lambda a: [a.id, agent_tier(a), "public" if a.own.public else "", one_line(a.description)],
    )


def agent_document(agent: "Agent", company: "Company") -> dict[str, object]:
    """An agent as appendix C has it; without a list of tools it has the default ones."""
    from agentco.company.tools import DEFAULT

    return common(agent) | {
        "tools": tool_names(agent) or ([] if agent.tools else list(DEFAULT)),
        "model": agent.own.model or (", ".join(agent.models) or None),
        "tier": agent_tier(agent),
        "skills": [skill.name for n in (agent.own.skills or agent.skills) if (skill := company.skill(n))],
        "public": agent.own.public,
        "budget_day_usd": None if agent.own.budget_day is None else agent.own.budget_day / 1e6,
        "permissions": [
            f"{k} {r}" for k in ("allow", "ask", "deny") for r in getattr(agent.own.permissions, k)
        ],
        "agents": None if agent.agents is None else list(agent.agents),
        "without": [grant.tool for grant in agent.without],
        "handoffs": [f"{h.label}: {h.agent}" for h in agent.handoffs],
        "servers": [server.name for server in agent.servers],
    }


def agent_tier(agent: "Agent") -> str:
    """The tier that the role asks for, or the one its model's label stands for."""
    from agentco.company.labels import Wanted, read_label

    if agent.own.tier:
        return agent.own.tier
    wanted = read_label(agent.models[0]).wanted if agent.models else Wanted.CALLER
    return "medium" if wanted is Wanted.CALLER else wanted


@show.command()
def skills(name: Name = None, as_json: Json = False) -> None:
    """List the skills, or show one in full.

    Examples:
      agentco show skills
      agentco show skills saas-pricing
    """
    company = here.edges().company.load()
    present(
        "skills",
        company.skills,
        company.skill,
        name,
        skill_document,
        as_json=as_json,
        columns=["skill", "what for"],
        row=lambda s: [s.name, one_line(s.description)],
    )


def skill_document(skill: "Skill") -> dict[str, object]:
    """A skill as data."""
    return common(skill) | {
        "tools": list(skill.allowed_tools),
        "model": ", ".join(skill.models) or None,
        "tier": None,
        "skills": [],
        "public": False,
        "folder": skill.folder,
        "license": skill.license or None,
        "metadata": skill.metadata,
    }


@show.command()
def prompts(name: Name = None, as_json: Json = False) -> None:
    """List the prompts with their schedules, or show one in full.

    Examples:
      agentco show prompts
      agentco show prompts weekly-review
    """
    company = here.edges().company.load()
    present(
        "prompts",
        company.prompts,
        company.prompt,
        name,
        prompt_document,
        as_json=as_json,
        columns=["prompt", "agent", "schedule", "what for"],
        row=lambda p: [f"/{p.name}", p.agent, p.own.schedule, one_line(p.description)],
    )


def prompt_document(prompt: "Prompt") -> dict[str, object]:
    """A prompt as data; `inputs` are what it asks for, with the default behind `=`."""
    from agentco.company.mentions import inputs

    own = prompt.own
    return common(prompt) | {
        "agent": prompt.agent or None,
        "tools": tool_names(prompt),
        "model": ", ".join(prompt.models) or None,
        "tier": own.tier,
        "skills": [],
        "schedule": own.schedule or None,
        "timezone": own.timezone or None,
        "catch_up": own.catch_up,
        "wake": own.wake,
        "inputs": [f"{i.id}={i.default}" if i.default else i.id for i in inputs(prompt.body)],
        "produces": list(own.produces),
        "public": own.public,
    }


@show.command()
def settings(
    name: Annotated[str | None, typer.Argument(help="One section, such as budget.")] = None,
    as_json: Json = False,
) -> None:
    """Show every setting with the line it came from, or that it is the default.

    Examples:
      agentco show settings
      agentco show settings budget --json
    """
    from agentco.edges.cli.settings_table import rows_of

    rows = [
        row
        for row in rows_of(here.edges().company.settings())
        if name is None or row.key.split(".")[0] == name
    ]
    if name and not rows:
        raise WrongUsage(f"no section {name!r} in the settings", hint="agentco show settings lists them all")
    if as_json:
        screen.document({"settings": [{"key": r.key, "value": r.value, "source": r.source} for r in rows]})
    else:
        screen.table(["key", "value", "from"], [[r.key, r.text, r.source] for r in rows])


def present(
    what: str,
    known: "Sequence[R]",
    find: "Callable[[str], R | None]",
    name: str | None,
    document: "Callable[[R], dict[str, object]]",
    *,
    as_json: bool,
    columns: Sequence[str],
    row: "Callable[[R], Sequence[str]]",
) -> None:
    """Show all records of a kind as a table, one in full, or either as a document."""
    one = find(name) if name else None
    if name and one is None:
        raise here.unknown(what.removesuffix("s"), name, [record.id for record in known])
    if as_json:
        screen.document({what: [document(record) for record in ([one] if one else known)]})
    elif one:
        in_full(one, document(one))
    else:
        screen.table(columns, [row(record) for record in known], clip=True)


def common(record: "Record") -> dict[str, object]:
    """What every record has."""
    return {"id": record.id, "name": record.name, "description": record.description, "file": record.file}


def tool_names(record: "Agent | Prompt") -> list[str] | None:
    """Our names of the tools that a header grants; None where it does not say."""
    if record.tools is None:
        return None
    if record.tools.everything:
        return ["*"]
    return [f"{g.tool}({g.pattern})" if g.pattern else g.tool for g in record.tools.grants]


def one_line(text: str) -> str:
    """A description folded into one line of a table."""
    return " ".join(text.split())


def in_full(record: "Record", values: dict[str, object]) -> None:
    """One record: each value with the line it came from, then its body."""
    rows: list[list[str]] = []
    for key, value in values.items():
        names = (f"agentco.{key}", key, *SPELT.get(key, ()))
        line = next((record.lines[name] for name in names if name in record.lines), None)
        parts = cast("list[object]", value) if isinstance(value, list) else [] if value is None else [value]
        text = ", ".join(map(str, parts))
        rows.append(
            [key, text, f"{record.file.rsplit('/', 1)[-1]}:{line}" if line else ORIGINS.get(key, "default")]
        )
    screen.table(["key", "value", "from"], rows)
    screen.say(record.body.strip())
