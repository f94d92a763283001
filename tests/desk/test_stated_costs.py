"""What answers say they cost stands beside what is booked: in the ledger, a bill, and doctor."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import SETTINGS, Place, models_at
from typed import Do
from wire.server import Say, WireServer

from agentco.adapters.files import remember_state
from agentco.adapters.state.open_state import open_state

pytestmark = claim("costs:stated")

STORED = Path(__file__).parents[1] / "runs" / "stored" / "state-7.db.gz"
PROMPT, ANSWER = 100_000, 10
BOOKED = 0.10002
"""Dollars, at 1 and 2 for a million tokens."""


def spend(place: Place, do: Do, wire: WireServer, *stated: float | None) -> None:
    """A call for each cost that an answer states."""
    place.agent("cto", f"---\ndescription: Builds.\n---\n{'We keep notes. ' * 9000}\n")
    place.settings(SETTINGS + models_at(wire.url) + BUDGET)
    place.trust()
    for cost in stated:
        usage = {"prompt_tokens": PROMPT, "completion_tokens": ANSWER, "cost": cost}
        wire.script({"m": [Say(text="Two.", usage=usage)]})
        assert do("ask", "cto", "what is 1+1?", "--quick").code == 0


BUDGET = "budget: {call: 5, run: 5, company_day: 50, company_month: 500}\n"


def prices(do: Do) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = do("doctor", "--json").document["checks"]
    return [check for check in checks if check["name"] == "prices"]


def test_costs_show_what_the_answers_say_beside_what_is_booked(
    place: Place, do: Do, wire: WireServer
) -> None:
    spend(place, do, wire, 0.15, None)
    [row] = do("costs", "--by", "model", "--json").document["rows"]
    assert row["cost_usd"] == pytest.approx(2 * BOOKED)
    assert (row["stated_usd"], row["stated_booked_usd"]) == (0.15, BOOKED)
    said = do("costs").out
    assert "answers say" in said
    assert "$0.250020 by what the answers themselves say they cost" in said


@pytest.mark.parametrize("stated", [BOOKED, None])
def test_costs_say_nothing_of_it_where_nothing_differs(
    place: Place, do: Do, wire: WireServer, stated: float | None
) -> None:
    spend(place, do, wire, stated)
    said = do("costs")
    assert "answers" not in said.out
    [row] = do("costs", "--json").document["rows"]
    assert row["stated_usd"] == stated
    assert prices(do) == []


def test_a_bill_stands_beside_what_the_answers_say(
    place: Place, do: Do, wire: WireServer, tmp_path: Path
) -> None:
    spend(place, do, wire, 0.15)
    line = [
        line for line in do("audit", "--json").document["lines"] if line["cost_usd"]
    ][-1]
    file = tmp_path / "usage.csv"
    file.write_text(
        f"Date,Model,Input Tokens,Cost (USD)\n{line['at'][:10]},m,{PROMPT},0.15\n"
    )
    said = do("costs", "--check", str(file))
    assert said.code == 1
    assert "answers say" in said.out
    [cost] = [line for line in said.out.splitlines() if " cost " in line]
    assert cost.rstrip().endswith("$0.15")
    [row] = do("costs", "--check", str(file), "--json").document["rows"]
    assert (row["ours_usd"], row["answers_usd"]) == (BOOKED, 0.15)


@pytest.mark.parametrize(
    ("stated", "percent", "entry"),
    [
        (0.15, "50 % more", "{input: 1.5, output: 3}"),
        (0.05, "50 % less", "{input: 0.5, output: 1}"),
    ],
)
def test_doctor_names_the_prices_with_which_as_much_would_be_booked(
    place: Place, do: Do, wire: WireServer, stated: float, percent: str, entry: str
) -> None:
    spend(place, do, wire, stated)
    [check] = prices(do)
    assert check["status"] == "warn"
    assert check["what"].endswith(f"{percent}")
    assert f'prices: {{"workshop/m": {entry}}}' in check["hint"]


def test_doctor_is_silent_about_a_few_percent(
    place: Place, do: Do, wire: WireServer
) -> None:
    spend(place, do, wire, BOOKED * 1.04)
    assert prices(do) == []


def test_a_state_of_the_format_before_keeps_its_ledger_and_says_nothing_of_it(
    place: Place, do: Do
) -> None:
    place.settings(SETTINGS)
    path = place.root / ".agentco" / "state.db"
    path.parent.mkdir()
    path.write_bytes(gzip.decompress(STORED.read_bytes()))
    path.chmod(0o600)
    remember_state(place.root, "firm7")
    with open_state(place.root) as state:
        rows = state.read(lambda tx: tx.sum_costs("model")).result()
    assert [(row.key, row.calls, row.usd, row.plan_usd) for row in rows] == [
        ("openrouter/a", 2, 907, 0),
        ("copilot/b", 1, 40, 40),
    ]
    assert {row.stated_usd for row in rows} == {None}
    assert do("audit", "verify").code == 0
