"""What foreign tool names mean here: one table, and a rule for the rest (FORMATS section 7).

A name that nobody knows is left out and told; it never grants anything.
"""

import re
from collections.abc import Iterable, Set as AbstractSet
from enum import StrEnum

from msgspec import Struct

from agentco.kernel import package_data


class Tool(StrEnum):
    """What an agent can be given."""

    SEARCH = "Search"
    READ = "Read"
    EDIT = "Edit"
    RUN = "Run"
    FETCH = "Fetch"
    MEMORY = "Memory"
    BOARD = "Board"
    SKILL = "Skill"
    ASK_FOUNDER = "AskFounder"
    DELEGATE = "Delegate"


DEFAULT_TOOLS = (Tool.MEMORY, Tool.BOARD, Tool.READ, Tool.SKILL)
"""What an agent without a list of tools has: memory, board, reading files, skills."""

_FOREIGN_NAMES = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""For each of our tools what others call it; under no name what only an editor has."""
_TOOL_BY_FOREIGN_NAME = {
    name: tool for tool, names in _FOREIGN_NAMES.items() for name in names
}
_EDITOR_TOOL_SETS = (
    "search/",
    "read/",
    "edit/",
    "execute/",
    "web/",
    "agent/",
    "todo/",
    "vscode/",
)
"""The editor's own tool sets: `edit/*` is all of one, and a new member is no server's tool."""
_TOOL_PREFIX = "tool:"
_CALL = re.compile(r"([^()]+?)\s*\((.*)\)$", re.DOTALL)
_SERVER_TOOL = re.compile(r"(?P<server>[^\s/].*)/(?P<tool>[^\s/]+)$")
_LEGACY_SERVER_TOOL = re.compile(r"mcp_(?P<server>[A-Za-z0-9-]+)_(?P<tool>\w+)$")


class Grant(Struct, frozen=True, kw_only=True):
    """A tool, by our name or as `mcp__server__tool`; `pattern` narrows it as in `Bash(git:*)`."""

    tool: str
    pattern: str = ""


class ToolList(Struct, frozen=True, kw_only=True):
    """What a list of tools grants. `everything` means all that the permissions allow."""

    grants: tuple[Grant, ...] = ()
    everything: bool = False
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_tools(names: Iterable[str], servers: AbstractSet[str]) -> ToolList:
    """Our tools for foreign names; the bare name of one of `servers` means all of its tools."""
    grants: dict[Grant, None] = {}
    ignored: list[str] = []
    unknown: list[str] = []
    everything = False
    for raw_name in names:
        name, pattern = _split_pattern(raw_name)
        tool = _translate_tool(name, servers)
        if tool:
            grants[Grant(tool=tool, pattern=pattern)] = None
        elif name == "*":
            everything = True
        elif name.lower() in _FOREIGN_NAMES[""]:
            ignored.append(name)
        elif name:
            unknown.append(name)
    return ToolList(
        grants=tuple(grants),
        everything=everything,
        ignored=tuple(ignored),
        unknown=tuple(unknown),
    )


def _split_pattern(raw_name: str) -> tuple[str, str]:
    """The name without quotes and `#tool:`, and the pattern in brackets after it."""
    name = " ".join(raw_name.split()).strip("'\"`").removeprefix("#").strip()
    if name.lower().startswith(_TOOL_PREFIX):
        name = name[len(_TOOL_PREFIX) :]
    call = _CALL.match(name)
    return (call[1].strip(), call[2].strip()) if call else (name, "")


def _translate_tool(name: str, servers: AbstractSet[str]) -> str | None:
    """Our name for a foreign one, or None."""
    lower = name.lower()
    if lower in _TOOL_BY_FOREIGN_NAME:
        return _TOOL_BY_FOREIGN_NAME[lower]
    if name in servers:
        return f"mcp__{name}__*"
    if lower.startswith("mcp__"):
        return name if name.count("__") > 1 else f"{name}__*"
    if lower.startswith(_EDITOR_TOOL_SETS):
        tool_set, _, member = lower.partition("/")
        return _TOOL_BY_FOREIGN_NAME.get(tool_set) if member == "*" else None
    match = _SERVER_TOOL.match(name) or _LEGACY_SERVER_TOOL.match(name)
    return f"mcp__{match['server']}__{match['tool']}" if match else None
