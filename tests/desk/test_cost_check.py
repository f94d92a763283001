"""`agentco costs --check FILE`: a provider's export beside the ledger, as a founder sees it."""

from pathlib import Path

import pytest
from claims import claim
from small_company import SETTINGS, Place, models_at
from typed import Do
from wire.server import Say, WireServer

pytestmark = claim("costs:checked")


@pytest.fixture
def spent(place: Place, do: Do, wire: WireServer) -> tuple[str, int, float]:
    """A call of today: its UTC day, its tokens in, and its cost."""
    place.agent("cto")
    place.settings(SETTINGS + models_at(wire.url))
    place.trust()
    wire.script({"m": [Say(text="Two.")]})
    assert do("ask", "cto", "what is 1+1?", "--quick").code == 0
    [row] = do("costs", "--by", "model", "--json").document["rows"]
    [line] = [
        line for line in do("audit", "--json").document["lines"] if line["cost_usd"]
    ][-1:]
    return line["at"][:10], row["input_tokens"], row["cost_usd"]


def export(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> str:
    file = tmp_path / "usage.csv"
    file.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return str(file)


def test_a_bill_that_agrees_says_so(
    do: Do, spent: tuple[str, int, float], tmp_path: Path
) -> None:
    day, tokens, usd = spent
    file = export(
        tmp_path,
        "Date,Model,Input Tokens,Cost (USD)",
        f"{day},m,{tokens},{usd:.6f}",
        encoding="utf-8-sig",
    )
    said = do("costs", "--check", file)
    assert (said.code, said.err) == (0, "")
    assert f"\n{day}, all within 2% or a cent" in said.out
    assert f"{tokens:,}" in said.out


def test_a_bill_that_differs_is_exit_code_1_with_every_difference(
    do: Do, spent: tuple[str, int, float], tmp_path: Path
) -> None:
    day, tokens, usd = spent
    file = export(
        tmp_path,
        "model;cost_cents;input_tokens;date",
        f"M;{usd * 100 + 5:.4f};{tokens};{day}".replace(".", ","),
        f"other;250,0;9;{day}",
        encoding="utf-16",
    )
    said = do("costs", "--check", file, "--json")
    assert said.code == 1
    first, second = said.document["rows"]
    assert said.document["differences"] == 2
    assert (first["model"], first["marks"]) == ("workshop/m", {"cost": "differs"})
    assert first["theirs_usd"] == pytest.approx(first["ours_usd"] + 0.05, abs=1e-5)
    assert (first["theirs_input_tokens"], first["ours_input_tokens"]) == (
        tokens,
        tokens,
    )
    assert (second["model"], second["theirs_usd"], second["ours_usd"]) == (
        "other",
        2.5,
        0,
    )
    assert second["marks"] == {"cost": "only theirs", "input_tokens": "only theirs"}
    shown = do("costs", "--check", file)
    assert shown.code == 1
    assert "+$0.05" in shown.out
    assert "only theirs\n" in shown.out
    assert "2 of 2 lines differ" in shown.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Dear founder,\nthank you.\n", "is not a usage export: its first lines name"),
        ("day,model,cost\n2026-11-25,m,x\n", "line 2: 'x' is not a number"),
        ("day,model,cost\n2026-11-25,m,0\n", "has no usage"),
    ],
)
def test_what_is_no_export_is_an_error_of_two_lines(
    place: Place, do: Do, tmp_path: Path, text: str, why: str
) -> None:
    del place
    file = tmp_path / "letter.csv"
    file.write_text(text)
    said = do("costs", "--check", str(file))
    error, hint = said.err.splitlines()
    assert (said.code, said.out) == (2, "")
    assert why in error
    assert hint.startswith("hint:  export ")


def test_what_cannot_be_compared_is_refused(
    place: Place, do: Do, tmp_path: Path
) -> None:
    del place
    assert "cannot read" in do("costs", "--check", str(tmp_path / "none.csv")).err
    file = export(tmp_path, "day,model,cost", "2026-11-25,m,1")
    assert do("costs", "--check", file, "--days", "3").code == 2
    assert do("costs", "--check", file, "--by", "day").code == 2
