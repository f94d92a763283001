"""What an agent may do by itself, what is asked, what never: deny over ask over allow, and unmatched asks.

Whatever is doubtful decides against: an `allow` must hold for every way in which a path or an address can be
read, a `deny` or an `ask` for one of them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import accumulate
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from agentco.company import file_locations, settings, yaml_values
from agentco.company.globs import matches_any_glob
from agentco.company.records import Permissions
from agentco.company.tool_names import OWN_NAMES, read_tools
from agentco.company.tool_table import Target, find_tool, target_of
from agentco.kernel import package_data
from agentco.kernel.errors import did_you_mean

_BUILT_IN = package_data.load_table(__name__, Permissions)
MAX_DEPTH = 64
_NO_PERMISSIONS = Permissions()
_RULE_SYNTAX = re.compile(r"([^()]+?)\s*(?:\((.+)\))?", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Ruling(StrEnum):
    """What becomes of an act, the strictest first."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


class ToolUse(Struct, frozen=True, kw_only=True):
    """An act: a tool by our name or `mcp__server__tool`, and what it acts on.

    `specifier` is for Read, Edit and Search the path in the company, with links resolved; for Run the
    command's name and arguments; for Fetch the URL; for Memory and Board the operation; for Skill its name.
    """

    tool: str
    specifier: str = ""
    ignored: bool = False
    executable: bool = False


class RulingDetails(Struct, frozen=True, kw_only=True):
    """A ruling, the rule it comes from, and why; `file` and `line` are None for what is built in."""

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
    return next(
        _possible_rulings(
            replace(use, tool=_tool_name(use.tool) or use.tool), rules, own, lines
        )
    )


def _possible_rulings(
    use: ToolUse,
    rules: Permissions,
    own: Permissions,
    lines: Mapping[yaml_values.KeyPath, int],
) -> Iterator[RulingDetails]:
    """Every ruling that could be given, the one that counts first."""
    on, facts = _normalize_target(use.tool, use.specifier), dict(_built_in_rulings(use))
    narrowing = replace(own, allow=())
    sources = (
        (_BUILT_IN, None, "built in"),
        (rules, settings.SETTINGS_FILE, "a rule"),
        (narrowing, None, "its own rule"),
    )
    for ruling in Ruling:
        if ruling in facts:
            yield RulingDetails(ruling=ruling, rule="built in", why=facts[ruling])
        for source, file, whose in sources:
            for i, text in enumerate(getattr(source, ruling)):
                if _rule_applies(
                    rule := _parse_rule(text),
                    use.tool,
                    on or "",
                    strictly=ruling is Ruling.ALLOW,
                ):
                    why = rule.problem or f"{whose}: {ruling} {text}"
                    line = lines.get(("permissions", ruling, i)) if file else None
                    yield RulingDetails(
                        ruling=ruling, rule=text, why=why, file=file, line=line
                    )
    yield RulingDetails(ruling=Ruling.ASK, rule="unmatched", why="no rule allows it")


def rule_problem(rule: str) -> str | None:
    """What is wrong with a rule, in a sentence. A wrong one allows nothing, and forbids its whole tool."""
    read = _parse_rule(rule)
    if read.problem or target_of(read.tool) is not Target.PATH or not read.pattern:
        return read.problem
    on = _normalize_target(read.tool, read.pattern.lstrip("/"))
    if on is None:
        return f"{rule!r} can never match: its path leads out of the company"
    never = any(
        _rule_applies(_parse_rule(text), read.tool, on, strictly=False)
        for text in _BUILT_IN.deny
    )
    return f"{rule!r} changes nothing: agents never get there" if never else None


def normalize_path(path: str) -> str | None:
    """A path of the company without `.`, `..` and backslashes; None for one that may lead out of it."""
    text, kept = path.replace("\\", "/"), list[str]()
    if text.startswith(("/", "~")) or re.match("[A-Za-z]:", text) or "\0" in text:
        return None
    for part in (part for part in text.split("/") if part not in {"", "."}):
        if part == ".." and kept:
            kept.pop()
        elif part.strip(". "):
            kept.append(part)
        else:
            return None
    return "/".join(kept) if len(kept) <= MAX_DEPTH else None


def _normalize_target(tool: str, text: str) -> str | None:
    """What is acted on, in the one form that rules are held against; None for what could mislead."""
    if target_of(tool) is Target.PATH:
        return normalize_path(text)
    is_url = target_of(tool) is Target.URL
    return _normalize_url(text) if is_url else " ".join(text.split())


def _built_in_rulings(use: ToolUse) -> Iterator[tuple[Ruling, str]]:
    """What no rule decides, because it is the file or the address that does."""
    on = _normalize_target(use.tool, use.specifier)
    if on is None:
        yield (
            Ruling.DENY,
            "the path leads out of the company, or the address is no plain http one",
        )
    elif target_of(use.tool) is Target.PATH and use.ignored:
        yield Ruling.DENY, "agents never touch what git ignores"
    elif _changes_files(use.tool) and (
        use.executable
        or file_locations.location_of(on)
        or file_locations.location_of(_fold_path(on))
    ):
        yield (
            Ruling.ASK,
            "what can be run, or says what agents are, is changed with the founder only",
        )


def _rule_applies(rule: _ParsedRule, tool: str, on: str, *, strictly: bool) -> bool:
    """Whether a rule is about an act: in every spelling if `strictly`, else in one, or for a folder above."""
    listed = find_tool(tool)
    names = (tool, listed.also_ruled_as) if listed else (tool,)
    if not any(fnmatchcase(name.casefold(), rule.tool.casefold()) for name in names):
        return False
    if rule.problem or not rule.pattern:
        return not (strictly and rule.problem)
    fold = _fold_path if target_of(tool) is Target.PATH else _fold_text
    forms = (rule.pattern, on), (fold(rule.pattern), fold(on))
    if strictly:
        return all(_pattern_matches(tool, *form) for form in forms)
    gap = " " if target_of(tool) is Target.WORDS else "/"
    return any(
        _pattern_matches(tool, pattern.rstrip("/"), part)
        for pattern, text in forms
        for part in (
            *accumulate(
                text.split(gap, MAX_DEPTH), lambda above, name: f"{above}{gap}{name}"
            ),
            text + gap,
        )
    )


def _pattern_matches(tool: str, pattern: str, text: str) -> bool:
    if target_of(tool) is Target.PATH:
        return matches_any_glob((_root_pattern(pattern),), text)
    if target_of(tool) is Target.URL:
        domain = pattern.removeprefix("domain:").strip()
        whole = pattern if domain == pattern else f"{{http,https}}://{domain}{{,:*}}/**"
        return matches_any_glob((f"/{whole}",), text)
    return (
        f"{text} ".startswith(f"{pattern[:-2]} ")
        if pattern.endswith(":*")
        else fnmatchcase(text, pattern)
    )


@lru_cache(maxsize=1024)
def _parse_rule(rule: str) -> _ParsedRule:
    """A rule string as tool and pattern."""
    match, name = _RULE_SYNTAX.fullmatch(rule.strip()), rule.partition("(")[0].strip()
    if (tool := _tool_name(name)) is None:
        return _ParsedRule(
            problem=f"{rule!r} names no tool: {did_you_mean(name, OWN_NAMES, ', '.join(OWN_NAMES))}"
        )
    if match is None or not (match[2] or "x").strip():
        return _ParsedRule(
            tool=tool, problem=f"{rule!r} is not written as Tool or Tool(what)"
        )
    return _ParsedRule(tool=tool, pattern=(match[2] or "").strip())


def _tool_name(name: str) -> str | None:
    """Our name for a tool; None for a name that nobody knows."""
    read = read_tools([name], frozenset())
    if read.grants:
        return read.grants[0].tool
    if read.ignored:
        return name
    tool = find_tool(name)
    return tool.name if tool and tool.can_be_ruled_on else None


def _changes_files(name: str) -> bool:
    tool = find_tool(name)
    return tool is not None and tool.target is Target.PATH and tool.changes


def _fold_text(text: str) -> str:
    """Without the differences that some disk or reader does not see: case, width, what is invisible."""
    return "".join(
        c
        for c in unicodedata.normalize("NFKC", text).casefold()
        if unicodedata.category(c) != "Cf"
    )


def _fold_path(path: str) -> str:
    return "/".join(
        part.partition(":")[0].rstrip(". ") or part
        for part in _fold_text(path).split("/")
    )


def _root_pattern(pattern: str) -> str:
    """A pattern as git reads it: with a slash in it, it begins at the company's root."""
    plain = pattern.replace("\\", "/").removeprefix("./")
    return (
        f"/{plain.lstrip('/')}"
        if "/" in plain and not plain.startswith("**/")
        else plain
    )


def _normalize_url(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    odd = {"\\", " "} & set(url) or "@" in parts.netloc or ".." in unquote(parts.path)
    if (
        odd
        or not url.isprintable()
        or not host
        or host.endswith(".")
        or parts.scheme not in _DEFAULT_PORTS
    ):
        return None
    netloc = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    return parts._replace(netloc=netloc, path=parts.path or "/", fragment="").geturl()
