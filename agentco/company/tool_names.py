"""What foreign tool names mean here: the table of tools, and a rule for the rest (FORMATS 7).

A name that nobody knows is left out and told; it never grants anything.
"""

import re
from collections.abc import Iterable, Set as AbstractSet

from msgspec import Struct

from agentco.company.tool_table import TOOLS
from agentco.kernel import package_data

OWN_NAMES = tuple(tool.name for tool in TOOLS if tool.other_names)
"""Our names for the tools that a list may name."""
_OTHER_MEANINGS = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""What the tools of a server are called elsewhere; under no name what only an editor has."""
_OUR_MEANINGS = {tool.name: tool.other_names for tool in TOOLS}
_TOOL_BY_OTHER_NAME = {
    name: tool
    for tool, names in (_OUR_MEANINGS | _OTHER_MEANINGS).items()
    for name in names
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
"""The editor's own tool sets: `edit/*` is all of one; a new name in one is no server's tool."""
_CALL = re.compile(r"([^()]+?)\s*\((.*)\)$", re.DOTALL)
_SERVER_TOOL = re.compile(r"(?P<server>[^\s/].*)/(?P<tool>[^\s/]+)$")
_LEGACY_SERVER_TOOL = re.compile(r"mcp_(?P<server>[A-Za-z0-9-]+)_(?P<tool>\w+)$")


class Grant(Struct, frozen=True, kw_only=True):
    """A tool by our name or as `mcp__server__tool`.

    `pattern` narrows it, as `git:*` does in `Bash(git:*)`.
    """

    tool: str
    pattern: str = ""


class ToolList(Struct, frozen=True, kw_only=True):
    """What a list of tools comes to. `everything` means all that the permissions allow."""

    grants: tuple[Grant, ...] = ()
    everything: bool = False
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_tools(names: Iterable[str], servers: AbstractSet[str]) -> ToolList:
    """Translate foreign names; the bare name of one of `servers` means all of its tools."""
    grants: dict[Grant, None] = {}
    ignored, unknown, everything = list[str](), list[str](), False
    for raw in names:
        name, pattern = _split_pattern(raw)
        everything |= name == "*"
        if tool := _translate_tool(name, servers):
            grants[Grant(tool=tool, pattern=pattern)] = None
        elif name.lower() in _OTHER_MEANINGS[""]:
            ignored.append(name)
        elif name not in {"*", ""}:
            unknown.append(name)
    return ToolList(
        grants=tuple(grants),
        everything=everything,
        ignored=tuple(ignored),
        unknown=tuple(unknown),
    )


def _split_pattern(raw: str) -> tuple[str, str]:
    """The name without quotes and `#tool:`, and the pattern that stood in brackets after it."""
    name = " ".join(raw.split()).strip("'\"`").removeprefix("#").strip()
    name = name[5:] if name.lower().startswith("tool:") else name
    call = _CALL.match(name)
    return (call[1].strip(), call[2].strip()) if call else (name, "")


def _translate_tool(name: str, servers: AbstractSet[str]) -> str | None:
    lower = name.lower()
    if lower in _TOOL_BY_OTHER_NAME:
        return _TOOL_BY_OTHER_NAME[lower]
    if name in servers:
        return f"mcp__{name}__*"
    if lower.startswith("mcp__"):
        return name if name.count("__") > 1 else f"{name}__*"
    if lower.startswith(_EDITOR_TOOL_SETS):
        toolset, _, rest = lower.partition("/")
        return _TOOL_BY_OTHER_NAME.get(toolset) if rest == "*" else None
    match = _SERVER_TOOL.match(name) or _LEGACY_SERVER_TOOL.match(name)
    return f"mcp__{match['server']}__{match['tool']}" if match else None
