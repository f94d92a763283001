"""What a founder does needs no terminal: the desk takes values and gives values."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import SETTINGS, Place, models_at
from wire.server import Call, Say, WireServer

ROOT = Path(__file__).parents[2]
ACTS = Path(__file__).with_name("acts.py")
MORE = """
triggers: [{name: legal, words: [GDPR], consult: [lawyer]}]
reviews: {max_revisions: 0}
permissions: {ask: ["Read(BOARD.md)"]}
"""
ROLE = "---\ndescription: The {name}.\ntools: [Read, AskFounder]\n---\nI am {name}.\n"
QUESTION = Say(
    calls=[Call(name="AskFounder", arguments='{"question": "Which colour?"}')]
)
READS = Say(calls=[Call(name="Read", arguments='{"path": "BOARD.md"}')])


def verdict(word: str) -> Say:
    opinion = {"trigger": "legal", "verdict": word, "because": "so it is"}
    if word != "APPROVED":
        opinion["change"] = "say less"
    arguments = json.dumps({"verdicts": [opinion]})
    return Say(calls=[Call(name="Verdict", arguments=arguments)])


@pytest.fixture
def company(place: Place, wire: WireServer) -> Place:
    """A writer and a lawyer, whom nobody trusts yet, and a task that is due."""
    place.settings(SETTINGS + models_at(wire.url, light="m", medium="m") + MORE)
    for name in ("writer", "lawyer"):
        place.agent(name, ROLE.format(name=name))
    place.board("- [ ] Call the bank due:2026-01-02 id:T1 @founder")
    wire.script(
        {
            "~TASK-FINE": [Say(text="GDPR holds.")],
            "~TASK-HELD": [Say(text="GDPR is dull.")],
            "~TASK-ASKS": [QUESTION, Say(text="It is blue.")],
            "~TASK-YES": [READS, Say(text="The board was read.")],
            "~TASK-NO": [READS, Say(text="The board was not read.")],
            "~GDPR holds": [verdict("APPROVED")],
            "~GDPR is dull": [verdict("BLOCKING")],
            "m": [Say(text="Nothing to learn.")],
        }
    )
    return place


def acts_of(company: Place) -> dict[str, dict[str, Any]]:
    """What each act gave, in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(ACTS), str(company.root)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    acts = [json.loads(line) for line in done.stdout.splitlines()]
    return {act.pop("act"): act for act in acts}


@claim("desk:no-terminal")
def test_the_main_acts_need_no_terminal_and_give_values(company: Place) -> None:
    approved = [["lawyer", "APPROVED"]]
    blocked = [["lawyer", "BLOCKING"]]
    done: dict[str, object] = {"status": "done", "code": 0, "reviews": []}
    assert acts_of(company) == {
        "standup": {"plan": ["Call the bank"], "models": 0},
        "untrusted": {"error": "NeedsFounder", "code": 6},
        "trust": {"before": False, "after": True},
        "ask": {**done, "text": "GDPR holds.", "reviews": approved, "heard": True},
        "blocked": {
            "status": "blocked",
            "text": "GDPR is dull.",
            "code": 1,
            "reviews": blocked,
            "waiting": [["blocked", True]],
        },
        "waive": {**done, "text": "GDPR is dull.", "reviews": blocked},
        "question": {
            "status": "waiting",
            "text": "",
            "code": 6,
            "reviews": [],
            "offered": ["answer writer"],
        },
        "answer later": {"run": True, "outcome": None},
        "answer": {**done, "text": "It is blue."},
        "approve": {**done, "text": "The board was read.", "kind": "approval"},
        "deny": {**done, "text": "The board was not read.", "kind": "approval"},
        "refused": {"error": "WrongUsage", "code": 2},
        "halt": {"changed": True, "error": "NeedsFounder"},
        "resume": {"changed": True, "halted": False},
        "costs": {"agents": ["lawyer", "writer"], "paid": True},
        "audit": {"lines": True},
        "loaded": {"terminal": []},
    }
