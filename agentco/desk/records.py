"""Who works here and with what: agents, skills and prompts, and where each value is from."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from agentco.company.company import Company, find_by_name
from agentco.company.mentions import PromptInput, find_inputs
from agentco.company.model_labels import LabelTier, read_label
from agentco.company.records import Agent, Prompt, Record, SkillRecord
from agentco.company.tool_names import DEFAULT_TOOLS, Grant
from agentco.desk.documents import Document, in_dollars, pick_fields
from agentco.desk.lookups import unknown_name
from agentco.desk.open_company import OpenCompany

HEADER_KEYS = {
    "tier": ("model",),
    "budget_day_usd": ("agentco.budget_day",),
    "without": ("disallowedTools",),
    "servers": ("mcp-servers",),
}
"""Where the file has a value that is shown under another key."""
DEFAULT_SOURCES = {"id": "the file's name", "file": "", "inputs": "the body"}
AnyRecord = Agent | Prompt | SkillRecord
R = TypeVar("R", Agent, Prompt, SkillRecord)


class SourcedValue(Struct, frozen=True, kw_only=True):
    """A value and the line it came from; amounts are dollars, spans as files write them."""

    key: str
    value: object
    source: str


def list_agents(company: OpenCompany, name: str | None = None) -> Sequence[Agent]:
    """The agents that can be asked, or the named one. Raises WrongUsage if unknown."""
    agents = company.files.load().agents
    if name:
        return [_find_record("agent", name, agents)]
    return [agent for agent in agents if agent.user_invocable]


def list_skills(company: OpenCompany, name: str | None = None) -> Sequence[SkillRecord]:
    """All skills, or the named one. Raises WrongUsage if unknown."""
    skills = company.files.load().skills
    return [_find_record("skill", name, skills)] if name else skills


def list_prompts(company: OpenCompany, name: str | None = None) -> Sequence[Prompt]:
    """All prompts, or the named one. Raises WrongUsage if unknown."""
    prompts = company.files.load().prompts
    return [_find_record("prompt", name, prompts)] if name else prompts


def record_document(company: OpenCompany, record: AnyRecord) -> Document:
    """A record as data, in the order of appendix C."""
    if isinstance(record, Agent):
        return agent_document(company.files.load(), record)
    if isinstance(record, Prompt):
        return prompt_document(record)
    return skill_document(record)


def agent_document(company: Company, agent: Agent) -> Document:
    """An agent as data; without a list of tools it has the default ones."""
    own = agent.own
    rules: list[str] = []
    for ruling, patterns in asdict(own.permissions).items():
        rules.extend(f"{ruling} {pattern}" for pattern in patterns)
    skills = [company.find_skill(name) for name in own.skills or agent.skills]
    tools: Sequence[str] = tool_names(agent) or ([] if agent.tools else DEFAULT_TOOLS)
    budget = own.budget_day
    return {
        **_common_fields(agent, tools),
        "model": own.model or ", ".join(agent.models) or None,
        "tier": agent_tier(agent),
        "skills": [skill.name for skill in skills if skill],
        "public": own.public,
        "budget_day_usd": None if budget is None else in_dollars(budget),
        "permissions": rules,
        "agents": agent.agents,
        "without": [grant.tool for grant in agent.without],
        "handoffs": [f"{handoff.label}: {handoff.agent}" for handoff in agent.handoffs],
        "servers": [server.name for server in agent.servers],
    }


def agent_tier(agent: Agent) -> str:
    """The tier that the role asks for, or the one its model's label stands for."""
    if agent.own.tier:
        return agent.own.tier
    wanted = LabelTier.CALLER
    if agent.models:
        wanted = read_label(agent.models[0]).wanted
    return "medium" if wanted is LabelTier.CALLER else wanted


def skill_document(skill: SkillRecord) -> Document:
    """A skill as data."""
    return {
        **_common_fields(skill, skill.allowed_tools),
        "folder": skill.folder,
        "license": skill.license or None,
        "metadata": skill.metadata,
    }


def prompt_document(prompt: Prompt) -> Document:
    """A prompt as data; `inputs` are what it asks for, with the default behind `=`."""
    own = prompt.own
    return {
        **_common_fields(prompt, tool_names(prompt)),
        **pick_fields(own, "tier", "public"),
        "agent": prompt.agent or None,
        "schedule": own.schedule or None,
        "timezone": own.timezone or None,
        **pick_fields(own, "catch_up", "wake"),
        "inputs": [_input_text(asked) for asked in find_inputs(prompt.body)],
        "produces": own.produces,
    }


def tool_names(record: Agent | Prompt) -> list[str] | None:
    """Our names of the tools that a header grants; None where it does not say."""
    if record.tools is None:
        return None
    if record.tools.everything:
        return ["*"]
    return [_grant_text(grant) for grant in record.tools.grants]


def sourced_values(record: Record, document: Document) -> list[SourcedValue]:
    """Each value of a record's document, with the line of the file it came from."""
    file = record.file.rsplit("/", 1)[-1]
    values: list[SourcedValue] = []
    for key, value in document.items():
        names = (f"agentco.{key}", key, *HEADER_KEYS.get(key, ()))
        lines = (record.lines[name] for name in names if name in record.lines)
        line = next(lines, None)
        source = f"{file}:{line}" if line else DEFAULT_SOURCES.get(key, "default")
        values.append(SourcedValue(key=key, value=value, source=source))
    return values


def _input_text(asked: PromptInput) -> str:
    return f"{asked.id}={asked.default}" if asked.default else asked.id


def _grant_text(grant: Grant) -> str:
    return f"{grant.tool}({grant.pattern})" if grant.pattern else grant.tool


def _find_record(what: str, name: str, records: Sequence[R]) -> R:
    record = find_by_name(name, records)
    if record is None:
        raise unknown_name(what, name, [known.id for known in records])
    return record


def _common_fields(record: AnyRecord, tools: Sequence[str] | None) -> Document:
    return {
        **pick_fields(record, "id", "name", "description", "file"),
        "tools": tools,
        "model": ", ".join(record.models) or None,
        "tier": None,
        "skills": [],
        "public": False,
    }
