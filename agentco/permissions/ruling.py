"""The one function that says what an agent may do: deny over ask over allow, else it is asked."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from agentco.company import file_locations, settings
from agentco.company.closed_names import closed_name
from agentco.company.records import Permissions
from agentco.company.tool_table import Target
from agentco.file_formats import yaml_values
from agentco.kernel import package_data
from agentco.kernel.company_paths import fold_path
from agentco.permissions.acts import (
    MAX_TARGET_CHARS,
    ActTarget,
    ToolFacts,
    ToolUse,
    normalize_target,
    target_forms,
    tool_facts,
)
from agentco.permissions.rule_matcher import rules_about
from agentco.runs.actions import Read, name_of

if TYPE_CHECKING:
    from agentco.company.company import Company

BUILT_IN = package_data.load_table(__name__, Permissions, "built_in")
UNMATCHED = "unmatched"
_NO_PERMISSIONS = Permissions()
_READ = name_of(Read)


class Ruling(StrEnum):
    """What becomes of an act, the strictest first."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


class RulingDetails(Struct, frozen=True, kw_only=True):
    """A ruling, its rule, and why; `file` and `line` are None for what is built in."""

    ruling: Ruling
    rule: str
    why: str
    file: str | None = None
    line: int | None = None


class _RuleSource(Struct, frozen=True, kw_only=True):
    """Rules with whose they are, and the file and lines where they stand."""

    rules: Permissions
    whose: str
    file: str | None = None
    lines: Mapping[yaml_values.KeyPath, int] = {}
    line: int | None = None

    def line_of(self, ruling: Ruling, place: int) -> int | None:
        """The line of a rule, or of all of them."""
        return self.lines.get(("permissions", ruling, place), self.line)


def check_permission(
    use: ToolUse,
    rules: Permissions,
    own: Permissions = _NO_PERMISSIONS,
    *,
    lines: Mapping[yaml_values.KeyPath, int] = {},
    own_place: tuple[str, int | None] | None = None,
) -> RulingDetails:
    """The ruling on an act by the settings' rules; those of the agent's `own` file only narrow it.

    `lines` tells where the settings' rules stand, `own_place` the file and line of the agent's.
    """
    tool = tool_facts(use.tool)
    path = normalize_target(tool.target, use.specifier)
    built_in = _built_in_ruling(use, tool, path)
    target = target_forms(tool.target, path or "")
    own_file, own_line = own_place or (None, None)
    sources = (
        _RuleSource(rules=BUILT_IN, whose="built in"),
        _RuleSource(
            rules=rules, whose="a rule", file=settings.SETTINGS_FILE, lines=lines
        ),
        _RuleSource(rules=own, whose="its own rule", file=own_file, line=own_line),
    )
    for ruling in Ruling:
        if built_in and built_in.ruling is ruling:
            return built_in
        for source in sources[:2] if ruling is Ruling.ALLOW else sources:
            for details in _applying_rules(source, ruling, tool, target):
                return details
    return RulingDetails(ruling=Ruling.ASK, rule=UNMATCHED, why="no rule allows it")


def may_read(path: str, rules: Permissions, own: Permissions) -> bool:
    """Whether an agent may read a path without being asked about it."""
    details = check_permission(ToolUse(tool=_READ, specifier=path), rules, own)
    return details.ruling is Ruling.ALLOW


def reading_right(company: "Company", rules: Permissions) -> Callable[[str, str], bool]:
    """What says whether an agent, by its id, may read a path without being asked about it."""

    def check(agent_id: str, path: str) -> bool:
        agent = company.find_agent(agent_id)
        return may_read(path, rules, agent.own.permissions if agent else Permissions())

    return check


def _applying_rules(
    source: _RuleSource, ruling: Ruling, tool: ToolFacts, target: ActTarget
) -> Iterator[RulingDetails]:
    """The rules of a source that give this ruling on an act, in their order."""
    strictly = ruling is Ruling.ALLOW
    haystack = target.haystack
    for rule in rules_about(source.rules, ruling, tool.name):
        if rule.literal in haystack and rule.applies(target, strictly=strictly):
            yield RulingDetails(
                ruling=ruling,
                rule=rule.text,
                why=rule.problem or f"{source.whose}: {ruling} {rule.text}",
                file=source.file,
                line=source.line_of(ruling, rule.place),
            )


def _built_in_ruling(
    use: ToolUse, tool: ToolFacts, target: str | None
) -> RulingDetails | None:
    """What no rule decides, because it is the file or the address that does."""
    ruling, rule = Ruling.DENY, "built in"
    is_path = tool.target is Target.PATH
    if target is None:
        why = (
            "the path leads out of the company, the address is not a plain http one, "
            f"or it has more than {MAX_TARGET_CHARS:,} characters"
        )
    elif is_path and (name := closed_name(target)):
        rule = f"{tool.name}({name})"
        why = f"built in: deny {rule}"
    elif is_path and use.ignored:
        why = "agents never touch what git ignores"
    elif tool.changes_files and (use.executable or _is_agents_own(target)):
        ruling = Ruling.ASK
        why = "only the founder changes what can be run, or what defines the agents"
    else:
        return None
    return RulingDetails(ruling=ruling, rule=rule, why=why)


def _is_agents_own(path: str) -> bool:
    """Whether a file says what agents are, in any spelling of its path."""
    forms = (path, fold_path(path))
    return any(file_locations.location_of(form) for form in forms)
