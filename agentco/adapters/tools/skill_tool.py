"""A skill as an agent gets it: its instructions, and each of its other files on demand."""

from html import escape
from pathlib import Path

from agentco.adapters.tools.agent_files import AgentFiles
from agentco.company.company import Company
from agentco.company.records import SkillRecord
from agentco.kernel.errors import WrongUsage, did_you_mean
from agentco.ports.outside import ToolCaller
from agentco.runs.actions import Skill

MAX_FILES = 50
"""How many files of a skill are named."""


def skill_content(
    action: Skill, company: Company, files: AgentFiles, caller: ToolCaller
) -> str:
    """Load one of the agent's skills, or one of its files. Raises WrongUsage for any other."""
    skill = find_own_skill(action.name, company, caller)
    if skill.folder.startswith("~/"):
        home = Path("~").expanduser()
        stop = files.is_stopped
        files = AgentFiles(home, may_read=lambda _: True, is_stopped=stop)
    folder = files.resolve_path(skill.folder.removeprefix("~/"))
    if not action.file:
        return skill_text(skill, folder, files)
    path = f"{folder}/{action.file}"
    if not files.resolve_path(path).startswith(f"{folder}/"):
        what = f"{action.file!r} lies outside the skill"
        raise WrongUsage(what, hint="name one of its own files")
    if not files.may_read(path):
        raise WrongUsage(f"{action.file!r} is not for agents", hint="go on without it")
    return files.read_text(path)


def find_own_skill(name: str, company: Company, caller: ToolCaller) -> SkillRecord:
    """The skill of that name, if the agent has it."""
    names, agent = {*caller.skills}, company.find_agent(caller.agent)
    if agent:
        names.update(agent.skills, agent.own.skills or ())
    skill = company.find_skill(name)
    if skill and names & {skill.id, skill.name}:
        return skill
    choice = ", ".join(sorted(names)) or "none"
    hint = did_you_mean(name, names, f"your skills are {choice}")
    raise WrongUsage(f"you have no skill {name!r}", hint=hint)


def skill_text(skill: SkillRecord, folder: str, files: AgentFiles) -> str:
    """The instructions of a skill, and the names of its other files."""
    names = list[str]()
    for path, _ in files.walk(folder):
        name = path.removeprefix(f"{folder}/")
        if name.casefold() != "skill.md" and files.may_read(path):
            names.append(name)
    lines = [
        f'<skill_content name="{escape(skill.name)}">',
        skill.body.strip(),
        f"Skill directory: {skill.folder}; relative paths are relative to it",
        "<skill_resources>",
    ]
    lines += [f"<file>{escape(name)}</file>" for name in names[:MAX_FILES]]
    if len(names) > MAX_FILES:
        lines.append(f"…{len(names) - MAX_FILES} more")
    return "\n".join((*lines, "</skill_resources>", "</skill_content>"))
