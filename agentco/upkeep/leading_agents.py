"""Who of a folder's agents hands out work, and who improves the others' files."""

from collections import Counter
from collections.abc import Iterable, Sequence

from agentco.company.records import Agent

ORCHESTRATORS = (
    "orchestrator", "coordinator", "chief-of-staff", "coo", "ceo", "conductor", "supervisor",
)  # fmt: skip
"""What agents that hand out work are called, the surest first."""
IMPROVERS = ("improver", "agent-improver", "improve-agents", "improve")
"""What agents are called that improve the others' files."""
FEWEST_HANDOFFS = 2
"""Who hands work to fewer agents does not lead them."""


def find_orchestrator(agents: Sequence[Agent]) -> Agent | None:
    """Who hands out work: by name, else who hands work to more agents than anybody else."""
    by_name = _called(agents, ORCHESTRATORS)
    if by_name:
        return by_name
    known = {name for agent in agents for name in agent.all_names}
    reach = Counter[str]()
    for agent in agents:
        targets = {handoff.agent for handoff in agent.handoffs}
        targets.update(agent.agents or ())
        reach[agent.id] = len((targets & known) - set(agent.all_names))
    ranked = reach.most_common(2)
    if not ranked or ranked[0][1] < FEWEST_HANDOFFS:
        return None
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return None
    return next(agent for agent in agents if agent.id == ranked[0][0])


def find_improver(agents: Sequence[Agent]) -> Agent | None:
    """Who improves the others' files: by name, else whom a handoff calls to improve something."""
    by_name = _called(agents, IMPROVERS)
    if by_name:
        return by_name
    named = {
        handoff.agent
        for agent in agents
        for handoff in agent.handoffs
        if "improve" in handoff.label.casefold()
    }
    found = [agent for agent in agents if not named.isdisjoint(agent.all_names)]
    return found[0] if len(found) == 1 else None


def role_settings(agents: Sequence[Agent]) -> str:
    """The lines of new settings that say who leads, each with its end."""
    own = [agent for agent in agents if not agent.file.startswith("~/")]
    orchestrator, improver = find_orchestrator(own), find_improver(own)
    lines = ""
    if orchestrator:
        lines += f"\n  orchestrator: {orchestrator.id}"
    if improver and improver != orchestrator:
        lines += f"\n  improver: {improver.id}"
    return lines


def _called(agents: Sequence[Agent], names: Iterable[str]) -> Agent | None:
    for name in names:
        for agent in agents:
            if name in {each.casefold() for each in agent.all_names}:
                return agent
    return None
