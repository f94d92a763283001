"""A company whose departments work with a plan: the loop, the rulings and the caps are agentco's."""

import json
import re
from pathlib import Path

import pytest
from claims import claim
from programs import CLAUDE, COPILOT, FakeProgram
from small_company import SETTINGS, Place
from typed import Do


@pytest.fixture
def claude(tmp_path: Path) -> FakeProgram:
    return FakeProgram(tmp_path / "bin", CLAUDE, counts=True)


def with_plan(place: Place, program: FakeProgram, model: str, more: str = "") -> None:
    """Give a company a medium tier that the program answers."""
    kind = model.partition("/")[0]
    place.agent("cto")
    place.settings(
        SETTINGS
        + f"models: {{medium: [{model}]}}\n"
        + f'providers: {{{kind}: {{program: "{program.path}"}}}}\n'
        + more
    )
    place.trust()


@claim("plans:apart")
def test_an_ask_is_answered_by_the_plan_and_its_cost_shown_apart(
    place: Place, do: Do, claude: FakeProgram
) -> None:
    with_plan(place, claude, "claude-code/sonnet")
    said = do("ask", "cto", "what is 1+1?", "--json")
    assert (said.code, said.document["text"]) == (0, "Two it is.")
    [asked] = claude.asked
    tools = len(json.dumps(asked.tools))
    tokens = (len(asked.system) + len(asked.input) + tools) // 4
    cost = (tokens * 2 + 3 * 10) / 1_000_000  # dollars for a million tokens: 2 and 10
    assert said.document["cost_usd"] == cost
    costs = do("costs", "--by", "model")
    assert "claude-code/sonnet" in costs.out
    assert "of it plan" in costs.out
    assert re.search(
        r"of it \$0\.00 paid, \$0\.\d+ at list price \(plan\)\n", costs.out
    )
    document = do("costs", "--json").document
    assert document["total_usd"] == document["plan_usd"] == cost
    assert document["rows"][0]["plan_usd"] == cost
    status = do("status")
    assert re.search(r"of it \$0\.0\d and \$0\.0\d at list price \(plan\)", status.out)
    spend = do("status", "--json").document["spend"]
    assert spend["month_plan_usd"] == spend["month_usd"] == cost


@claim("plans:one-call")
def test_a_call_of_the_model_is_ruled_on_and_carried_out_here(
    place: Place, do: Do, claude: FakeProgram
) -> None:
    with_plan(place, claude, "claude-code/sonnet")
    claude.replay("tools", "text")
    (place.root / "a.md").write_text("Nine.\n")
    said = do("ask", "cto", "what is in a.md?", "--json")
    assert (said.code, said.document["calls"]) == (0, 2)
    first, second = claude.asked
    assert "Nine." not in first.input
    assert "result of" in second.input
    assert "Nine." in second.input
    run = said.document["run"]
    audit = do("audit", run, "--json").document["lines"]
    assert any("Read" in json.dumps(line) for line in audit)


@claim("plans:limit")
def test_a_limit_makes_the_work_wait_until_it_resets(
    place: Place, do: Do, claude: FakeProgram
) -> None:
    with_plan(place, claude, "claude-code/sonnet")
    info = {
        "status": "rejected",
        "rateLimitType": "five_hour",
        "resetsAt": 4_000_000_000,
    }
    limit = {"rate_limit_event": {"rate_limit_info": info}}
    claude.replay({"recording": "limit", "change": limit})
    said = do("ask", "cto", "what is 1+1?")
    assert said.code == 4
    assert "its five-hour window is used up" in said.err
    assert "a model is tried again at" in said.err
    again = do("ask", "cto", "what is 2+2?")
    assert again.code == 4
    assert len(claude.asked) == 1
    assert do("costs", "--json").document["total_usd"] == 0


@claim("plans:tokens")
def test_tokens_of_a_day_are_a_limit_of_their_own(
    place: Place, do: Do, claude: FakeProgram
) -> None:
    more = (
        "prices: {claude-code/sonnet: {input: 0, output: 0}}\n"
        "limits: {claude-code/sonnet: {tokens_per_day: 9000}}\n"
    )
    with_plan(place, claude, "claude-code/sonnet", more)
    asks = (do("ask", "cto", f"what is {n}+{n}?") for n in range(9))
    refused = next(said for said in asks if said.code)
    assert refused.code == 4
    assert "of its 9,000 tokens today are used" in refused.err
    [row] = do("costs", "--json").document["rows"]
    assert row["calls"] == len(claude.asked) > 1
    assert row["input_tokens"] + row["output_tokens"] <= 9000


@claim("plans:one-call")
def test_copilot_answers_a_company_too(place: Place, do: Do, tmp_path: Path) -> None:
    copilot = FakeProgram(tmp_path / "bin", COPILOT, counts=True)
    with_plan(place, copilot, "copilot/gpt-5.4-mini")
    said = do("ask", "cto", "what is 1+1?", "--json")
    assert (said.code, said.document["text"]) == (0, "Two it is.")
    assert said.document["cost_usd"] > 0
    assert do("costs", "--json").document["plan_usd"] == said.document["cost_usd"]


@claim("plans:failures")
def test_nobody_signed_in_says_what_to_do(
    place: Place, do: Do, claude: FakeProgram
) -> None:
    with_plan(place, claude, "claude-code/sonnet")
    claude.replay("signed-out")
    said = do("ask", "cto", "what is 1+1?")
    assert said.code == 4
    assert "claude-code/sonnet is not signed in" in said.err
    assert do("costs", "--json").document["total_usd"] == 0
