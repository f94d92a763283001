"""A model of a plan is named like any other; what means nothing for it is said."""

from pathlib import Path

import pytest
from asking_plans import clients, offer_of
from claims import claim
from programs import CLAUDE, FakeProgram

from agentco.adapters.models import shipped_prices
from agentco.company import ModelOffer, Tier, WireFormat, offers_for_tier, read_settings


def offer(text: str, name: str) -> ModelOffer:
    settings = read_settings(text).require_valid()
    [found] = offers_for_tier(settings, shipped_prices(), tier=Tier.MEDIUM, pin=name)
    return found


@claim("plans:offers")
@pytest.mark.parametrize(
    ("name", "wire", "like"),
    [
        ("claude-code/sonnet", "claude-code", "anthropic/claude-sonnet-5-5"),
        ("claude-code/claude-opus-5", "claude-code", "anthropic/claude-opus-5"),
        ("mine/haiku", "claude-code", "anthropic/claude-haiku-5-5"),
    ],
)
def test_a_model_of_a_plan_has_the_list_price_of_the_same_model(
    name: str, wire: str, like: str
) -> None:
    found = offer("providers: {mine: {kind: claude-code}}", name)
    assert (found.wire, found.unable) == (WireFormat(wire), "")
    assert found.rates == shipped_prices()[like].rates
    assert found.context == shipped_prices()[like].context


@claim("plans:offers")
def test_the_founders_price_holds_for_a_plan_too() -> None:
    text = 'prices: {"copilot/gpt-5.4": {input: 0, output: 0}}'
    found = offer(text, "copilot/gpt-5.4")
    assert found.rates
    assert (found.wire, found.rates.input) == (WireFormat.COPILOT, 0)


@claim("plans:offers")
def test_its_program_and_its_share_come_from_the_settings() -> None:
    text = (
        "providers: {mine: {kind: copilot, program: /opt/copilot}}\n"
        "limits: {mine/m: {leave: 30%}}"
    )
    found = offer(text, "mine/m")
    assert (found.program, found.leave) == ("/opt/copilot", 30)


@claim("plans:offers")
@pytest.mark.parametrize("share", ["30", "0%", "100%", "30.5%", "x"])
def test_a_share_is_written_in_percent(share: str) -> None:
    [wrong] = read_settings(f"limits: {{mine/m: {{leave: {share}}}}}").diagnostics
    assert "a share such as 30%" in wrong.message


@claim("plans:offers")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("providers: {x: {kind: copilot, api_key_env: KEY}}", "neither api_base nor"),
        ("providers: {x: {program: /bin/x, api_base: 'https://x.example'}}", "program: is for"),
        ("providers: {x: {api_base: 'https://x.example'}}\nlimits: {x/m: {leave: 5%}}", "is a share of a plan"),
    ],
)  # fmt: skip
def test_settings_that_mean_nothing_for_a_provider_are_said(
    text: str, words: str
) -> None:
    assert words in offer(text, "x/m").unable


@claim("plans:nothing-of-theirs")
def test_a_program_in_the_company_is_not_started(tmp_path: Path) -> None:
    program = FakeProgram(tmp_path / "company" / "tools", CLAUDE)
    link = tmp_path / "link"
    link.symlink_to(program.path)
    for path in (program.path, link):
        program.path = path
        missing = clients(tmp_path / "company").missing(offer_of(program))
        assert missing
        assert "lies in the company, whose agents could write it" in missing


@claim("plans:offers")
def test_a_program_that_is_not_there_is_said_with_the_setting_that_names_one(
    tmp_path: Path,
) -> None:
    models = clients(tmp_path, more={"PATH": str(tmp_path)})
    missing = models.missing(offer("", "claude-code/sonnet"))
    assert missing == (
        "claude-code/sonnet: claude is not on the PATH: install Claude Code, or say where it is:"
        " providers: {claude-code: {program: …}} in .github/agentco.yml"
    )
