"""Which tools, which tier and which agent a piece of work gets, before any permission is asked for."""

from agentco.company.company import Company
from agentco.company.model_labels import LabelTier, read_label
from agentco.company.prompts import BUILT_IN_AGENTS
from agentco.company.records import Agent, Command, Prompt, Tier
from agentco.company.tool_names import DEFAULT_TOOLS, Tool, ToolList

ALWAYS_GRANTED = (Tool.ASK_FOUNDER, "Lesson", "Gather")
"""What every agent has unless its list is empty: asking, recording a lesson, having much read for it."""
INTERNAL_TOOLS = (*DEFAULT_TOOLS, Tool.SEARCH, Tool.EDIT, Tool.DELEGATE)
"""What stays in the company: all that `'*'` stands for."""
_READING_TOOLS = (Tool.SEARCH, Tool.READ, Tool.SKILL, Tool.FETCH)
_MODE_TOOLS = {
    "ask": _READING_TOOLS,
    "plan": _READING_TOOLS,
    "edit": (*_READING_TOOLS, Tool.EDIT),
}


def granted_tools(
    agent: Agent, prompt: Command | None = None, *, orchestrator: bool = False
) -> tuple[str, ...]:
    """The names of the tools an agent is given; a prompt's list counts before the agent's.

    Tools of servers are no part of it. Who may read may read skills; only the orchestrator delegates.
    """
    asked = prompt if isinstance(prompt, Prompt) else None
    mode = _MODE_TOOLS.get(asked.agent.lower()) if asked else None
    tools = asked.tools if asked and asked.tools is not None else agent.tools
    if tools == ToolList():
        return ()
    taken = {grant.tool for grant in agent.without}
    if not orchestrator or agent.agents == ():
        taken.add(Tool.DELEGATE)
    names = [
        name
        for name in Tool
        if name in _listed_tools(tools, mode) and name in (mode or Tool)
    ]
    return tuple(
        name for name in dict.fromkeys((*names, *ALWAYS_GRANTED)) if name not in taken
    )


def _listed_tools(tools: ToolList | None, mode: tuple[Tool, ...] | None) -> set[str]:
    """What a list names; without one the default, or what the mode is for."""
    if tools is None:
        return {
            *DEFAULT_TOOLS,
            Tool.DELEGATE,
            *(tool for tool in mode or () if tool is not Tool.FETCH),
        }
    names = {
        *(grant.tool for grant in tools.grants),
        *(INTERNAL_TOOLS if tools.everything else ()),
    }
    return {*names, Tool.SKILL} if Tool.READ in names else names


def tier_of(
    agent: Agent,
    prompt: Command | None = None,
    asked: Tier | None = None,
    caller: Tier = Tier.MEDIUM,
) -> Tier:
    """How strong a model is asked for: the founder's word, our own keys, foreign labels, the caller's."""
    own = prompt.own.tier if isinstance(prompt, Prompt) else None
    if tier := asked or own or agent.own.tier:
        return tier
    labels = filter(None, (prompt.models if prompt else (), agent.models))
    return next(
        (
            Tier(w)
            for w in (read_label(best).wanted for best, *_ in labels)
            if w is not LabelTier.CALLER
        ),
        caller,
    )


def pinned_model(agent: Agent, model: str = "", tier: Tier | None = None) -> str:
    """The exact model to ask, or nothing; who asks for a tier does not want the agent's pin."""
    return model or ("" if tier else agent.own.model)


def agent_for_prompt(
    company: Company, prompt: Command, orchestrator: str | None
) -> Agent | None:
    """Whose work a prompt is: the agent it names, else the orchestrator's (FORMATS section 4.1)."""
    named = "" if prompt.agent.lower() in BUILT_IN_AGENTS else prompt.agent
    return company.find_agent(named or orchestrator or "")
