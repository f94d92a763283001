"""The shipped triggers, on labelled drafts that the classifier was not trained on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim

ROOT = Path(__file__).parents[2]
DATA_FILE = ROOT / "agentco" / "judging" / "judge.json"
AT_LEAST = {"short plain": 0.91, "long found": 0.82}
AT_MOST = {
    "short quiet": 0.175,
    "long quiet": 0.07,
    "called to due": 1.09,
    "long cut out": 0.14,
}
"""What is reached, kept; the bars of the claim `triggers:bars` are others."""


@pytest.fixture(scope="module")
def shares() -> dict[str, float]:
    command = [sys.executable, str(ROOT / "benchmarks" / "triggers.py"), "--json"]
    said = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=ROOT, timeout=120
    ).stdout
    return {name: n / of for name, (n, of) in json.loads(said).items()}


@claim("triggers:drafts")
def test_unseen_drafts_find_their_reviewers_and_few_others_are_reviewed(
    shares: dict[str, float],
) -> None:
    below = {name for name, floor in AT_LEAST.items() if shares[name] < floor}
    above = {name for name, bar in AT_MOST.items() if shares[name] > bar}
    assert below | above == set()


@claim("triggers:drafts")
def test_the_classifier_ships_in_less_than_300_kb() -> None:
    assert DATA_FILE.stat().st_size < 300 * 1024
