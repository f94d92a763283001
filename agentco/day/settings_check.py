"""What only the whole company shows of its settings: who is named, which triggers are of use."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from agentco.company.company import Company
from agentco.company.records import Prompt
from agentco.company.settings import Settings, SettingsFile
from agentco.day.check_problems import known_names_hint, record_problem, setting_problem
from agentco.file_formats.yaml_values import KeyPath
from agentco.kernel.dates import IsHoliday
from agentco.kernel.errors import Diagnostic, did_you_mean
from agentco.kernel.names import slug
from agentco.public_text.findings import TextRule
from agentco.review import triggers

YEAR = range(-366, 366)
"""Days around today, among which every country has a public holiday."""


def unknown_country(
    file: SettingsFile, today: date, is_holiday: IsHoliday
) -> Iterator[Diagnostic]:
    """A country without any public holiday is unknown: deadlines would move wrongly."""
    country = file.settings.company.country
    if not country or any(is_holiday(today + timedelta(days=n)) for n in YEAR):
        return
    what = f"no public holidays are known for the country {country!r}"
    hint = "write its two letters, such as PT, US or BR"
    yield setting_problem(file, ("company", "country"), "unknown-country", what, hint)


def unknown_setting_agents(
    file: SettingsFile, agents: Collection[str]
) -> Iterator[Diagnostic]:
    """Agents that the settings name and that do not exist."""
    hint = known_names_hint("agents", agents)
    for path, name in _agents_in_settings(file.settings):
        if name not in agents:
            key = ".".join(map(str, path))
            what = f"{key} names the agent {name!r}, which does not exist"
            yield setting_problem(file, path, "unknown-agent", what, hint)


def _agents_in_settings(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    company = settings.company
    if company.orchestrator:
        yield ("company", "orchestrator"), company.orchestrator
    if company.improver:
        yield ("company", "improver"), company.improver
    for name in settings.budget.agent_day:
        yield ("budget", "agent_day", name), name
    for i, trigger in enumerate(settings.triggers):
        for name in trigger.from_:
            yield ("triggers", i, "from"), name
        for name in trigger.consult:
            yield ("triggers", i, "consult"), name
        for name in trigger.any_of:
            yield ("triggers", i, "any_of"), name


def unknown_reviews(
    prompts: Iterable[Prompt], settings: Settings
) -> Iterator[Diagnostic]:
    """Triggers that a prompt's header names and that do not exist; then all of them hold."""
    shipped = [trigger.name for trigger in triggers.DEFAULT_TRIGGERS]
    names = list(dict.fromkeys((*shipped, *(one.name for one in settings.triggers))))
    listing = known_names_hint("triggers", names)
    for prompt in prompts:
        listed = prompt.own.held_triggers or ()
        for name in triggers.unknown_triggers(listed, settings.triggers):
            what = f"{prompt.id!r} names the trigger {name!r}, which does not exist"
            what += ": until then all triggers hold"
            hint = did_you_mean(name, names, listing)
            yield record_problem(
                prompt, "agentco.reviews", "unknown-trigger", what, hint
            )


def unmanned_triggers(file: SettingsFile, company: Company) -> Iterator[Diagnostic]:
    """Shipped triggers that call for an agent who is not here; of one's own, its names are told."""
    own = {slug(trigger.name) for trigger in file.settings.triggers}
    missing = triggers.missing_reviewers(file.settings.triggers, company.find_agent)
    for trigger, names in missing.items() if company.agents else ():
        if slug(trigger) in own:
            continue
        who = " or ".join(map(repr, names))
        what = f"the shipped trigger {trigger!r} calls for {who}, who is not here"
        what += ": its reviews would be left to you"
        hint = f"add the agent, or write - {{name: {trigger}}} under triggers: to switch it off"
        yield setting_problem(file, ("triggers",), "nobody-reviews", what, hint)


def idle_triggers(file: SettingsFile) -> Iterator[Diagnostic]:
    """Triggers that no text can fire and that switch no default off, or that call for nobody.

    Also those whose place a later one of the same name takes.
    """
    shipped = {trigger.name for trigger in triggers.DEFAULT_TRIGGERS}
    text_rules = {*map(str, TextRule)}
    for i, trigger in enumerate(file.settings.triggers):
        name = slug(trigger.name)
        fires = triggers.can_fire(trigger)
        reviewers = trigger.consult or trigger.any_of
        amends = name in shipped and triggers.only_amends(trigger)
        is_useful = amends or (bool(reviewers) if fires else name in shipped)
        if not is_useful:
            problem = "calls for no reviewer" if fires else "can never fire"
            what = f"the trigger {trigger.name!r} {problem}"
            hint = "give it words: or patterns:, and consult: or any_of:"
            yield setting_problem(file, ("triggers", i), "idle-trigger", what, hint)
        later = file.settings.triggers[i + 1 :]
        others = [one for one in later if name and slug(one.name) == name]
        if any(not (amends and triggers.only_amends(one)) for one in others):
            what = f"a later trigger {trigger.name!r} replaces this one"
            hint = "write both as one, or give one of them another name"
            yield setting_problem(file, ("triggers", i), "repeated-trigger", what, hint)
        if name in text_rules:
            what = f"the trigger {trigger.name!r} is named like a rule of public text"
            what += ", and would be waived with it"
            hint = "give it another name"
            yield setting_problem(
                file, ("triggers", i), "trigger-like-a-rule", what, hint
            )
