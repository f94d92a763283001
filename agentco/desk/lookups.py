"""Whom and what the founder means by a name."""

from collections.abc import Sequence

from agentco.company.company import Company
from agentco.company.records import Agent, Prompt, SkillRecord
from agentco.kernel.errors import WrongUsage, did_you_mean

MAX_NAMES_LISTED = 20


def find_agent(company: Company, name: str) -> Agent:
    """The agent of that name. Raises WrongUsage, with the names that come close."""
    agent = company.find_agent(name)
    if agent is None:
        raise unknown_name("agent", name, [agent.id for agent in company.agents])
    return agent


def find_prompt(company: Company, name: str) -> Prompt | SkillRecord:
    """The prompt of that name, or the skill that may be called by it.

    A leading slash is ignored. Raises WrongUsage, with the names that come close.
    """
    bare_name = name.removeprefix("/")
    prompt = company.find_prompt(bare_name)
    if prompt:
        return prompt
    skill = company.find_skill(bare_name)
    if skill and skill.user_invocable:
        return skill
    names = [prompt.name for prompt in company.prompts]
    names.extend(skill.name for skill in company.skills if skill.user_invocable)
    raise unknown_name("prompt", name, names)


def unknown_name(what: str, name: str, known: Sequence[str]) -> WrongUsage:
    """The error for a name that is not there."""
    some = ", ".join(sorted(known)[:MAX_NAMES_LISTED]) or "none"
    more = len(known) - MAX_NAMES_LISTED
    if more > 0:
        some = f"{some}, and {more} more"
    hint = did_you_mean(name, known, f"there are: {some}")
    return WrongUsage(f"no {what} {name!r}", hint=hint)
