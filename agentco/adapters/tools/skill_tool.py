"""A skill as an agent gets it: its instructions with the names of its files, and each of these on demand."""

from dataclasses import replace
from html import escape
from pathlib import Path

from agentco.adapters.tools.agent_files import AgentFiles
from agentco.company.company import Company
from agentco.engine.ports import ToolCaller
from agentco.kernel.errors import WrongUsage, did_you_mean
from agentco.runs.actions import Skill

MAX_FILES = 50


def skill_content(
    action: Skill, company: Company, files: AgentFiles, act: ToolCaller
) -> str:
    """One skill of those that the agent has, or one of its files. Raises WrongUsage for any other."""
    found, agent = company.find_skill(action.name), company.find_agent(act.agent)
    names = {
        *act.skills,
        *((*agent.skills, *(agent.own.skills or ())) if agent else ()),
    }
    if not found or not names & {found.id, found.name}:
        hint = did_you_mean(
            action.name, names, f"there is: {', '.join(sorted(names)) or 'none'}"
        )
        raise WrongUsage(f"you have no skill {action.name!r}", hint=hint)
    if found.folder.startswith("~/"):
        files = replace(files, root=Path("~").expanduser(), ignored=None)
    folder = files.resolve_path(found.folder.removeprefix("~/"))
    if action.file:
        if not files.resolve_path(f"{folder}/{action.file}").startswith(f"{folder}/"):
            raise WrongUsage(
                f"{action.file!r} lies outside the skill",
                hint="name one of its own files",
            )
        return files.read_text(f"{folder}/{action.file}")
    every = (path.removeprefix(f"{folder}/") for path, _ in files.walk(folder))
    others = [name for name in every if name.casefold() != "skill.md"]
    listed = [f"<file>{escape(name)}</file>" for name in others[:MAX_FILES]]
    more = [f"…{len(others) - MAX_FILES} more"] if len(others) > MAX_FILES else []
    where = f"Skill directory: {found.folder}; relative paths are relative to it"
    inner = (
        found.body.strip(),
        where,
        "<skill_resources>",
        *listed,
        *more,
        "</skill_resources>",
    )
    return "\n".join(
        (f'<skill_content name="{escape(found.name)}">', *inner, "</skill_content>")
    )
