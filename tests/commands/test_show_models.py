"""`agentco show models`: who would answer now for each tier, at what price, and why the others would not."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from claims import claim
from small_company import SETTINGS, Place

from agentco.adapters.state.open_state import open_state
from agentco.cli import current_company
from agentco.cli.main import main
from agentco.runs import LedgerEntry

pytestmark = [claim("models:shown"), pytest.mark.usefixtures("frozen_clock")]
MODELS = """
models:
  light: [gemini/gemini-2.5-flash-lite, openai/gpt-5.4-mini, ollama/qwen3:8b]
  medium: [opnai/x, workshop/unpriced, xai/grok-4.5]
providers: {workshop: {kind: openai, api_base: "http://127.0.0.1:9/v1"}, far: {api_base: "https://far.invalid"}}
limits: {"gemini/gemini-2.5-flash-lite": {calls_per_day: 2}, "openai/gpt-5.4-mini": {usd_per_day: 0.5}}
"""


@pytest.fixture
def firm(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    place.settings(SETTINGS + MODELS.replace("workshop/unpriced", "far/unpriced"))
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "sk-of-a-test")
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    return place


def shown(
    place: Place, capsys: pytest.CaptureFixture[str], *words: str
) -> list[dict[str, Any]]:
    assert main(["--company", str(place.root), "show", "models", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["models"]


def spend(place: Place, model: str, usd: int) -> None:
    """A call of today."""
    stamp, day = (
        current_company.now().isoformat(timespec="seconds"),
        current_company.now().date().isoformat(),
    )
    entry = LedgerEntry(
        at=stamp,
        day=day,
        root="r",
        run="r",
        effect=1,
        agent="cfo",
        prompt="",
        model=model,
        usd=usd,
    )
    with open_state(place.root) as state:
        state.write(lambda tx: tx.record_payment(entry)).result()


def test_the_first_that_can_answer_does_and_the_others_say_why_not(
    firm: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    found = shown(firm, capsys)
    assert [
        (way["tier"], way["model"], way["first"], not way["why"]) for way in found
    ] == [
        ("light", "gemini/gemini-2.5-flash-lite", True, True),
        ("light", "openai/gpt-5.4-mini", False, True),
        ("light", "ollama/qwen3:8b", False, True),
        ("medium", "opnai/x", False, False),
        ("medium", "far/unpriced", False, False),
        ("medium", "xai/grok-4.5", False, False),
    ]
    whys = [way["why"] for way in found if way["why"]]
    words = ("unknown provider 'opnai'", "no price", "XAI_API_KEY")
    assert all(word in why for word, why in zip(words, whys, strict=True))


def test_prices_are_dollars_for_a_million_tokens(
    firm: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    gemini, _, ollama, _, unpriced, grok = shown(firm, capsys)
    assert (
        gemini["input_usd"],
        gemini["output_usd"],
        gemini["cached_usd"],
        gemini["context"],
    ) == (0.1, 0.4, 0.01, 1048576)
    assert (ollama["input_usd"], ollama["output_usd"]) == (0, 0)
    assert unpriced["input_usd"] is None
    assert (grok["input_usd"], grok["written_usd"]) == (2, None)


def test_how_much_a_model_writes_and_thinks_is_shown(
    firm: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    more = 'model_options: {"ollama/qwen3:8b": {max_output: 3000, reasoning: low}}'
    firm.settings((firm.root / ".github/agentco.yml").read_text() + more)
    own = "agentco: {model: 'openai/gpt-5.4-mini', max_output: 900, reasoning: off}"
    firm.agent("cfo", f"---\ndescription: Counts.\n{own}\n---\n\nI am.\n")
    said = {
        (way["tier"], way["model"]): (way["max_output"], way["reasoning"])
        for way in shown(firm, capsys)
    }
    assert said["light", "openai/gpt-5.4-mini"] == (4000, None)
    assert said["light", "ollama/qwen3:8b"] == (3000, "low")
    assert said["medium", "xai/grok-4.5"] == (8000, None)
    assert said["cfo", "openai/gpt-5.4-mini"] == (900, "off")
    assert main(["--company", str(firm.root), "show", "models", "cfo"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "writes up to 900, reasoning off" in printed


def test_what_is_used_up_or_skipped_leaves_it_to_the_next(
    firm: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    spend(firm, "gemini/gemini-2.5-flash-lite", 10)
    assert shown(firm, capsys, "light")[0]["calls_today"] == 1
    spend(firm, "gemini/gemini-2.5-flash-lite", 10)
    gemini, openai, _ = shown(firm, capsys, "light")
    assert (gemini["why"], openai["first"]) == (
        "its 2 calls of the day are used up",
        True,
    )
    spend(firm, "openai/gpt-5.4-mini", 500_000)
    _, openai, ollama = shown(firm, capsys, "light")
    assert (openai["why"], openai["today_usd"], openai["per_day_usd"]) == (
        "its $0.50 of the day are used up",
        0.5,
        0.5,
    )
    assert ollama["first"]
    until = (current_company.now() + timedelta(seconds=60)).isoformat(
        timespec="seconds"
    )
    with open_state(firm.root) as state:
        sql = "INSERT INTO health VALUES ('ollama/qwen3:8b', 2, ?, 'cannot be reached')"
        state.write(lambda t: t.fetch_rows(sql, until)).result()
    ollama = shown(firm, capsys, "ollama/qwen3:8b")[0]
    assert ollama["why"] == f"skipped until {until} after 2 failures: cannot be reached"
    assert not any(way["first"] for way in shown(firm, capsys))


def test_the_screen_says_the_same_within_its_width(
    firm: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--company", str(firm.root), "show", "models"]) == 0
    screen = capsys.readouterr().out
    assert max(map(len, screen.splitlines())) <= 80
    words = " ".join(screen.split())
    assert (
        "gemini/gemini-2.5-flash-lite answers now $0.10 in, $0.40 out, $0.01 cached; reads 1,048,576"
        in words
    )
    assert "0 of 2 calls, $0.00 today" in words
    assert "(above 200,000 tokens $4.00 in, $12.00 out, $0.60 cached)" in words
    assert "ollama/qwen3:8b is next free" in words
    assert "heavy no model: write models: {heavy: [provider/model]}" in words


def test_an_unknown_name_is_told_with_what_comes_close(
    firm: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--company", str(firm.root), "show", "models", "lihgt"]) == 2
    assert "did you mean 'light'?" in capsys.readouterr().err


def test_nothing_that_asks_is_loaded(firm: Place) -> None:
    script = (
        "import sys; from agentco.cli.main import main\n"
        f"main(['--company', {str(firm.root)!r}, 'show', 'models'])\n"
        "assert not {'litellm', 'anthropic', 'httpx', 'httpx2', 'openai'} & sys.modules.keys()"
    )
    env = {**os.environ, "OPENAI_API_KEY": "k"}
    subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
        env=env,
    )
