"""Every command by its group: its place, MODULE or MODULE:NAME, and its first sentence.

Help is made from this table, so that it loads no module of a command.
"""

from agentco.kernel import package_data

COMMAND_GROUPS = package_data.load_table(
    __name__, dict[str, dict[str, tuple[str, str]]]
)
COMMANDS = {
    name: entry for group in COMMAND_GROUPS.values() for name, entry in group.items()
}
