"""The founder's path through reviews: what the shipped company delivers, and after whose look."""

import json
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import models_at, trust_company
from typed import Do, commands_of
from wire.server import Call, Say, WireServer

from agentco.cli.main import main

WEEK = """\
<deliverable>
Finished: the import of old invoices, and two answers to support.
Not finished: the VAT return, four days late; it waited for a decision on the supplier.
Numbers: unknown.
Next week: send the VAT return, ship the search index, decide on the price of the yearly plan.
For Inês: keep the price as it is; I propose to move nothing before the launch.
Dropped on purpose: the post on Product Hunt.
</deliverable>
Sources: the board, the ROADMAP, the contract with the supplier.
"""
POST = """\
<deliverable>
I plan my week on one page, and the page is all there is.

It is not for you if you like long lists.

https://mare-plan.example
</deliverable>
Sources: what Inês said.
"""

LAUNCH = """\
<deliverable>
Lumen is out today: a switch for a half-finished feature.

It is not for you if you need single sign-on.

https://lumen-app.example
</deliverable>
Left out: that it is certified.
"""


def made_company(
    folder: Path, team: str, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> Do:
    """The shipped company, with a model, trusted: what is typed in it."""
    assert main(["init", str(folder), "--sample", "--team", team]) == 0
    with (folder / ".github" / "agentco.yml").open("a") as settings:
        settings.write(models_at(wire.url, medium="m", light="m", heavy="m"))
    trust_company(folder)
    return commands_of(folder, capsys)


def delivered(said: Any) -> list[str]:
    """Who reviewed what was delivered; it waits for nobody."""
    document = said.document
    assert (said.code, document["status"], document["owed"]) == (0, "done", [])
    assert document["findings"] == []
    return [review["agent"] for review in document["reviews"]]


@claim("reviews:stories")
@pytest.mark.parametrize("team", ["full", "core"])
def test_the_shipped_weekly_review_is_delivered_with_no_review(
    tmp_path: Path, wire: WireServer, capsys: pytest.CaptureFixture[str], team: str
) -> None:
    do = made_company(tmp_path / "farol", team, wire, capsys)
    wire.script({"m": [Say(text=WEEK)]})
    assert delivered(do("run", "weekly-review", "--json")) == []


@claim("reviews:stories")
def test_four_departments_deliver_a_post_with_a_link(
    tmp_path: Path, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    do = made_company(tmp_path / "farol", "core", wire, capsys)
    wire.script({"m": [Say(text=POST)]})
    said = do("ask", "marketing", "Write a tweet on how I plan my week.", "--json")
    assert delivered(said) == []


def approval(trigger: str) -> list[Say]:
    """What a reviewer says that finds nothing to mend."""
    verdict = {"trigger": trigger, "verdict": "APPROVED", "because": "true"}
    call = Call(name="Verdict", arguments=json.dumps({"verdicts": [verdict]}))
    return [Say(calls=[call])]


@claim("reviews:stories")
def test_a_launch_post_is_delivered_after_one_reviewer(
    tmp_path: Path, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    do = made_company(tmp_path / "farol", "full", wire, capsys)
    wire.script(
        {
            "m": [Say(text=LAUNCH)],
            "~→ cto": approval("technology"),
            "~→ lawyer": approval("trust"),
        }
    )
    said = do("ask", "marketing", "Write the LinkedIn post on Lumen.", "--json")
    assert len(delivered(said)) == 1


@claim("lint:explain")
def test_the_story_shows_the_words_by_which_a_model_held_a_sentence(
    tmp_path: Path, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    do = made_company(tmp_path / "farol", "core", wire, capsys)
    post = "<deliverable>\nYou will never need another rota app.\n</deliverable>"
    wire.script({"m": [Say(text=post)]})
    run = do("ask", "marketing", "Write a tweet.", "--json").document["run"]
    story = " ".join(do("runs", "show", run, "--why").out.split())
    assert "»You will never need« another rota app. (never +" in story
    assert "held above 0)" in story
