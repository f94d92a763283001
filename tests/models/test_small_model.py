"""`make small-model` against a model that does everything wrong, and one that does it right."""

import os
import sqlite3
import subprocess
import sys

from claims import claim
from processes import ROOT, environment
from small_company import SETTINGS, Place, models_at
from typed import Do
from wire.server import Call, Say, WireServer


def report(wire: WireServer, *words: str) -> tuple[int, str]:
    command = [
        sys.executable,
        str(ROOT / "benchmarks/small_model.py"),
        wire.url,
        "m",
        *words,
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=dict(os.environ),
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@claim("small-model:reported")
def test_a_bad_model_is_told_apart_and_agentco_stays_right(wire: WireServer) -> None:
    bad = [
        Say(calls=[Call(name="Read", arguments='{"path": ')]),
        Say(
            calls=[
                Call(name="SendMail", arguments="{}"),
                Call(name="Board", arguments='{"operation": "dance"}'),
            ]
        ),
        Say(text=""),
        Say(text="Lumen is certified.", usage={}),
        Say(text="I approve of this. APPROVED"),
        Say(
            calls=[Call(name="Delegate", arguments='{"agent": "nobody", "what": "x"}')]
        ),
        Say(text="cut in the mid", stop="length"),
        Say(text="Lumen is certified."),
    ]
    wire.script({"m": bad})
    code, said = report(wire)
    assert code == 0, said
    for words in (
        "a malformed call",
        "a call of an unknown tool",
        "an empty answer",
        "ended with 'length'",
    ):
        assert words in said
    assert "without a count of its tokens" in said
    assert "a review without a verdict" in said
    assert "agentco stayed right" in said


@claim("small-model:reported")
def test_a_model_that_is_not_there_is_said(wire: WireServer) -> None:
    wire.script({})
    code, said = report(wire)
    assert (code, "m answered nothing" in said) == (0, True)


def laws_of(place: Place) -> str:
    """What the benchmark holds against the books of a company."""
    script = "from pathlib import Path; from small_model import laws; print(*laws(Path()), sep='\\n', end='')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=place.root,
        capture_output=True,
        text=True,
        env=environment(ROOT / "benchmarks"),
    )
    return done.stdout


@claim("small-model:reported")
def test_a_ledger_that_is_wrong_would_be_told(
    place: Place, wire: WireServer, do: Do
) -> None:
    place.agent("cfo")
    place.settings(SETTINGS + models_at(wire.url))
    place.trust()
    wire.script({"m": [Say(text="Done.")]})
    assert do("ask", "cfo", "What is due?").code == 0
    assert laws_of(place) == ""
    state = sqlite3.connect(place.root / ".agentco/state.db")
    columns = "at, day, root, run, effect, agent, prompt, model, calls, usd"
    with state:
        state.execute(
            f"INSERT INTO ledger ({columns}) SELECT {columns} FROM ledger LIMIT 1"  # noqa: S608
        )
        state.execute(
            "UPDATE effects SET state = 'sent', reserved = 5 WHERE model = ''"
        )
    state.close()
    said = laws_of(place)
    for words in (
        "the ledger and what is counted",
        "a reservation is left",
        "still to be done",
        "paid twice",
    ):
        assert words in said
