"""How a rule is written: `Tool` or `Tool(pattern)`."""

from functools import lru_cache

from msgspec import Struct

from agentco.company.globs import TooManyChoices, expand_braces
from agentco.company.tool_names import OWN_NAMES
from agentco.kernel.errors import did_you_mean
from agentco.permissions.acts import split_act, tool_name

MAX_CHOICES, MAX_CHARS = 100, 10_000
"""For how many patterns without braces a rule may stand, and of how many letters together."""


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
    split = split_act(rule)
    if split is None or split[1] == "":
        problem = f"{rule!r} is not written as Tool or Tool(what)"
        return ParsedRule(tool=tool, problem=problem)
    pattern = split[1] or ""
    if _has_too_many_choices(pattern):
        problem = f"{rule!r} stands for more than {MAX_CHOICES} patterns, or for very long ones"
        return ParsedRule(tool=tool, problem=problem)
    return ParsedRule(tool=tool, pattern=pattern)


def _has_too_many_choices(pattern: str) -> bool:
    try:
        choices = expand_braces(pattern)
    except TooManyChoices:
        return True
    return len(choices) > MAX_CHOICES or sum(map(len, choices)) > MAX_CHARS
