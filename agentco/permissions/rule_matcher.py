"""A rule made ready for matching: every part of it that costs time is worked out once.

Doubt decides against: an `allow` must hold for every form in which a target can be read, a `deny`
or an `ask` for one of them, or for that of a folder above.
"""

import re
from fnmatch import fnmatchcase, translate
from functools import lru_cache

from msgspec import Struct

from agentco.company.globs import glob_source
from agentco.company.records import Permissions, rule_text
from agentco.company.tool_table import Target
from agentco.kernel.company_paths import fold_path, fold_text
from agentco.permissions.acts import ActTarget, ToolFacts, tool_facts
from agentco.permissions.rule_syntax import parse_rule

_NOT_LITERAL = re.compile("[^a-z0-9_-]+")


class RuleMatcher(Struct, frozen=True, kw_only=True):
    """A rule of one tool at its place in its list.

    Without `whole` it is about everything that the tool does. `whole` and `above` match the exact
    and the folded form: all of a target, or what it begins with. A target whose haystack lacks
    `literal` cannot match.
    """

    text: str
    place: int
    problem: str | None = None
    literal: str = ""
    mark: str = ""
    gap: str = ""
    whole: tuple[re.Pattern[str], re.Pattern[str]] | None = None
    above: tuple[re.Pattern[str], re.Pattern[str]] | None = None

    def applies(self, target: ActTarget, *, strictly: bool) -> bool:
        """Whether it is about a target: in every form if `strictly`, else in one of them."""
        if self.whole is None or self.above is None:
            return not (strictly and self.problem)
        exact, folded = self.mark + target.exact, self.mark + target.folded
        if strictly:
            is_exact = self.whole[0].fullmatch(exact)
            return bool(is_exact and self.whole[1].fullmatch(folded))
        above_exact, above_folded = self.above
        found = above_exact.match(exact + self.gap) or above_folded.match(
            folded + self.gap
        )
        return found is not None


@lru_cache(maxsize=256)
def rules_about(
    permissions: Permissions, ruling: str, tool: str
) -> tuple[RuleMatcher, ...]:
    """The rules of one list that are about a tool, in their order."""
    rules = getattr(permissions, ruling)
    facts = tool_facts(tool)
    found = (match_rule(rule_text(rule), i, facts) for i, rule in enumerate(rules))
    return tuple(filter(None, found))


def match_rule(text: str, place: int, tool: ToolFacts) -> RuleMatcher | None:
    """A rule made ready for a tool; None if it is about others."""
    rule = parse_rule(text)
    wanted = rule.tool.casefold()
    if not any(fnmatchcase(name, wanted) for name in tool.names):
        return None
    if rule.problem or not rule.pattern:
        return RuleMatcher(text=text, place=place, problem=rule.problem)
    fold = fold_path if tool.target is Target.PATH else fold_text
    forms = (rule.pattern, fold(rule.pattern))
    first, second = (_source(tool.target, form) for form in forms)
    begun = tuple(_source(tool.target, form.rstrip("/")) for form in forms)
    gap = " " if tool.target is Target.WORDS else "/"
    return RuleMatcher(
        text=text,
        place=place,
        literal=_literal(tool.target, rule.pattern),
        mark="" if tool.target is Target.WORDS else "/",
        gap=gap,
        # letters that only Unicode takes for one of ASCII are another name on every disk
        whole=(_compile(tool.target, first, re.ASCII), _compile(tool.target, second)),
        above=(
            _compile(tool.target, f"(?:{begun[0]})(?={gap}|\\Z)"),
            _compile(tool.target, f"(?:{begun[1]})(?={gap}|\\Z)"),
        ),
    )


def _compile(target: Target, source: str, flags: int = 0) -> re.Pattern[str]:
    case = 0 if target is Target.WORDS else re.IGNORECASE
    return re.compile(source, flags | case | re.DOTALL)


def _source(target: Target, pattern: str) -> str:
    """A pattern as a regular expression for a target with a slash before it, or for words."""
    if target is Target.PATH:
        return glob_source(_root_pattern(pattern))
    if target is Target.URL:
        domain = pattern.removeprefix("domain:").strip()
        if domain != pattern:
            pattern = f"{{http,https}}://{domain}{{,:*}}/**"
        return glob_source(f"/{pattern}")
    if pattern.endswith(":*"):
        return f"{re.escape(pattern.removesuffix(':*'))}(?: .*)?"
    return translate(pattern)[:-2]  # without the sign for the end


def _literal(target: Target, pattern: str) -> str:
    """The longest run of plain letters that a target must have; empty where that is not sure."""
    pattern = pattern.removeprefix("domain:")
    marks = "[{:\\" if target is Target.PATH else "[{\\"
    if not pattern.isascii() or any(mark in pattern for mark in marks):
        return ""
    return max(_NOT_LITERAL.split(pattern.lower()), key=len)


def _root_pattern(pattern: str) -> str:
    """A pattern as git reads it: with a slash in it, it begins at the company's root."""
    plain = pattern.replace("\\", "/").removeprefix("./")
    is_rooted = "/" in plain and not plain.startswith("**/")
    parts = [part for part in plain.split("/") if part not in {"", "."}]
    end = "/" if parts and plain.endswith("/") else ""
    return ("/" if is_rooted else "") + "/".join(parts) + end
