"""An answer that is cut goes on: each piece is paid once, kept, and joined; the last call asks for a lesson."""

from typing import Any

import pytest
from claims import claim
from msgspec.structs import replace
from offices import Firm, scripted, uses
from wire.server import Say, WireServer

from agentco.runs import EffectState, RunPhase

pytestmark = claim("models:goes-on")
FIRST = Say(text="The VAT return is due on Wed", stop="length")
SECOND = Say(text="nesday, and the annual statement of acc", stop="length")
THIRD = Say(text="annual statement of accounts on Friday.")
WHOLE = "The VAT return is due on Wednesday, and the annual statement of accounts on Friday."


def test_the_pieces_are_one_answer_and_each_is_paid_once(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, FIRST, SECOND, THIRD)
    heard: list[str] = []
    firm.hear = lambda _run, text: heard.append(text)
    run = firm.ask()
    assert (run.phase, firm.answer(run), "".join(heard)) == (
        RunPhase.DONE,
        WHOLE,
        WHOLE,
    )
    assert [entry.calls for entry in firm.ledger()] == [1, 1, 1]
    assert firm.spent(run) == wire.bill.micro_usd
    assert wire.bill.calls == 3
    assert run.turns == 1
    *_, begun, asked = wire.requests[2].body["messages"]
    assert begun["role"] == "assistant"
    assert begun["content"] == FIRST.text + SECOND.text
    assert "annual statement of acc" in asked["content"]
    assert not firm.rows(run, EffectState.SENT)


def test_three_times_it_goes_on_and_what_there_is_then_is_kept(
    firm: Firm, wire: WireServer
) -> None:
    pieces = [Say(text=f"Part {n} of many. ", stop="length") for n in range(9)]
    scripted(wire, *pieces)
    run = firm.ask()
    assert (run.phase, len(wire.requests)) == (RunPhase.FAILED, 5)
    assert firm.answer(run) == "".join(piece.text for piece in pieces[:4])
    assert "4 times in a row" in run.reason
    assert f"agentco runs show {run.id}" in run.reason


@pytest.mark.parametrize("more", ["due on Wed", "  \n"])
def test_a_model_that_adds_nothing_is_not_asked_again(
    firm: Firm, wire: WireServer, more: str
) -> None:
    scripted(wire, FIRST, Say(text=more, stop="length"))
    run = firm.ask()
    assert (run.phase, len(wire.requests)) == (RunPhase.FAILED, 3)
    assert firm.answer(run).rstrip() == FIRST.text


BROKEN: dict[str, Say] = {
    "a call": Say(calls=uses("Read", '{"path": "BOA').calls, stop="length"),
    "a call as text": Say(
        text='{"name": "Read", "arguments": {"path": "BO', stop="length"
    ),
    "a thought": Say(text="<think>The return is due", stop="length"),
    "nothing": Say(text="", stop="length"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_go_on_is_asked_for_once_more_with_more_room(
    firm: Firm, wire: WireServer, broken: str
) -> None:
    scripted(wire, BROKEN[broken], THIRD)
    run = firm.ask()
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, THIRD.text)
    first, second = (request.body for request in wire.requests)
    assert (first["max_tokens"], second["max_tokens"]) == (8_000, 16_000)
    assert first["messages"] == second["messages"]


@pytest.mark.parametrize("broken", BROKEN)
def test_and_only_once(firm: Firm, wire: WireServer, broken: str) -> None:
    scripted(wire, BROKEN[broken])
    run = firm.ask()
    assert (run.phase, len(wire.requests)) == (RunPhase.FAILED, 3)
    assert "twice the room" in run.reason


def test_a_tool_that_is_called_behind_the_seam_is_used(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, FIRST, replace(READS, text="nesday; I look."), THIRD)
    run = firm.ask()
    assert (run.phase, firm.answer(run), run.tool_calls) == (
        RunPhase.DONE,
        THIRD.text,
        1,
    )
    said = [message["content"] for message in wire.requests[2].body["messages"]]
    assert "The VAT return is due on Wednesday; I look." in said
    assert FIRST.text not in said


READS = uses("Read", '{"path": "BOARD.md"}')


def test_a_run_that_is_stopped_between_two_pieces_pays_none_of_them_twice(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, FIRST, Say(status=500), Say(status=500), Say(status=500))
    run = firm.ask()
    assert (run.phase, run.goes_on) == (RunPhase.WORKING, 1)
    paid = wire.bill.calls
    scripted(wire, Say(text="Wednesday."))
    run = firm.go_on(run)
    assert (run.phase, firm.answer(run)) == (
        RunPhase.DONE,
        "The VAT return is due on Wednesday.",
    )
    assert (paid, wire.bill.calls) == (1, 2)
    assert firm.spent(run) == wire.bill.micro_usd


def test_a_piece_may_be_thought_over_and_still_joins(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, FIRST, Say(text="<think>I was at Wed.</think>\n\ndue on Wednesday."))
    run = firm.ask()
    assert firm.answer(run) == "The VAT return is due on Wednesday."


def test_blanks_at_the_seam_stay(firm: Firm, wire: WireServer) -> None:
    scripted(wire, Say(text="It is due", stop="length"), Say(text=" on\n\nFriday."))
    assert firm.answer(firm.ask()) == "It is due on\n\nFriday."


def test_a_budget_that_is_used_up_leaves_the_pieces(
    firm: Firm, wire: WireServer
) -> None:
    dear: dict[str, Any] = {"prompt_tokens": 700, "completion_tokens": 7000}
    first = Say(text=FIRST.text, stop="length", usage=dear)
    scripted(wire, first, THIRD)
    run = firm.ask(cap=17_000)
    assert (run.phase, firm.answer(run)) == (RunPhase.OUT_OF_BUDGET, FIRST.text)
    assert len(wire.requests) == 1
