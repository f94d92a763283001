"""Runs on Anthropic's protocol: what its cache, its storms and its reviews cost is what the ledger says."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from claims import claim
from offices import Firm, uses
from small_company import Place
from wire.server import Call, Fault, Say, WireServer

from agentco.adapters.models import shipped_prices
from agentco.engine import Office, drive_run, start_run
from agentco.runs import EffectState, Run, RunPhase

pytestmark = claim("claude:ledger")

SETTINGS = """
models: {{light: [anthropic/claude-sonnet-5-5], medium: [anthropic/claude-sonnet-5-5]}}
providers: {{anthropic: {{api_base: "{url}"}}}}
budget: {{call: 1, run: 20, company_day: 100, company_month: 100}}
triggers: [{{name: stripes, words: [zebra], consult: [lawyer]}}]
"""
SONNET = "claude-sonnet-5-5"
PRICES = {"rates": (2_000_000, 10_000_000), "cache": (100_000, 2_500_000)}
READS = uses("Read", '{"path": "BOARD.md"}')
DUE = Say(text="VAT is due on Wednesday.")


@pytest.fixture
def firm(place: Place, firm_with: Callable[..., Firm], wire: WireServer) -> Firm:
    """A company that asks Anthropic's Sonnet, at its shipped price."""
    place.agent("lawyer")
    made = firm_with()
    place.settings(SETTINGS.format(url=wire.url))
    made.reload()
    return made


def asked(
    firm: Firm, task: str = "What is due?", *, times: int = 1, quick: bool = True
) -> list[Run]:
    """So many runs at once, each driven as far as it goes."""

    async def one(office: Office) -> str:
        name = await start_run(firm.wish(task, quick=quick), office)
        await drive_run(name, office)
        return name

    async def asking(office: Office) -> list[str]:
        real = replace(office, prices=shipped_prices())
        return await asyncio.gather(*(one(real) for _ in range(times)))

    return [firm.run(name) for name in firm.within(asking)]


def even(firm: Firm, wire: WireServer) -> bool:
    """Whether the bill is the ledger, and nothing is reserved any more."""
    return sum(e.usd for e in firm.ledger()) == wire.bill.micro_usd and not firm.read(
        lambda tx: tx.open_effects(EffectState.SENT)
    )


def test_turns_that_read_the_cache_cost_what_is_billed(
    firm: Firm, wire: WireServer
) -> None:
    wire.script({SONNET: [READS, READS, DUE]}, **PRICES)
    [run] = asked(firm)
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, DUE.text)
    rows = wire.bill.rows
    assert [row.written > 0 for row in rows] == [True] * 3
    assert [row.read > 0 for row in rows] == [False, True, True]
    assert even(firm, wire)


def test_fault_74_storms_cost_nothing_and_leave_nothing_reserved(
    firm: Firm, wire: WireServer
) -> None:
    storm = [
        Say(status=529),
        Say(status=429),
        Say(text="x", fault=Fault.ERROR_FIRST, kind="overloaded_error"),
    ]
    wire.script({SONNET: [storm[0], storm[1], READS, storm[2], DUE]}, **PRICES)
    [run] = asked(firm)
    assert (run.phase, wire.bill.requests, wire.bill.calls) == (RunPhase.DONE, 5, 2)
    assert even(firm, wire)


def test_fifty_runs_at_once_cost_what_is_billed(firm: Firm, wire: WireServer) -> None:
    wire.script({SONNET: [READS, DUE]}, by_turn=True, **PRICES)
    runs = asked(firm, times=50)
    assert {run.phase for run in runs} == {RunPhase.DONE}
    assert wire.bill.calls == 100
    assert even(firm, wire)


def test_fault_75_a_stream_that_dies_is_in_doubt_and_charged_in_full(
    firm: Firm, wire: WireServer
) -> None:
    wire.script(
        {SONNET: [Say(text="VAT is due", fault=Fault.CUT), DUE]},
        billed_when_read=True,
        **PRICES,
    )
    [run] = asked(firm)
    doubtful, paid = firm.ledger()
    assert (run.phase, doubtful.in_doubt, paid.in_doubt) == (RunPhase.DONE, 1, 0)
    assert sum(e.usd for e in firm.ledger()) > wire.bill.micro_usd


def test_a_reviewer_is_made_to_decide_where_it_can_be_and_asked_in_words_where_not(
    firm: Firm, wire: WireServer
) -> None:
    decides = Call(
        name="Verdict",
        arguments='{"verdicts": [{"trigger": "stripes", "verdict": "APPROVED"}]}',
    )
    fine, decided = Say(text="Fine."), Say(calls=[decides], forbids=["tool_choice"])
    wire.script(
        {SONNET: [Say(text="The zebra eats.")], "~cfo → lawyer": [fine, decided]},
        **PRICES,
    )
    [run] = asked(firm, quick=False)
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, "The zebra eats.")
    choices = [seen.body.get("tool_choice") for seen in wire.requests]
    forced = {"type": "tool", "name": "Verdict", "disable_parallel_tool_use": True}
    assert choices == [None, None, forced, None]
    assert even(firm, wire)
