"""Agents, skills and prompts as JSON, and where each value of theirs is from."""

from collections.abc import Sequence
from pathlib import Path

from agentco.company.company import Company
from agentco.company.mentions import PromptInput, find_inputs
from agentco.company.records import Agent, Prompt, Record, SkillRecord
from agentco.company.tool_names import Grant
from agentco.company.tool_table import GrantedTo, names_granted_to
from agentco.desk.open_company import OpenCompany
from agentco.desk.records import AnyRecord, SourcedValue, agent_tier
from agentco.kernel.documents import Document, in_dollars, pick_fields
from agentco.ports.plans import ProgramState
from agentco.ports.trust import TrustStatus

HEADER_KEYS = {
    "tier": ("model",),
    "budget_day_usd": ("agentco.budget_day",),
    "without": ("disallowedTools",),
    "servers": ("mcp-servers",),
}
"""Where the file has a value that is shown under another key."""
DEFAULT_SOURCES = {"id": "the file's name", "file": "", "inputs": "the body"}


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
    for ruling, listed in own.permissions.texts().items():
        rules.extend(f"{ruling} {rule}" for rule in listed)
    skills: list[str] = []
    for name in own.skills or agent.skills:
        skill = company.find_skill(name)
        if skill:
            skills.append(skill.name)
    tools: Sequence[str] = tool_names(agent) or ()
    if not tools and not agent.tools:
        tools = names_granted_to(GrantedTo.DEFAULT)
    budget = own.budget_day
    return {
        **_common_fields(agent, tools),
        "model": own.model or ", ".join(agent.models) or None,
        "tier": agent_tier(agent),
        **pick_fields(own, "max_output", "reasoning"),
        "skills": skills,
        "public": own.public,
        "budget_day_usd": None if budget is None else in_dollars(budget),
        "permissions": rules,
        "agents": agent.agents,
        "without": [grant.tool for grant in agent.without],
        "handoffs": [f"{handoff.label}: {handoff.agent}" for handoff in agent.handoffs],
        "servers": [server.name for server in agent.servers],
    }


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
        **pick_fields(own, "catch_up", "overlap", "wake"),
        "inputs": [_input_text(asked) for asked in find_inputs(prompt.body)],
        "produces": own.products,
        "deliver_to": own.deliver_to or None,
        "reviews": own.held_triggers,
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
        source = DEFAULT_SOURCES.get(key, "default")
        for name in (f"agentco.{key}", key, *HEADER_KEYS.get(key, ())):
            if name in record.lines:
                source = f"{file}:{record.lines[name]}"
                break
        values.append(SourcedValue(key=key, value=value, source=source))
    return values


def _input_text(asked: PromptInput) -> str:
    return f"{asked.id}={asked.default}" if asked.default else asked.id


def _grant_text(grant: Grant) -> str:
    return f"{grant.tool}({grant.pattern})" if grant.pattern else grant.tool


def _common_fields(record: AnyRecord, tools: Sequence[str] | None) -> Document:
    return {
        **pick_fields(record, "id", "name", "description", "file"),
        "tools": tools,
        "model": ", ".join(record.models) or None,
        "tier": None,
        "skills": [],
        "public": False,
    }


def trust_document(
    root: Path, status: TrustStatus, programs: Sequence[ProgramState]
) -> Document:
    """The document of `trust --json`: what a folder reaches, and whether it may."""
    return {
        "company": str(root),
        "trusted": status.is_trusted,
        "hash": status.current_hash,
        "reach": status.reach,
        "changes": status.changes,
        "programs": [_program_document(state) for state in programs],
    }


def _program_document(state: ProgramState) -> Document:
    """The program of a plan; what it does not tell is null."""
    return {
        "provider": state.provider,
        "name": state.name,
        "path": state.path or None,
        "version": state.version or None,
        "signed_in": state.signed_in,
        "login": state.login or None,
        "problem": state.problem or None,
        "hint": state.hint or None,
    }
