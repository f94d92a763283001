"""How a rule is written: `Tool` or `Tool(pattern)`."""

import re
from functools import lru_cache

from msgspec import Struct

from agentco.company.tool_names import OWN_NAMES
from agentco.kernel.errors import did_you_mean
from agentco.permissions.acts import tool_name

MAX_STARS, MAX_WILDCARDS = 3, 6
"""In one part of a pattern, and with braces in all of it: more could take for ever to match."""
_RULE = re.compile(r"([^()]+?)\s*(?:\((.+)\))?", re.DOTALL)
_STARS = re.compile(r"\*+")


class ParsedRule(Struct, frozen=True, kw_only=True):
    """A rule string; without a `tool` it is about every one, with a `problem` it allows nothing."""

    tool: str = "*"
    pattern: str = ""
    problem: str | None = None


@lru_cache(maxsize=1024)
def parse_rule(rule: str) -> ParsedRule:
    """A rule string as tool and pattern."""
    name = rule.partition("(")[0].strip()
    tool = tool_name(name)
    if tool is None:
        hint = did_you_mean(name, OWN_NAMES, ", ".join(OWN_NAMES))
        return ParsedRule(problem=f"{rule!r} names no tool: {hint}")
    match = _RULE.fullmatch(rule.strip())
    is_empty = match and match[2] and not match[2].strip()
    if match is None or is_empty:
        problem = f"{rule!r} is not written as Tool or Tool(what)"
        return ParsedRule(tool=tool, problem=problem)
    pattern = (match[2] or "").strip()
    stars = [len(_STARS.findall(part)) for part in pattern.split("/")]
    if max(stars) > MAX_STARS or sum(stars) + pattern.count("{") > MAX_WILDCARDS:
        limit = f"{MAX_STARS} wildcards between slashes or {MAX_WILDCARDS} in all"
        problem = f"{rule!r} has more than {limit}"
        return ParsedRule(tool=tool, problem=problem)
    return ParsedRule(tool=tool, pattern=pattern)
