"""What is ruled on: an act, its target in the one form that rules are held against."""

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from agentco.company.tool_names import OWN_NAMES, read_tools
from agentco.company.tool_table import Target, find_tool, target_of
from agentco.kernel.company_paths import fold_path, fold_text, normalize_path
from agentco.kernel.errors import did_you_mean

MAX_NAME_CHARS = 255
"""No disk has a longer name."""
MAX_TARGET_CHARS = 4096
"""No disk takes a longer path, and what is matched against rules must have an end."""
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_SERVER_TOOL = re.compile(r"[\w. -]+/(?:[\w.-]+|\*)")
_LIKE_ASCII = str.maketrans("\u0130\u0131\u017f\u212a", "iisk")
"""The letters that a pattern takes for one of ASCII when case does not count."""


class UnreadableAct(ValueError):
    """Words that name no act; the message says why."""


class ToolUse(Struct, frozen=True, kw_only=True):
    """An act: a tool by our name or `mcp__server__tool`, and what it acts on.

    `specifier` is for Read, Edit and Search the path in the company, with links resolved; for Run
    the command's name and arguments; for Fetch the URL; for Memory and Board the operation; for
    Skill its name.
    """

    tool: str
    specifier: str = ""
    ignored: bool = False
    executable: bool = False


class ToolFacts(Struct, frozen=True, kw_only=True):
    """What rules need of a tool: `names` are those under which it is ruled on, in lower case."""

    name: str
    names: tuple[str, ...]
    target: Target
    changes: bool

    @property
    def changes_files(self) -> bool:
        """Whether it writes what it is used on."""
        return self.changes and self.target is Target.PATH


class ActTarget(Struct, frozen=True, kw_only=True):
    """What is acted on, as it is written and without what some disk or reader does not see.

    `haystack` holds every run of ASCII letters that a pattern could match in either form.
    """

    exact: str
    folded: str
    haystack: str


@lru_cache(maxsize=1024)
def tool_name(name: str) -> str | None:
    """Our name for a tool; None for a name that nobody knows."""
    known = read_tools([name], frozenset())
    if known.grants and not _is_slip(name, known.grants[0].tool):
        return known.grants[0].tool
    if known.ignored:
        return name
    tool = find_tool(name)
    return tool.name if tool and tool.can_be_ruled_on else None


def _is_slip(name: str, tool: str) -> bool:
    """Whether what reads like the tool of a server is one of ours with its brackets forgotten."""
    if "/" not in name or tool in OWN_NAMES:
        return False
    first, gap, _ = name.partition(" ")
    return not _SERVER_TOOL.fullmatch(name) or bool(gap and tool_name(first))


@lru_cache(maxsize=1024)
def tool_facts(name: str) -> ToolFacts:
    """What rules need of a tool by any of its names."""
    name = tool_name(name) or name
    tool = find_tool(name)
    names = (name, tool.also_ruled_as) if tool and tool.also_ruled_as else (name,)
    return ToolFacts(
        name=name,
        names=tuple(one.casefold() for one in names),
        target=target_of(name),
        changes=tool is not None and tool.changes,
    )


def split_act(text: str) -> tuple[str, str | None] | None:
    """The name in `Tool` or `Tool(what)`, and what stands in its brackets; None for anything else.

    Without brackets there is no second part.
    """
    name, bracket, rest = text.strip().partition("(")
    if not name.strip() or ")" in name or (bracket and not rest.endswith(")")):
        return None
    return name.strip(), rest[:-1].strip() if bracket else None


def read_act(text: str) -> ToolUse:
    """An act written as `Tool` or `Tool(what)`. Raises UnreadableAct."""
    split = split_act(text)
    if split is None:
        raise UnreadableAct(f"{text!r} is not written as Tool or Tool(what)")
    name, what = split
    tool = tool_name(name)
    is_path = "/" in name and tool not in OWN_NAMES
    if tool is None or is_path:  # a path reads like the tool of a server
        hint = did_you_mean(name, OWN_NAMES, ", ".join(OWN_NAMES))
        raise UnreadableAct(f"{text!r} names no tool: {hint}")
    return ToolUse(tool=tool, specifier=what or "")


def normalize_target(target: Target, text: str) -> str | None:
    """What is acted on, in the one form rules are held against; None for what could mislead."""
    if len(text) > MAX_TARGET_CHARS:
        return None
    if target is Target.PATH:
        path = normalize_path(text)
        longest = max(map(len, (path or "").split("/")))
        return path if longest <= MAX_NAME_CHARS else None
    if target is Target.URL:
        return normalize_url(text)
    return " ".join(text.split())


def normalize_url(url: str) -> str | None:
    """An http address as browsers read it; None for one that could mislead."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    is_odd = (
        not url.isprintable()
        or "\\" in url
        or " " in url
        or "@" in parts.netloc
        or ".." in unquote(parts.path)
    )
    if is_odd or not host or host.endswith("."):
        return None
    if parts.scheme not in _DEFAULT_PORTS:
        return None
    netloc = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    return parts._replace(netloc=netloc, path=parts.path or "/", fragment="").geturl()


def target_forms(target: Target, text: str) -> ActTarget:
    """Both forms of a target."""
    folded = fold_path(text) if target is Target.PATH else fold_text(text)
    haystack = f"{text}\n{folded}"
    if not haystack.isascii():
        haystack = haystack.translate(_LIKE_ASCII)
    return ActTarget(exact=text, folded=folded, haystack=haystack.lower())
