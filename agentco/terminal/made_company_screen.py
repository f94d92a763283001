"""What `init` did, in lines."""

from pathlib import Path

from agentco.documents.made_company import NEXT_COMMANDS
from agentco.memory.git_rules import ATTRIBUTES_FILE
from agentco.upkeep.making_company import MadeCompany
from agentco.upkeep.mcp_entries import McpConfig

NO_GIT_NOTE = "Not a git repository yet. Run git init to review and undo changes."


def shared_line(config: McpConfig) -> str:
    """What an editor's configuration got."""
    return f"One entry was added to {config.path}: {config.entry_text()}"


def line_by_hand(config: McpConfig) -> str:
    """What an editor's configuration would get, where it could not be changed."""
    told = f"{config.path} was left alone. Add this under {config.root_key!r}"
    return f"{told} to share the memory with that editor:\n  {config.entry_text()}"


def report_lines(made: MadeCompany) -> list[str]:
    """What was done, what the caps are, and the three commands to try next."""
    root = made.root
    lines = [f"  new   {path}" for path in made.written]
    lines.extend(f"  kept  {path}" for path in made.kept)
    count = len(made.written)
    written = "1 file written" if count == 1 else f"{count} files written"
    lines.append(f"\n{written}, {len(made.kept)} left as they were, in {root}")
    added = f"One line was added to {ATTRIBUTES_FILE}"
    lines.extend(f"{added}: {rule}" for rule in made.union_rules.splitlines())
    lines.extend(map(shared_line, made.shared))
    lines.extend(map(line_by_hand, made.to_share))
    if not made.is_repository:
        lines.append(NO_GIT_NOTE)
    if made.above:
        here = f"commands inside {root.name} use only this one"
        lines.append(f"Note: {made.above} is a company too; {here}.")
    lines.extend((made.caps, "\nTry next:"))
    if root != Path.cwd().resolve():
        lines.append(f"  cd {root}")
    lines.extend(f"  {command}" for command in NEXT_COMMANDS)
    return lines
