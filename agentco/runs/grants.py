"""Which tools, tier and agent a piece of work gets, before any permission is asked for."""

from collections.abc import Iterable

from agentco.company.company import Company
from agentco.company.model_labels import LabelTier, read_label
from agentco.company.prompts import BUILT_IN_AGENTS
from agentco.company.records import Agent, Command, Prompt, Tier
from agentco.company.tool_names import ToolList
from agentco.company.tool_table import (
    GrantedTo,
    company_tools,
    file_changing_tools,
    in_table_order,
    looking_tools,
    names_granted_to,
)
from agentco.runs.actions import Compute, Read, Skill, name_of


def granted_tools(
    agent: Agent, prompt: Command | None = None, *, orchestrator: bool = False
) -> tuple[str, ...]:
    """The names of the tools an agent is given; a prompt's list counts before the agent's.

    Tools of servers are no part of it. Whoever may read may read skills and calculate; only the
    orchestrator delegates.
    """
    tools, mode = agent.tools, None
    if isinstance(prompt, Prompt):
        tools = agent.tools if prompt.tools is None else prompt.tools
        mode = _mode_tools(prompt.agent.lower())
    if tools == ToolList():
        return ()
    listed = _default_tools(mode or ()) if tools is None else _listed_tools(tools)
    names = in_table_order(listed)
    if mode is not None:
        names = [name for name in names if name in mode]
    names += names_granted_to(GrantedTo.EVERYBODY)
    taken = {grant.tool for grant in agent.without}
    if name_of(Read) in taken:
        taken.add(name_of(Compute))  # it reads tables
    if not orchestrator or agent.agents == ():
        taken.update(names_granted_to(GrantedTo.HANDS_OUT_WORK))
    return tuple(name for name in dict.fromkeys(names) if name not in taken)


def _mode_tools(mode: str) -> tuple[str, ...] | None:
    """The tools of an editor's mode; None for one that takes nothing away."""
    if mode in {"ask", "plan"}:
        return looking_tools()
    if mode == "edit":
        return (*looking_tools(), *file_changing_tools())
    return None


def _default_tools(mode: Iterable[str]) -> set[str]:
    """What an agent without a list has, and what the mode adds that stays in the company."""
    default = names_granted_to(GrantedTo.DEFAULT, GrantedTo.HANDS_OUT_WORK)
    return {*default, *mode}.intersection(company_tools())


def _listed_tools(tools: ToolList) -> set[str]:
    """What a list names."""
    names = {grant.tool for grant in tools.grants}
    if tools.everything:
        names.update(company_tools())
    if name_of(Read) in names:
        names |= {name_of(Skill), name_of(Compute)}
    return names


def tier_of(
    agent: Agent,
    prompt: Command | None = None,
    asked: Tier | None = None,
    caller: Tier = Tier.MEDIUM,
) -> Tier:
    """How strong a model to ask: by the founder's word, our keys, foreign labels, the caller."""
    prompt_tier = prompt.own.tier if isinstance(prompt, Prompt) else None
    if tier := asked or prompt_tier or agent.own.tier:
        return tier
    prompt_models = prompt.models if prompt else ()
    for models in (prompt_models, agent.models):
        label = read_label(models[0]).wanted if models else LabelTier.CALLER
        if label is not LabelTier.CALLER:
            return Tier(label)
    return caller


def pinned_model(agent: Agent, model: str = "", tier: Tier | None = None) -> str:
    """The exact model to ask, or nothing; who asks for a tier does not want the agent's pin."""
    if tier and not model:
        return ""
    return model or agent.own.model


def agent_for_prompt(
    company: Company, prompt: Command, orchestrator: str | None
) -> Agent | None:
    """Whose work a prompt is: the agent it names, else the orchestrator's (FORMATS section 4.1)."""
    named = "" if prompt.agent.lower() in BUILT_IN_AGENTS else prompt.agent
    return company.find_agent(named or orchestrator or "")
