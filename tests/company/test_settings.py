"""The settings file: everything appendix A names is read, and every mistake is told with its line."""

import re
from pathlib import Path

import pytest
from claims import claim

from agentco.company import Settings, SettingsFile, read_settings
from agentco.kernel import CompanyBroken

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def whole_example() -> str:
    found = re.search(r"```yaml\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found
    return found[1]


def mistakes(text: str) -> list[tuple[int | None, str, str]]:
    return [(d.line, d.message, d.hint) for d in read_settings(text).diagnostics]


@claim("settings:whole-schema")
def test_every_key_of_the_documented_example_is_read() -> None:
    file = read_settings(whole_example())
    assert file.diagnostics == ()
    assert file.settings.budget.agent_day == {"marketing": 2_000_000}
    assert file.settings.triggers[2].from_ == ("cto",)
    assert file.settings.links == {
        "Lumen": {"site": "lumen.example", "social": "lumen-app.example"}
    }
    assert file.settings.limits["anthropic/claude-opus-5-5"].calls_per_day == 20
    assert str(file.settings.retention_by_type()["campaign"]) == "30d after Completed"
    assert file.settings.signals.sentry
    assert file.settings.signals.sentry.projects == ("lumen",)


@claim("settings:whole-schema")
def test_the_example_names_every_field_of_the_settings() -> None:
    assert set(read_settings(whole_example()).settings.__struct_fields__) == {
        path[0] for path in read_settings(whole_example()).lines if len(path) == 1
    }


@claim("settings:defaults")
@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "company:\n", "{}"])
def test_fault_53_without_a_budget_the_default_caps_hold(text: str) -> None:
    budget = read_settings(text).require_valid().budget
    assert (budget.call, budget.run, budget.company_day, budget.company_month) == (
        250_000,
        1_000_000,
        3_000_000,
        30_000_000,
    )
    assert (budget.turns, budget.tool_calls) == (40, 100)


@claim("settings:mistakes")
@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("budgt: {call: 1}", 1, "unknown key 'budgt'", "did you mean 'budget'?"),
        (
            "company:\n  nmae: x",
            2,
            "unknown key 'company.nmae'",
            "did you mean 'name'?",
        ),
        (
            "triggers:\n  - name: tax\n    consults: [x]",
            3,
            "unknown key 'triggers.0.consults'",
            "did you mean 'consult'?",
        ),
        ("zzz: 1", 1, "unknown key 'zzz'", "the keys here are version"),
    ],
)
def test_fault_51_an_unknown_key_is_an_error_with_a_suggestion(
    text: str, line: int, message: str, hint: str
) -> None:
    [(found_line, found, found_hint)] = mistakes(text)
    assert (found_line, found) == (line, message)
    assert found_hint.startswith(hint)


@claim("settings:mistakes")
@pytest.mark.parametrize(
    "amount",
    [
        "-1",
        "NaN",
        ".nan",
        '"10k"',
        "10k",
        "lots",
        '"0.25"',
        "1e3",
        "0.1234567",
        "[1]",
        "{a: 1}",
        "true",
        "1_000",
        "$3",
        ".inf",
    ],
)
@pytest.mark.parametrize("key", ["call", "company_day"])
def test_fault_52_an_amount_that_is_none_is_an_error_and_never_a_guess(
    amount: str, key: str
) -> None:
    file = read_settings(f"budget:\n  {key}: {amount}\n")
    [(line, message, hint)] = [(d.line, d.message, d.hint) for d in file.diagnostics]
    assert line == 2
    assert message.startswith(f"budget.{key}: ")
    assert "such as 0.25" in hint
    with pytest.raises(CompanyBroken) as caught:
        file.require_valid()
    assert ".github/agentco.yml:2: " in caught.value.what


@claim("settings:mistakes")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("budget: lots", 1),
        ("budget: {turns: -1}", 1),
        ('budget: {turns: "40"}', 1),
        ("budget: {turns: 0}", 1),
        ("budget: {agent_day: {marketing: -2}}", 1),
        ("reviews: {max_chain: 4}", 1),
        ("reviews: {classifier: yes}", 1),
        ("reviews: {strictness: strict}", 1),
        ("models:\n  light: anthropic/x", 2),
        ("quiet_hours: 22-7", 1),
        ("retention: {standup: soon}", 1),
        ("facts: {metric: 7}", 1),
        ("voice: {first_person: plurall}", 1),
        ("company: {timezone: Europe/Nowhere}", 1),
        ("company: {name: [x]}", 1),
        ("notify: x", 1),
        ("- a\n- b", 1),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_line(text: str, line: int) -> None:
    [(found, _, _)] = mistakes(text)
    assert found == line


@claim("settings:mistakes")
def test_every_mistake_is_found_at_once() -> None:
    assert [
        line
        for line, _, _ in mistakes("budgt: 1\nbudget: {call: x}\nquiet_hours: never\n")
    ] == [1, 2, 3]


@claim("settings:newer-version")
def test_fault_59_a_newer_version_is_refused_whatever_else_it_says() -> None:
    file = read_settings("version: 2\nfuture: {x: 1}\n")
    with pytest.raises(CompanyBroken, match="version 2") as caught:
        file.require_valid()
    assert "update agentco" in caught.value.hint


@claim("settings:mistakes")
@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: b: c",
        "&a x: *a",
        "!!python/object:os.system {}",
        "<<<<<<< HEAD\na: 1\n=======\nb: 1\n>>>>>>> x\n",
    ],
)
def test_a_file_that_is_no_yaml_is_refused_with_a_line(text: str) -> None:
    file = read_settings(text)
    assert [d.line for d in file.diagnostics if d.line]
    with pytest.raises(CompanyBroken):
        file.require_valid()


@claim("settings:defaults")
def test_defaults_are_those_of_an_empty_file() -> None:
    assert read_settings("") == SettingsFile(settings=Settings())
