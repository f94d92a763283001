"""Who works here and with what: agents, skills and prompts, and where each value is from."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from agentco.company.company import NameIndex
from agentco.company.model_labels import LabelTier, read_label
from agentco.company.records import Agent, Prompt, SkillRecord
from agentco.desk.lookups import unknown_name
from agentco.desk.open_company import OpenCompany

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


def agent_tier(agent: Agent) -> str:
    """The tier that the role asks for, or the one its model's label stands for."""
    if agent.own.tier:
        return agent.own.tier
    wanted = LabelTier.CALLER
    if agent.models:
        wanted = read_label(agent.models[0]).wanted
    return "medium" if wanted is LabelTier.CALLER else wanted


def _find_record(what: str, name: str, records: Sequence[R]) -> R:
    record = NameIndex(records).find(name)
    if record is None:
        raise unknown_name(what, name, [known.id for known in records])
    return record
