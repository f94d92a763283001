"""What comes due while `agentco up` runs is begun by it, and the founder hears of what went wrong."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime

import pytest
from claims import claim
from msgspec.structs import replace
from nights import Company, Up, until
from schedule.receiver import Receiver
from small_company import Place
from wire.server import Call, Say, WireServer

from agentco.desk import scheduled_run_request
from agentco.engine import start_run
from agentco.runs import RunPhase
from agentco.wiring import open_company

PROMPT = """---
description: Writes the weekly post.
agent: {agent}
agentco: {{schedule: "0 9 * * *", catch_up: {catch_up}, overlap: {overlap}}}
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
    overlap: str = "skip",
) -> None:
    """A prompt whose last run lies days back."""
    path = company.root / ".github/prompts" / f"{name}.prompt.md"
    path.write_text(
        PROMPT.format(agent=agent, catch_up=catch_up, body=body, overlap=overlap)
    )
    company.place.know(
        "prompt-run",
        f"prompt-run:{name}",
        "Run: 2026-11-02T09:00:00+00:00 ok",
        by="runtime",
    )
    company.place.trust()


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
        until(lambda: "what starts from now on" in up.said(), up.said)
        assert '"weekly"' in company.do("status", "--json")
        [run] = until(lambda: begun(company), up.said)
        until(lambda: company.phase(run) is RunPhase.DONE, up.said)
        assert wire.bill.requests == 1


ENDINGS = {
    "limit": "supervision: {run: {heartbeat: 2s}}",
    "cancelled": "",
    "given up": "supervision: {agents: {restarts: 0, within: 300s}}",
}


def end_run(company: Company, run: str, way: str) -> None:
    """End a run that waits for its model."""
    if way == "cancelled":
        company.do("runs", "cancel", run)
    else:
        number = signal.SIGSTOP if way == "limit" else signal.SIGKILL
        os.kill(company.process(run), number)


@claim("schedule:told")
@pytest.mark.parametrize("way", ENDINGS)
def test_a_scheduled_run_that_brings_no_answer_is_told_wherever_its_prompt_is(
    company: Company, wire: WireServer, way: str
) -> None:
    wire.script({"writer": [Say(text="Late.", delay=60)]})
    with Receiver() as receiver:
        notify = f"notify: ['{receiver.url}']"
        company.settings(f"{ENDINGS[way]}\n{notify}")
        company.place.trust()
        prompt(company, "weekly")
        with Up(company) as up:
            [run] = until(lambda: begun(company), up.said)
            until(lambda: company.sent(run), up.said)
            end_run(company, run, way)
            until(lambda: tracker(company).endswith(" failed"), up.said)
            until(
                lambda: any(
                    "/weekly at 09:00: failed" in text for text in receiver.texts
                ),
                up.said,
            )
        [tick] = company.read(lambda tx: tx.slot_history("weekly"))
        assert tick.is_failed
        [job] = json.loads(company.do("schedule", "--json"))["jobs"]
        assert job["last_status"] == "failed"
    assert tracker(company).endswith(" failed")


@claim("schedule:told")
def test_a_prompt_that_is_cancelled_by_hand_is_remembered_as_failed(
    company: Company,
) -> None:
    prompt(company, "weekly")
    with open_company(company.root).open_office(drives=False) as office:
        opened = open_company(company.root)
        slot = datetime(2026, 11, 20, 9, tzinfo=UTC)
        request = scheduled_run_request(office, opened, "weekly", slot)
        run = asyncio.run(start_run(replace(request, slot=None), office))
    company.do("runs", "cancel", run)
    assert tracker(company).endswith(" failed")
    assert len(company.place.entities()["prompt-run:weekly"]) == 2


@claim("schedule:overlap")
@pytest.mark.parametrize("overlap", ["skip", "queue", "allow"])
def test_a_slot_does_not_start_over_a_run_that_waits_for_the_founder(
    company: Company, wire: WireServer, overlap: str
) -> None:
    asks = Call(name="AskFounder", arguments='{"question": "Which price?"}')
    wire.script({"writer": [Say(calls=[asks]), Say(text="The post.")]}, by_turn=True)
    prompt(company, "weekly", overlap=overlap)
    with open_company(company.root).open_office(drives=False) as office:
        opened = open_company(company.root)
        slot = datetime(2026, 11, 20, 9, tzinfo=UTC)
        request = scheduled_run_request(office, opened, "weekly", slot)
        run = asyncio.run(start_run(replace(request, slot=None), office))
    company.do("runs", "resume", run, code=6)
    with Up(company) as up:
        if overlap == "allow":
            until(lambda: len(begun(company)) == 2, up.said)
            return
        words = "is queued" if overlap == "queue" else "is missed"
        until(lambda: f"{words}: its run {run}" in up.said(), up.said)
        assert begun(company) == [run]
        assert f"({overlap} while run {run} goes on)" in company.do("status")
        shown = company.do("schedule")
        assert (f"its run {run} of" in shown) == (overlap == "skip")
        assert "+00:00" not in shown
        company.do("answer", f"{run}.2", "nine")
        if overlap == "queue":
            until(lambda: len(begun(company)) == 2, up.said)
            return
    [job] = json.loads(company.do("schedule", "--json"))["jobs"]
    assert job["overlap"] == overlap
    assert run in str([result["why"] for result in job["results"]])
    assert begun(company) == [run]


def tracker(company: Company) -> str:
    return str(company.place.entities()["prompt-run:weekly"][-1])
