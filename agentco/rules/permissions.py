"""What an agent may do: deny over ask over allow, and what no rule matches is asked.

Doubt decides against: an `allow` must hold for every way in which a path or an address can be read,
a `deny` or an `ask` for one of them.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import accumulate
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from agentco.company import file_locations, settings
from agentco.company.closed_names import closed_name
from agentco.company.globs import matches_any_glob
from agentco.company.records import Permissions
from agentco.company.tool_names import OWN_NAMES, read_tools
from agentco.company.tool_table import Target, find_tool, target_of
from agentco.file_formats import yaml_values
from agentco.kernel import package_data
from agentco.kernel.company_paths import MAX_DEPTH, fold_path, fold_text, normalize_path
from agentco.kernel.errors import did_you_mean
from agentco.runs.actions import Read, name_of

_BUILT_IN = package_data.load_table(__name__, Permissions)
_NO_PERMISSIONS = Permissions()
_READ = name_of(Read)
_RULE_SYNTAX = re.compile(r"([^()]+?)\s*(?:\((.+)\))?", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Ruling(StrEnum):
    """What becomes of an act, the strictest first."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


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


class RulingDetails(Struct, frozen=True, kw_only=True):
    """A ruling, its rule, and why; `file` and `line` are None for what is built in."""

    ruling: Ruling
    rule: str
    why: str
    file: str | None = None
    line: int | None = None


class _ParsedRule(Struct, frozen=True, kw_only=True):
    """A rule string; without a `tool` it is about every one, with a `problem` it allows nothing."""

    tool: str = "*"
    pattern: str = ""
    problem: str | None = None


class _RuleSource(Struct, frozen=True, kw_only=True):
    """Rules with whose they are, and the file and lines where they stand."""

    rules: Permissions
    whose: str
    file: str | None = None
    lines: Mapping[yaml_values.KeyPath, int] = {}


def check_permission(
    use: ToolUse,
    rules: Permissions,
    own: Permissions = _NO_PERMISSIONS,
    *,
    lines: Mapping[yaml_values.KeyPath, int] = {},
) -> RulingDetails:
    """The ruling on an act by the settings' rules; those of the agent's `own` file only narrow it.

    `lines` tells where the settings' rules stand; `file` is None for a rule of the agent's own.
    """
    use = replace(use, tool=_tool_name(use.tool) or use.tool)
    target = _normalize_target(use.tool, use.specifier)
    built_in = _built_in_ruling(use, target)
    sources = (
        _RuleSource(rules=_BUILT_IN, whose="built in"),
        _RuleSource(
            rules=rules, whose="a rule", file=settings.SETTINGS_FILE, lines=lines
        ),
        _RuleSource(rules=replace(own, allow=()), whose="its own rule"),
    )
    for ruling in Ruling:
        if built_in and built_in.ruling is ruling:
            return built_in
        for source in sources:
            details = _first_applying(source, ruling, use.tool, target or "")
            if details:
                return details
    return RulingDetails(ruling=Ruling.ASK, rule="unmatched", why="no rule allows it")


def may_read(path: str, rules: Permissions, own: Permissions) -> bool:
    """Whether an agent may read a path without being asked about it."""
    details = check_permission(ToolUse(tool=_READ, specifier=path), rules, own)
    return details.ruling is Ruling.ALLOW


def _first_applying(
    source: _RuleSource, ruling: Ruling, tool: str, target: str
) -> RulingDetails | None:
    """The first rule of a source that gives this ruling on an act."""
    strictly = ruling is Ruling.ALLOW
    rules: tuple[str, ...] = getattr(source.rules, ruling)
    for i, text in enumerate(rules):
        parsed = _parse_rule(text)
        if _rule_applies(parsed, tool, target, strictly=strictly):
            return RulingDetails(
                ruling=ruling,
                rule=text,
                why=parsed.problem or f"{source.whose}: {ruling} {text}",
                file=source.file,
                line=source.lines.get(("permissions", ruling, i)),
            )
    return None


def rule_problem(rule: str) -> str | None:
    """What is wrong with a rule, in a sentence. A wrong one allows nothing and forbids its tool."""
    parsed = _parse_rule(rule)
    is_path = target_of(parsed.tool) is Target.PATH
    if parsed.problem or not is_path or not parsed.pattern:
        return parsed.problem
    target = _normalize_target(parsed.tool, parsed.pattern.lstrip("/"))
    if target is None:
        return f"{rule!r} can never match: its path leads out of the company"
    if closed_name(target):
        return f"{rule!r} changes nothing: agents cannot go there anyway"
    return None


def _normalize_target(tool: str, text: str) -> str | None:
    """What is acted on, in the one form rules are held against; None for what could mislead."""
    if target_of(tool) is Target.PATH:
        return normalize_path(text)
    if target_of(tool) is Target.URL:
        return _normalize_url(text)
    return " ".join(text.split())


def _built_in_ruling(use: ToolUse, target: str | None) -> RulingDetails | None:
    """What no rule decides, because it is the file or the address that does."""
    ruling, rule = Ruling.DENY, "built in"
    is_path = target_of(use.tool) is Target.PATH
    if target is None:
        why = (
            "the path leads out of the company, or the address is not a plain http one"
        )
    elif is_path and (name := closed_name(target)):
        rule = f"{use.tool}({name})"
        why = f"built in: deny {rule}"
    elif is_path and use.ignored:
        why = "agents never touch what git ignores"
    elif _changes_files(use.tool) and (use.executable or _is_agents_own(target)):
        ruling = Ruling.ASK
        why = "only the founder changes what can be run, or what defines the agents"
    else:
        return None
    return RulingDetails(ruling=ruling, rule=rule, why=why)


def _is_agents_own(path: str) -> bool:
    """Whether a file says what agents are, in any spelling of its path."""
    forms = (path, fold_path(path))
    return any(file_locations.location_of(form) for form in forms)


def _rule_applies(rule: _ParsedRule, tool: str, target: str, *, strictly: bool) -> bool:
    """Whether a rule is about an act: in every spelling if `strictly`.

    Else one spelling is enough, or that of a folder above.
    """
    listed = find_tool(tool)
    names = {tool, listed.also_ruled_as} if listed else {tool}
    if not any(fnmatchcase(name.casefold(), rule.tool.casefold()) for name in names):
        return False
    if rule.problem or not rule.pattern:
        return not (strictly and rule.problem)
    fold = fold_path if target_of(tool) is Target.PATH else fold_text
    forms = [(rule.pattern, target), (fold(rule.pattern), fold(target))]
    if strictly:
        return all(_pattern_matches(tool, pattern, text) for pattern, text in forms)
    return any(_matches_above(tool, pattern, text) for pattern, text in forms)


def _matches_above(tool: str, pattern: str, text: str) -> bool:
    """Whether a pattern matches a target, or a folder or command that it begins with."""
    gap = " " if target_of(tool) is Target.WORDS else "/"
    parts = text.split(gap, MAX_DEPTH)
    beginnings = accumulate(parts, lambda above, name: f"{above}{gap}{name}")
    pattern = pattern.rstrip("/")
    return any(
        _pattern_matches(tool, pattern, beginning)
        for beginning in (*beginnings, text + gap)
    )


def _pattern_matches(tool: str, pattern: str, text: str) -> bool:
    if target_of(tool) is Target.PATH:
        return matches_any_glob((_root_pattern(pattern),), text)
    if target_of(tool) is Target.URL:
        domain = pattern.removeprefix("domain:").strip()
        if domain != pattern:
            pattern = f"{{http,https}}://{domain}{{,:*}}/**"
        return matches_any_glob((f"/{pattern}",), text)
    if pattern.endswith(":*"):
        return f"{text} ".startswith(f"{pattern.removesuffix(':*')} ")
    return fnmatchcase(text, pattern)


@lru_cache(maxsize=1024)
def _parse_rule(rule: str) -> _ParsedRule:
    """A rule string as tool and pattern."""
    name = rule.partition("(")[0].strip()
    tool = _tool_name(name)
    if tool is None:
        hint = did_you_mean(name, OWN_NAMES, ", ".join(OWN_NAMES))
        return _ParsedRule(problem=f"{rule!r} names no tool: {hint}")
    match = _RULE_SYNTAX.fullmatch(rule.strip())
    is_empty = match and match[2] and not match[2].strip()
    if match is None or is_empty:
        problem = f"{rule!r} is not written as Tool or Tool(what)"
        return _ParsedRule(tool=tool, problem=problem)
    return _ParsedRule(tool=tool, pattern=(match[2] or "").strip())


def _tool_name(name: str) -> str | None:
    """Our name for a tool; None for a name that nobody knows."""
    known = read_tools([name], frozenset())
    if known.grants:
        return known.grants[0].tool
    if known.ignored:
        return name
    tool = find_tool(name)
    return tool.name if tool and tool.can_be_ruled_on else None


def _changes_files(name: str) -> bool:
    tool = find_tool(name)
    return tool is not None and tool.target is Target.PATH and tool.changes


def _root_pattern(pattern: str) -> str:
    """A pattern as git reads it: with a slash in it, it begins at the company's root."""
    plain = pattern.replace("\\", "/").removeprefix("./")
    if "/" in plain and not plain.startswith("**/"):
        return f"/{plain.lstrip('/')}"
    return plain


def _normalize_url(url: str) -> str | None:
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
