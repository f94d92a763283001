"""What is wrong with a rule, or with the examples that it carries."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.closed_names import closed_name
from agentco.company.company import Company
from agentco.company.globs import expand_braces
from agentco.company.records import Agent, ExplainedRule, Permissions
from agentco.company.settings import SETTINGS_FILE, SettingsFile
from agentco.company.tool_table import Target
from agentco.kernel.errors import Diagnostic, Severity
from agentco.permissions.acts import (
    UnreadableAct,
    normalize_target,
    read_act,
    target_forms,
    tool_facts,
)
from agentco.permissions.rule_matcher import match_rule
from agentco.permissions.rule_syntax import parse_rule
from agentco.permissions.ruling import Ruling


class WrongExample(Struct, frozen=True, kw_only=True):
    """An example that its rule does not hold to: in which list, at which place, and why."""

    ruling: Ruling
    place: int
    what: str


def rule_problem(rule: str) -> str | None:
    """What is wrong with a rule, in a sentence. A wrong one allows nothing and forbids its tool."""
    parsed = parse_rule(rule)
    target = tool_facts(parsed.tool).target
    if parsed.problem or not parsed.pattern:
        return parsed.problem
    patterns = [one.lstrip("/") for one in expand_braces(parsed.pattern)]
    if target is Target.URL and not any(map(_can_be_fetched, patterns)):
        return f"{rule!r} can never match: only http and https addresses are opened"
    return _path_problem(rule, patterns) if target is Target.PATH else None


def _path_problem(rule: str, patterns: list[str]) -> str | None:
    paths = [normalize_target(Target.PATH, pattern) for pattern in patterns]
    inside = [path for path in paths if path is not None]
    if not inside:
        return f"{rule!r} can never match: its path leads out of the company"
    if any(".." in pattern.replace("\\", "/").split("/") for pattern in patterns):
        return f"{rule!r} can never match: write its path without '..'"
    if all(map(closed_name, inside)):
        return f"{rule!r} changes nothing: agents cannot go there anyway"
    return None


def _can_be_fetched(pattern: str) -> bool:
    scheme, gap, _ = pattern.partition("://")
    return not gap or not scheme.isalnum() or scheme.lower() in {"http", "https"}


def wrong_examples(permissions: Permissions) -> Iterator[WrongExample]:
    """The examples of rules that are not as they are said to be."""
    for ruling in Ruling:
        rules: tuple[str | ExplainedRule, ...] = getattr(permissions, ruling)
        for i, rule in enumerate(rules):
            if isinstance(rule, ExplainedRule):
                for what in _example_problems(rule, ruling):
                    yield WrongExample(ruling=ruling, place=i, what=what)


def _example_problems(rule: ExplainedRule, ruling: Ruling) -> Iterator[str]:
    examples = [(True, act) for act in rule.match]
    examples += [(False, act) for act in rule.not_match]
    problem = parse_rule(rule.rule).problem
    if problem:
        yield problem
        return
    for should, act in examples:
        try:
            does = does_match(rule.rule, ruling, act)
        except UnreadableAct as error:
            yield f"an example of {rule.rule!r} cannot be read: {error}"
            continue
        if does is not should:
            verb = "matches" if does else "does not match"
            yield f"{rule.rule!r} {verb} its example {act!r}"


def does_match(rule: str, ruling: Ruling, act: str) -> bool:
    """Whether a rule in a list is about an act such as `Edit(notes/a.md)`.

    Raises UnreadableAct.
    """
    use = read_act(act)
    facts = tool_facts(use.tool)
    target = normalize_target(facts.target, use.specifier)
    matcher = match_rule(rule, 0, facts)
    if target is None or matcher is None:
        return False
    forms = target_forms(facts.target, target)
    return matcher.applies(forms, strictly=ruling is Ruling.ALLOW)


def hold_settings_to_examples(file: SettingsFile) -> SettingsFile:
    """The settings with an error for every rule that is not as its examples say."""
    errors = list(file.diagnostics)
    for wrong in wrong_examples(file.settings.permissions):
        path = ("permissions", wrong.ruling, wrong.place)
        lines = [line for key, line in file.lines.items() if key[:3] == path]
        line = min(lines, default=None)
        errors.append(_example_error(SETTINGS_FILE, line, wrong))
    return replace(file, diagnostics=tuple(errors))


def hold_agents_to_examples(company: Company) -> Company:
    """The company without the agents whose own rules are not as their examples say."""
    agents: list[Agent] = []
    errors = list(company.diagnostics)
    for agent in company.agents:
        wrong = [*wrong_examples(agent.own.permissions)]
        line = agent.lines.get("agentco.permissions")
        errors += [_example_error(agent.file, line, one) for one in wrong]
        if not wrong:
            agents.append(agent)
    return replace(company, agents=tuple(agents), diagnostics=tuple(errors))


def _example_error(file: str, line: int | None, wrong: WrongExample) -> Diagnostic:
    return Diagnostic(
        file=file,
        line=line,
        level=Severity.ERROR,
        code="wrong-example",
        message=wrong.what,
        hint="correct the rule, or the example under match or not_match",
    )
