"""Claims and figures on the labelled texts of `benchmarks/public_text`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim

ROOT = Path(__file__).parents[2]
KEPT = {"claims": 0.95, "grounding": 0.95}
"""What is reached and kept on the texts that were read; the bar is 0.95."""
COUNTED = {"claims": (0.55, 0.95), "grounding": (0.9, 0.95)}
"""Precision and recall that are kept on texts that nobody read while writing the rules."""


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, dict[str, float]]]:
    command = [sys.executable, str(ROOT / "benchmarks" / "public_text.py"), "--json"]
    said = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=ROOT, timeout=60
    ).stdout
    return json.loads(said)


@claim("public:measured")
@pytest.mark.parametrize("half", ["tuning", "looked"])
@pytest.mark.parametrize("rule", KEPT)
def test_what_is_due_is_found_and_little_else(
    measured: dict[str, dict[str, dict[str, float]]], rule: str, half: str
) -> None:
    shares = measured[half][rule]
    assert shares["precision"] >= KEPT[rule]
    assert shares["recall"] >= KEPT[rule]


@claim("public:measured")
@pytest.mark.parametrize("rule", COUNTED)
def test_of_texts_of_another_hand_little_that_is_due_slips(
    measured: dict[str, dict[str, dict[str, float]]], rule: str
) -> None:
    precision, recall = COUNTED[rule]
    shares = measured["counted"][rule]
    assert shares["precision"] >= precision
    assert shares["recall"] >= recall
