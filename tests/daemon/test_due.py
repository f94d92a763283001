"""What comes due while `agentco up` runs is begun by it, and the founder hears of what went wrong."""

import pytest
from claims import claim
from nights import Company, Up, until
from small_company import Place
from wire.server import Say, WireServer

from agentco.runs.run import RunPhase

PROMPT = """---
description: Writes the weekly post.
agent: {agent}
agentco: {{schedule: "0 9 * * *", catch_up: {catch_up}}}
---

{body}
"""


@pytest.fixture
def company(place: Place, wire: WireServer) -> Company:
    wire.script({"writer": [Say(text="The post.")]})
    return Company(place, wire, "writer")


def prompt(
    company: Company,
    name: str,
    *,
    catch_up: str = "once",
    body: str = "Write it.",
    agent: str = "writer",
) -> None:
    """A prompt whose last run lies days back."""
    path = company.root / ".github/prompts" / f"{name}.prompt.md"
    path.write_text(PROMPT.format(agent=agent, catch_up=catch_up, body=body))
    company.place.know(
        "prompt-run",
        f"prompt-run:{name}",
        "Run: 2026-11-02T09:00:00+00:00 ok",
        by="runtime",
    )
    company.believe()


def begun(company: Company) -> list[str]:
    return [
        run
        for (run,) in company.read(
            lambda t: t.fetch_rows("SELECT id FROM runs WHERE prompt != ''")
        )
    ]


@claim("up:due")
def test_a_prompt_that_came_due_is_run_once_whoever_is_restarted(
    company: Company, wire: WireServer
) -> None:
    prompt(company, "weekly")
    prompt(company, "skips", catch_up="skip")
    for _ in range(2):
        with Up(company) as up:
            [run] = until(lambda: begun(company), up.said)
            until(lambda run=run: company.phase(run) is RunPhase.DONE, up.said)
    assert wire.bill.requests == 1
    tracker = company.place.entities()["prompt-run:weekly"]
    assert tracker[-1].endswith(" ok")


@claim("up:due")
def test_a_prompt_that_is_added_or_cannot_be_run_stops_nothing(
    company: Company, wire: WireServer
) -> None:
    prompt(company, "asks", body="Write about ${input:topic}.")
    with Up(company) as up:
        until(lambda: "'asks' needs topic" in up.said(), up.said)
        prompt(company, "weekly")
        until(lambda: "hold for what begins" in up.said(), up.said)
        assert '"weekly"' in company.do("status", "--json")
        [run] = until(lambda: begun(company), up.said)
        until(lambda: company.phase(run) is RunPhase.DONE, up.said)
        assert wire.bill.requests == 1
