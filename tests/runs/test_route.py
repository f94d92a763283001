"""Which model of a tier is asked, and why not the others: a real server, a clock of the test's own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from claims import claim
from offices import Firm, Still
from test_money import nobody
from wire.server import Fault, Say, WireServer

from agentco.company import Tier
from agentco.engine import (
    Office,
    cancel_run,
    drive_run,
    ready_at,
    start_run,
    take_over_run,
)
from agentco.ports import Transaction
from agentco.runs import Answered, EffectState, ModelFailed, Run, RunPhase

DUE, DEAD = Say(text="VAT is due on Wednesday."), Say(status=503, error="down")
MINUTE = timedelta(seconds=60)
TIERS = """
models: {{light: [workshop/light], medium: [workshop/a, workshop/b], heavy: [workshop/heavy]}}
providers: {{workshop: {{kind: openai, api_base: "{url}"}}}}
prices:
  workshop/light: {{input: 1, output: 2}}
  workshop/a: {{input: 1, output: 2}}
  workshop/b: {{input: 3, output: 6}}
  workshop/heavy: {{input: 9, output: 9}}
company: {{name: Test, timezone: Europe/Lisbon}}
{more}
"""


@dataclass
class Endless(Still):
    """A clock on which no time passes for whoever waits."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.reached.set()
        await asyncio.Event().wait()


@pytest.fixture
def tier(firm: Firm, wire: WireServer) -> Callable[..., Firm]:
    """A firm whose medium tier has a model `a`, and `b` at three times its price."""

    def made(more: str = "") -> Firm:
        firm.place.settings(TIERS.format(url=wire.url, more=more))
        firm.reload()
        return firm

    return made


def asked(wire: WireServer) -> list[str]:
    """Which models were asked, in their order."""
    return [str(seen.body["model"]) for seen in wire.requests]


def last(firm: Firm, run: Run) -> Answered | ModelFailed:
    """What came of the last call of a run."""
    [*_, event] = [
        told.event
        for told in firm.read(lambda tx: tx.load_story(run.id))
        if isinstance(told.event, Answered | ModelFailed)
    ]
    return event


def nothing_is_left(firm: Firm, wire: WireServer) -> None:
    """What holds after any end: the ledger is the bill, and nothing is reserved."""
    assert firm.read(lambda tx: tx.open_effects(EffectState.SENT)) == []
    doubt = sum(entry.usd for entry in firm.ledger() if entry.in_doubt)
    told = sum(entry.usd for entry in firm.ledger()) - doubt
    assert told <= sum(price(row) for row in wire.bill.rows) <= told + doubt
    assert all(
        row.reserved == 0
        for row in firm.read(
            lambda tx: tx.open_effects(EffectState.TODO, EffectState.HELD)
        )
    )


def price(row: Any) -> int:
    """What a call that the server billed costs at the prices of the settings."""
    rate = {"light": 1, "a": 1, "b": 3, "m": 1, "down": 1}[row.model]
    return (
        row.input * rate + row.output * rate * 2
        if row.model != "heavy"
        else 9 * (row.input + row.output)
    )


@claim("router:health")
def test_after_two_failures_nobody_asks_a_model_for_a_minute_and_an_answer_makes_it_well(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier()
    wire.script({"a": [Say(status=401)], "b": [DUE]})
    runs = [firm.ask() for _ in range(3)]
    assert asked(wire) == ["a", "b", "a", "b", "b"]
    firm.clock.moment += MINUTE
    firm.ask()
    assert asked(wire)[5:] == ["a", "b"]
    firm.clock.moment += MINUTE
    firm.ask()
    assert asked(wire)[7:] == ["b"]
    firm.clock.moment += MINUTE
    wire.script({"a": [DUE], "b": [DUE]})
    firm.ask()
    assert (asked(wire)[8:], firm.read(lambda tx: tx.model_health("workshop/a"))) == (
        ["a"],
        None,
    )
    assert [run.phase for run in runs] == [RunPhase.DONE] * 3
    nothing_is_left(firm, wire)


@claim("router:health")
@pytest.mark.parametrize(
    ("say", "failures"),
    [(Say(status=status), 1) for status in (401, 402, 403, 404, 429, 500, 529)]
    + [(Say(status=status), 0) for status in (400, 413, 422)]
    + [(Say(text="VAT is due", fault=Fault.CUT), 1)],
)
def test_what_says_something_of_the_model_counts_and_what_says_it_of_the_request_does_not(
    tier: Callable[..., Firm], wire: WireServer, say: Say, failures: int
) -> None:
    firm = tier()
    wire.script(
        {"a": [say, *[say] * 2 * (say.status in {429, 500, 529}), DUE], "b": [DUE]}
    )
    counted: list[int] = []
    firm.hear = lambda _run, _text: counted.append(
        ill.failures if (ill := health()) else 0
    )

    def health() -> Any:
        return firm.read(lambda tx: tx.model_health("workshop/a"))

    assert firm.ask().phase is RunPhase.DONE
    assert counted[-1] == failures
    nothing_is_left(firm, wire)


@claim("router:health")
def test_when_all_are_skipped_the_first_to_come_back_is_asked_once_and_no_more(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier()
    wire.script({"a": [Say(status=403)], "b": [DEAD]})
    firm.ask()
    firm.clock.moment += timedelta(seconds=5)
    run = firm.ask()
    asked_before, failed = len(asked(wire)), last(firm, run)
    assert isinstance(failed, ModelFailed)
    third = firm.ask()
    assert asked(wire)[asked_before:] == ["a"]
    assert (third.phase, firm.only(third, EffectState.HELD).reserved) == (
        RunPhase.WORKING,
        0,
    )
    wire.script({"a": [DUE], "b": [DEAD]})
    answered = last(firm, firm.go_on(third))
    assert isinstance(answered, Answered)
    assert answered.passed[0].startswith(
        "workshop/a: skipped for 60 s after 2 failures: refused the key (403)"
    )
    nothing_is_left(firm, wire)


@claim("router:ready")
def test_fault_79_a_run_without_a_model_knows_when_it_may_go_on(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier()
    wire.script(
        {"a": [Say(status=401)], "b": [Say(status=529, headers={"retry-after": "300"})]}
    )
    run = firm.ask()
    assert run.phase is RunPhase.WORKING
    assert firm.read(lambda tx: ready_at(tx, run.id)) == firm.clock.moment + MINUTE
    firm.clock.moment += MINUTE
    wire.script({"a": [Say(status=401)], "b": [DUE]})
    before = len(asked(wire))
    firm.go_on(run)
    assert asked(wire)[before:] == ["a"]
    assert firm.read(lambda tx: ready_at(tx, run.id)) == firm.clock.moment + MINUTE
    firm.clock.moment += timedelta(seconds=240)
    assert firm.go_on(run).phase is RunPhase.DONE
    assert firm.read(lambda tx: ready_at(tx, run.id)) is None
    nothing_is_left(firm, wire)


@claim("router:ready")
@pytest.mark.parametrize(
    "say", [Say(status=400), Say(text="VAT is due", fault=Fault.CUT)]
)
def test_what_time_does_not_mend_waits_for_the_founder(
    tier: Callable[..., Firm], wire: WireServer, say: Say
) -> None:
    firm = tier()
    wire.script({"*": [say]})
    run = firm.ask()
    assert (run.phase, firm.read(lambda tx: ready_at(tx, run.id))) == (
        RunPhase.WORKING,
        None,
    )
    nothing_is_left(firm, wire)


@claim("router:retry-after")
def test_fault_74_who_asks_for_more_than_a_minute_is_left_alone_as_long_and_nobody_waits(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier()
    wire.script({"a": [Say(status=429, headers={"retry-after": "3600"})], "b": [DUE]})
    firm.ask()
    firm.clock.moment += timedelta(minutes=59)
    firm.ask()
    assert (asked(wire), firm.clock.pauses) == (["a", "b", "b"], [])
    firm.clock.moment += MINUTE
    firm.ask()
    assert asked(wire)[3:] == ["a", "b"]


@claim("router:reason")
def test_fault_78_a_dearer_model_is_reserved_at_its_own_price_and_the_reason_is_kept(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier()
    wire.script({"a": [Say(status=404)], "b": [DUE]})
    run = firm.ask()
    answered, lines = last(firm, run), firm.audit(run)
    assert isinstance(answered, Answered)
    first, second = [
        line.usd for line in lines if line.why.endswith("reserved in full")
    ]
    assert 2.9 * first < second <= 3 * first
    assert answered.model == "workshop/b"
    assert [why.split(":")[0] for why in answered.passed] == [
        "workshop/a is not known there (404)"
    ]
    assert [line.why for line in lines if line.what == "answered"] == [
        answered.passed[0]
    ]
    nothing_is_left(firm, wire)


@claim("router:tier")
@pytest.mark.parametrize("tier_", [Tier.LIGHT, Tier.MEDIUM, Tier.HEAVY])
def test_no_run_is_asked_of_another_tier(
    tier: Callable[..., Firm], wire: WireServer, tier_: Tier
) -> None:
    firm = tier()
    wire.script({"*": [DEAD]})
    run = firm.ask(tier=tier_)
    assert run.phase is RunPhase.WORKING
    assert set(asked(wire)) == ({"a", "b"} if tier_ is Tier.MEDIUM else {str(tier_)})


@claim("router:limits")
def test_a_model_whose_calls_are_used_up_is_passed_over_until_midnight_of_the_company(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier("limits: {workshop/a: {calls_per_day: 2}}")
    wire.script({"*": [DUE]})
    *_, third = (firm.ask() for _ in range(3))
    answered = last(firm, third)
    assert isinstance(answered, Answered)
    assert (asked(wire), answered.passed) == (
        ["a", "a", "b"],
        ("workshop/a: its 2 calls of today are used up",),
    )
    firm.clock.moment = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
    firm.ask()
    firm.clock.moment += timedelta(seconds=1)
    firm.ask()
    assert asked(wire)[3:] == ["b", "a"]


@claim("router:limits")
def test_a_call_over_midnight_counts_for_the_day_on_which_it_was_begun(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier("limits: {workshop/a: {calls_per_day: 1}}")
    wire.script({"*": [DUE]})
    firm.clock.moment = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)

    def midnight(_run: str, _text: str) -> None:
        firm.clock.moment = datetime(2026, 11, 22, 0, 0, 1, tzinfo=UTC)

    firm.hear = midnight
    for _ in range(3):
        firm.ask()
    assert asked(wire) == ["a", "a", "b"]
    assert [entry.day for entry in firm.ledger()] == [
        "2026-11-21",
        "2026-11-22",
        "2026-11-22",
    ]


@claim("router:limits")
def test_a_model_is_never_paid_more_in_a_day_than_its_limit_and_answers_shorter_first(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    cap = 10000
    firm = tier(f"limits: {{workshop/a: {{usd_per_day: {cap / 1e6}}}}}")
    wire.script({"*": [Say(text="word " * 900)]})
    for _ in range(8):
        assert firm.ask().phase is RunPhase.DONE
    paid = [entry.usd for entry in firm.ledger() if entry.model == "workshop/a"]
    assert cap - 4000 < sum(paid) <= cap
    most = [
        seen.body["max_tokens"] for seen in wire.requests if seen.body["model"] == "a"
    ]
    assert most == sorted(most, reverse=True)
    assert most[0] > most[-1] >= 1000
    nothing_is_left(firm, wire)


@claim("router:limits")
def test_when_every_day_is_used_up_the_run_waits_for_the_next_one(
    tier: Callable[..., Firm], wire: WireServer
) -> None:
    firm = tier(
        "limits: {workshop/a: {calls_per_day: 0}, workshop/b: {usd_per_day: 0}}"
    )
    run = firm.ask()
    failed = last(firm, run)
    assert isinstance(failed, ModelFailed)
    assert (run.phase, asked(wire)) == (RunPhase.WORKING, [])
    assert failed.reason.startswith(
        "workshop/a: its 0 calls of today are used up; workshop/b: $0.00 of its $0.00"
    )
    assert firm.read(lambda tx: ready_at(tx, run.id)) == datetime(
        2026, 11, 22, tzinfo=UTC
    )


@claim("router:ends")
@pytest.mark.parametrize("end", ["cancel", "halt"])
@pytest.mark.parametrize("at", ["waits", "hears"])
def test_a_wait_or_a_call_ends_at_once_when_the_founder_wants_it(
    tier: Callable[..., Firm], wire: WireServer, end: str, at: str
) -> None:
    firm = tier()
    answer = (
        Say(status=429) if at == "waits" else Say(text="VAT is due", fault=Fault.STALL)
    )
    wire.script({"*": [answer]})

    firm.clock = clock = Endless()
    firm.hear = lambda _run, _text: clock.reached.set()

    async def ended(office: Office) -> str:
        root = await start_run(firm.wish(), office)
        driving = asyncio.create_task(drive_run(root, office))
        await clock.reached.wait()
        await asyncio.wrap_future(firm.state.write(lambda tx: stop(tx, root)))
        await driving
        return root

    def stop(tx: Transaction, root: str) -> None:
        if end == "cancel":
            tx.update_root(root, cancel="enough")
        else:
            tx.halt("", at=firm.clock.now().isoformat(), by="the founder")

    run = firm.run(firm.within(ended))
    assert run.phase is (RunPhase.CANCELLED if end == "cancel" else RunPhase.WORKING)
    assert [row.state for row in firm.rows(run, EffectState.IN_DOUBT)] == [
        EffectState.IN_DOUBT
    ] * (at == "hears")
    nothing_is_left(firm, wire)
    if end == "halt":
        firm.write(
            lambda tx: cancel_run(tx, run.id, "enough", firm.clock.now().isoformat())
        )
        assert firm.run(run.id).phase is RunPhase.CANCELLED


@claim("router:waiting-told")
def test_whoever_looks_on_is_told_for_which_model_work_waits_and_of_a_second_try(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(url=nobody())
    told: list[str] = []

    async def asking(office: Office, name: str = "", long_wait: float = 0.02) -> str:
        office = replace(office, wait=told.append, long_wait=long_wait)
        root = name or await start_run(firm.wish(), office)
        if name:
            await take_over_run(name, office)
        await drive_run(root, office)
        return root

    root = firm.within(asking)
    firm.configure(wire.url)
    firm.reload()
    firm.later(minutes=2)
    told.clear()
    wire.script({"m": [DEAD, DUE]})
    firm.within(lambda office: asking(office, root))
    assert told == [
        "cfo waits for workshop/m, second try",
        "cfo waits for workshop/m, third try",
    ]
    told.clear()
    wire.script({"m": [Say(text=DUE.text, delay=0.5)]})
    firm.within(asking)
    assert told == ["cfo waits for workshop/m"]
    firm.within(lambda office: asking(office, long_wait=60))
    assert told == ["cfo waits for workshop/m"]
