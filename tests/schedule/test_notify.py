"""The founder is told, over a real receiver: what happened, once, only in a trusted folder, whatever the receiver does."""

import asyncio
import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
from claims import claim
from msgspec.structs import replace
from runs.offices import Firm, scripted, uses
from schedule.receiver import Receiver
from small_company import Place
from wire.server import Say, WireServer

import agentco
from agentco.adapters.files import trust_file
from agentco.daemon import LiveCompany, Notifier
from agentco.day import SlotOutcome, Tick
from agentco.kernel import NoModel, format_dollars
from agentco.wiring import daemon_ports, open_company

ROOT = Path(agentco.__file__).parents[1]
NOON = datetime.fromisoformat("2026-11-20T13:00:00+00:00")
SECRET = "sk-very-secret-value-1234"  # noqa: S105


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with Receiver() as server:
        yield server


@pytest.fixture
def firm(
    place: Place, wire: WireServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Generator[Firm]:
    """A trusted company that notifies the receiver."""
    monkeypatch.setenv("TOLD", receiver.url)
    more = 'notify: ["env:TOLD"]\nquiet_hours: "22:00-07:00"\nbudget: {company_day: 0.00001}'
    firm = Firm(place, wire.url, more=more)
    firm.clock.moment = NOON
    place.board()
    believe(firm)
    yield firm
    firm.close()


def believe(firm: Firm) -> None:
    trust_file.remember_state(firm.root, "firm")
    firm.place.trust()


class Told:
    """A notifier, and what it said of receivers that cannot be reached."""

    def __init__(self, firm: Firm, limit_s: float = 20.0) -> None:
        self.said: list[str] = []
        self.firm = firm
        office = firm.office()
        self.live = LiveCompany(company=open_company(firm.root), office=office)
        self.one = Notifier(
            live=self.live,
            send_message=daemon_ports(firm.root).send_message,
            tell=self.said.append,
            limit_s=limit_s,
        )

    def at(self, moment: datetime) -> datetime | None:
        async def once() -> datetime | None:
            self.live.company = open_company(self.firm.root)
            return await self.one.notify(moment)

        return asyncio.run(once())


def asked(firm: Firm, wire: WireServer, question: str) -> str:
    """A question of the CFO's in the inbox."""
    scripted(wire, uses("AskFounder", f'{{"question": "{question}"}}'))
    firm.settings = replace(
        firm.settings, budget=replace(firm.settings.budget, company_day=3_000_000)
    )
    return firm.ask().id


@claim("notify:once")
def test_a_question_is_told_once_and_the_next_of_the_same_agent_an_hour_later(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    told = Told(firm)
    asked(firm, wire, "Which price?")
    assert told.at(NOON) is None
    asked(firm, wire, "Which day?")
    assert told.at(NOON + timedelta(minutes=10)) == NOON + timedelta(hours=1)
    assert Told(firm).at(NOON + timedelta(minutes=20)) == NOON + timedelta(hours=1), (
        "also after a restart"
    )
    assert told.at(NOON + timedelta(hours=1)) is None
    assert [("Which price?" in t, "Which day?" in t) for t in receiver.texts] == [
        (True, False),
        (False, True),
    ]
    assert receiver.heard[0]["title"] == "Test"


@claim("notify:quiet")
def test_what_the_night_held_back_comes_as_one_message_in_the_morning(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    told, night = Told(firm), NOON.replace(hour=22)
    asked(firm, wire, "Which price?")
    asked(firm, wire, "Which day?")
    morning = night + timedelta(hours=9)
    assert told.at(night) == told.at(night + timedelta(hours=3)) == morning
    assert receiver.heard == []
    firm.place.board("- [ ] File the return due:2026-11-21 id:T1")
    assert told.at(morning) is None
    [text] = receiver.texts
    assert all(
        part in text
        for part in (
            "Which price?",
            "Which day?",
            "The plan of 2026-11-21:",
            "File the return",
        )
    )


@claim("notify:events")
def test_halts_restrictions_budgets_and_bad_scheduled_runs_are_told(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    scripted(wire, Say(text="Done."), Say(text=""))
    firm.settings = replace(
        firm.settings, budget=replace(firm.settings.budget, company_day=3_000_000)
    )
    nothing, failed = (
        firm.ask(name="report", produces=("drafts/**",)),
        firm.ask(name="books"),
    )
    at = NOON.isoformat()
    ticks = [
        Tick(job="report", slot=NOON, at=NOON, outcome=SlotOutcome.RUN, run=nothing.id),
        Tick(job="books", slot=NOON, at=NOON, outcome=SlotOutcome.RUN, run=failed.id),
        Tick(
            job="tax",
            slot=NOON,
            at=NOON,
            outcome=SlotOutcome.FAILED,
            why=str(NoModel("no model answers", hint="wait")),
        ),
        Tick(job="fine", slot=NOON, at=NOON, outcome=SlotOutcome.SKIPPED),
    ]
    for tick in ticks:
        firm.write(lambda t, tick=tick: t.save_slot(tick))
    firm.write(lambda tx: tx.halt("cfo", at=at, by="founder"))
    firm.write(lambda tx: tx.restrict_agent("cto", at, "it loops"))
    told, spent = Told(firm), firm.read(lambda tx: tx.spent_in_scope("day:2026-11-20"))
    assert told.at(NOON) is None
    [text] = receiver.texts
    assert text.split("\n") == [
        f"today's budget: {format_dollars(spent)} of $0.000010 is spent",
        "cfo is halted since 2026-11-20 13:00 (Europe/Lisbon) by founder",
        "cto may only read since 2026-11-20 13:00: it loops",
        "/books at 13:00: failed: the model gave no answer",
        "/report at 13:00: no-result: nothing changed of what it produces",
        "/tax at 13:00: could not begin: no model answers",
    ]
    assert told.at(NOON + timedelta(hours=5)) is None
    assert len(receiver.heard) == 1


@claim("notify:events")
def test_what_a_scheduled_run_wrote_is_told_with_its_path(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    scripted(wire, Say(text="All is well."))
    budget = replace(firm.settings.budget, company_day=3_000_000)
    firm.settings = replace(firm.settings, budget=budget)
    run = firm.ask(name="review", deliver_to="drafts/review.md")
    tick = Tick(
        job="review",
        slot=NOON,
        at=NOON,
        outcome=SlotOutcome.RUN,
        run=run.id,
        ended="ok",
    )
    firm.write(lambda tx: tx.save_slot(tick))
    assert Told(firm).at(NOON) is None
    [text] = receiver.texts
    assert text.split("\n")[-1] == "/review wrote drafts/review.md"


@claim("notify:safe")
def test_an_untrusted_folder_and_one_without_notify_tell_nobody(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    asked(firm, wire, "Which price?")
    trust_file.forget_trust(firm.root)
    assert Told(firm).at(NOON) is None
    believe(firm)
    file = firm.root / ".github" / "agentco.yml"
    file.write_text(file.read_text().replace('["env:TOLD"]', "[]"))
    assert Told(firm).at(NOON) is None
    assert receiver.heard == []


@claim("notify:safe")
def test_what_a_model_wrote_is_cleaned_shortened_and_without_secrets(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    asked(
        firm,
        wire,
        rf"Is {SECRET} \u001b[31mright\u202e? <b>{{{{app_id}}}}</b>\nSecond line {'long ' * 100}",
    )
    told = Told(firm)
    told.live.office = dataclasses.replace(told.live.office, secrets=(SECRET,))
    told.at(NOON)
    [text] = receiver.texts
    assert SECRET not in text
    assert "Is [redacted] right\\u202e? <b>{{app_id}}</b> Second line" in text
    assert "\x1b" not in text
    assert [len(line) <= 200 for line in text.split("\n")] == [True, True], (
        "the budget and the question"
    )


@claim("notify:dead")
def test_a_receiver_that_fails_is_named_once_and_tried_again(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    receiver.mood = "broken"
    asked(firm, wire, "Which price?")
    told = Told(firm)
    assert told.at(NOON) is None
    assert told.at(NOON + timedelta(hours=1)) is None
    assert len(told.said) == 1
    assert "env:TOLD" in told.said[0]
    assert receiver.url not in told.said[0]
    receiver.mood = "well"
    told.at(NOON + timedelta(hours=2))
    assert ["Which price?" in text for text in receiver.texts] == [True] * 3


@claim("notify:dead")
def test_a_receiver_that_never_ends_is_given_up_and_nothing_is_left_of_it(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    receiver.mood = "slow"
    asked(firm, wire, "Which price?")
    told, begin = Told(firm, limit_s=6.0), time.monotonic()
    told.at(NOON)
    assert time.monotonic() - begin < 20
    assert len(told.said) == 1
    assert psutil.Process().children() == []


@claim("notify:dead")
def test_an_address_that_is_none_is_told_of_without_showing_it(
    firm: Firm, wire: WireServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(firm, wire, "Which price?")
    monkeypatch.setenv("TOLD", "nonsense://with-a-token")
    told = Told(firm)
    told.at(NOON)
    monkeypatch.delenv("TOLD")
    told.at(NOON + timedelta(hours=1))
    assert len(told.said) == 1
    assert "token" not in told.said[0]
    assert receiver.heard == []


PROCESS = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from agentco.daemon.live_company import LiveCompany
from agentco.daemon.notifier import Notifier
from agentco.wiring import open_company
from agentco.wiring import daemon_ports

root = Path(sys.argv[1])
company = open_company(root)
with company.open_office(drives=False) as office:
    live = LiveCompany(company=company, office=office)
    send_message = daemon_ports(root).send_message
    notifier = Notifier(live=live, send_message=send_message, tell=print)
    asyncio.run(notifier.notify(datetime.fromisoformat(sys.argv[2])))
"""


@claim("notify:once")
def test_of_four_processes_one_tells(
    firm: Firm, wire: WireServer, receiver: Receiver
) -> None:
    asked(firm, wire, "Which price?")
    command, env = (
        [sys.executable, "-c", PROCESS, str(firm.root), NOON.isoformat()],
        {**os.environ, "PYTHONPATH": str(ROOT)},
    )
    four = [subprocess.Popen(command, env=env) for _ in range(4)]
    assert [process.wait(60) for process in four] == [0] * 4
    assert len(receiver.heard) == 1
