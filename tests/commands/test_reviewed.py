"""`ask` where somebody reviews: what waits for the founder ends with 6, and who says whether it is public."""

import json
from typing import Any

import pytest
from claims import claim
from small_company import SETTINGS, Place, models_at
from wire.server import AT_ONCE, Say, WireServer

from agentco.cli.main import main

REVIEWS = """
triggers: [{name: stripes, words: [zebra], consult: [lawyer]}]
reviews: {max_revisions: 0}
"""


@pytest.fixture
def company(place: Place, wire: WireServer) -> Place:
    """A company with a writer and a lawyer."""
    place.settings(SETTINGS + models_at(wire.url) + REVIEWS)
    place.agent("writer")
    place.agent("lawyer")
    place.trust()
    return place


def ask(
    company: Place, capsys: pytest.CaptureFixture[str], *args: str
) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(
        [
            "--company",
            str(company.root),
            "ask",
            "writer",
            "Which animal?",
            "--json",
            *args,
        ]
    )
    return code, json.loads(capsys.readouterr().out)


@claim("protocol:owed")
def test_a_review_that_is_owed_ends_with_six_and_gives_nothing_out(
    company: Place, wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.script(
        {
            "m": [Say(text="The zebra eats grass.")],
            "~writer → lawyer": [Say(status=500, headers=AT_ONCE)],
        }
    )
    code, found = ask(company, capsys)
    assert (code, found["status"], found["text"]) == (6, "waiting", None)


@claim("public:which")
@pytest.mark.parametrize(
    ("option", "status"),
    [("--public", "blocked"), ("--internal", "done"), ("--quick", "done")],
)
def test_the_option_says_whether_it_is_public(
    company: Place,
    wire: WireServer,
    capsys: pytest.CaptureFixture[str],
    option: str,
    status: str,
) -> None:
    wire.script({"m": [Say(text="The herd counts 4711 heads.")]})
    assert ask(company, capsys, option)[1]["status"] == status


@claim("public:which")
@pytest.mark.parametrize("other", ["--internal", "--quick"])
def test_what_contradicts_public_is_wrong_usage(
    company: Place, wire: WireServer, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    code, found = ask(company, capsys, "--public", other)
    assert (code, found["error"]["what"]) == (
        2,
        f"--public and {other} cannot be combined",
    )
    assert wire.bill.requests == 0
