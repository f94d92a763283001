"""What foreign tool names mean here: one table, and a rule for the rest (FORMATS section 7).

A name that nobody knows is left out and told; it never grants anything.
"""

import re
from collections.abc import Iterable, Set as AbstractSet
from enum import StrEnum

from msgspec import Struct


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


DEFAULT = (Tool.MEMORY, Tool.BOARD, Tool.READ, Tool.SKILL)
"""What an agent without a list of tools has: memory, board, reading files, skills."""

_NAMES: dict[Tool, str] = {
    Tool.SEARCH: "search search/codebase codebase grep glob usages findtestfiles searchresults "
    "search/searchresults search/filesearch search/textsearch search/usages search/listdirectory "
    "grep_search semantic_search file_search list_dir ls",
    Tool.READ: "read read/readfile view search/readfile read_file notebookread readfile",
    Tool.EDIT: "edit edit/editfiles write new edit/createfile edit/createdirectory editfiles multiedit "
    "notebookedit createfile create_file replace_string_in_file newworkspace createdirectory",
    Tool.RUN: "run bash runcommands runtasks runtests execute/runinterminal terminalcommand runnotebooks "
    "execute shell execute/runtask execute/runtests execute/awaitterminal execute/killterminal "
    "execute/createandruntask powershell runinterminal run_in_terminal",
    Tool.FETCH: "fetch opensimplebrowser web/fetch web webfetch websearch browser fetch_webpage",
    Tool.MEMORY: "memory memory/* vscode/memory",
    Tool.BOARD: "board todo todos todowrite",
    Tool.SKILL: "skill",
    Tool.ASK_FOUNDER: "askfounder vscode/askquestions askuserquestion",
    Tool.DELEGATE: "delegate agent runsubagent agent/runsubagent task custom-agent",
}
_IGNORED_NAMES = (
    "problems testfailure terminallastcommand execute/getterminaloutput terminalselection "
    "read/terminallastcommand read/terminalselection read/problems runcommands/terminallastcommand "
    "runcommands/terminalselection execute/testfailure read/gettaskoutput execute/gettaskoutput "
    "extensions vscodeapi vscode vscode/extensions vscode/installextension vscode/runcommand "
    "vscode/getprojectsetupinfo vscode/vscodeapi vscode/newworkspace updateuserpreferences activepullrequest "
    "copilotcodingagent changes search/changes think lsp mcpsearch"
)
_IGNORED = frozenset(_IGNORED_NAMES.split())
_GITHUB = frozenset({"githubrepo", "github", "github/*", "web/githubrepo"})
_SETS = ("search/", "read/", "edit/", "execute/", "web/", "agent/", "todo/", "vscode/")
"""The editor's own tool sets: `edit/*` is all of one, and what is new in one is no server's tool."""
_KNOWN = {name: tool for tool, names in _NAMES.items() for name in names.split()}
_CALL = re.compile(r"([^()]+?)\s*\((.*)\)$", re.DOTALL)
_SERVER_TOOL = re.compile(r"(?P<server>[^\s/].*)/(?P<tool>[^\s/]+)$")
_LEGACY = re.compile(r"mcp_(?P<server>[A-Za-z0-9-]+)_(?P<tool>\w+)$")


class Grant(Struct, frozen=True, kw_only=True):
    """A tool by our name or as `mcp__server__tool`; `pattern` narrows it as `git:*` does in `Bash(git:*)`."""

    tool: str
    pattern: str = ""


class Tools(Struct, frozen=True, kw_only=True):
    """What a list of tools comes to. `everything` means all that the permissions allow."""

    grants: tuple[Grant, ...] = ()
    everything: bool = False
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_tools(names: Iterable[str], servers: AbstractSet[str]) -> Tools:
    """Our tools for foreign names; the bare name of one of `servers` means all tools of that server."""
    grants: dict[Grant, None] = {}
    ignored, unknown, everything = list[str](), list[str](), False
    for raw in names:
        name, pattern = _bare(raw)
        everything |= name == "*"
        if tool := _tool(name, servers):
            grants[Grant(tool=tool, pattern=pattern)] = None
        elif name.lower() in _IGNORED:
            ignored.append(name)
        elif name not in {"*", ""}:
            unknown.append(name)
    return Tools(grants=tuple(grants), everything=everything, ignored=tuple(ignored), unknown=tuple(unknown))


def _bare(raw: str) -> tuple[str, str]:
    """The name without quotes and `#tool:`, and the pattern that stood in brackets after it."""
    name = " ".join(raw.split()).strip("'\"`").removeprefix("#").strip()
    name = name[5:] if name.lower().startswith("tool:") else name
    call = _CALL.match(name)
    return (call[1].strip(), call[2].strip()) if call else (name, "")


def _tool(name: str, servers: AbstractSet[str]) -> str | None:
    lower = name.lower()
    if lower in _KNOWN or lower in _IGNORED:
        return _KNOWN.get(lower)
    if lower in _GITHUB:
        return "mcp__github__*"
    if name in servers:
        return f"mcp__{name}__*"
    if lower.startswith("mcp__"):
        return name if name.count("__") > 1 else f"{name}__*"
    return _from_set(lower) if lower.startswith(_SETS) else _from_server(name)


def _from_set(lower: str) -> str | None:
    toolset, _, rest = lower.partition("/")
    return _KNOWN.get(toolset) if rest == "*" else None


def _from_server(name: str) -> str | None:
    match = _SERVER_TOOL.match(name) or _LEGACY.match(name)
    return f"mcp__{match['server']}__{match['tool']}" if match else None
