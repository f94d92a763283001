"""What an agent ticks on the board: with the delivery of its work, and never before."""

from collections.abc import Callable

import pytest
from claims import claim
from offices import Firm, heard, scripted, uses
from small_company import Place
from wire.server import Call, Say, WireServer

from agentco.engine import approve_effect, waive_trigger
from agentco.runs import TICKED_LATER, EffectState, RunPhase

RULE = "triggers: [{name: stripes, words: [zebra], consult: [lawyer]}]"
TICKS = uses("Board", '{"operation": "done", "id": "T1"}')
DRAFT, PLAIN = Say(text="The zebra eats grass."), Say(text="It is filed.")
LAWYER = "~cfo → lawyer"


def verdict(word: str) -> list[Say]:
    said = f'{{"verdicts": [{{"trigger": "stripes", "verdict": "{word}", "because": "it is not so"}}]}}'
    return [Say(calls=[Call(name="Verdict", arguments=said)])]


@pytest.fixture
def firm(place: Place, firm_with: Callable[..., Firm]) -> Firm:
    """A company in which a lawyer reviews, and whose board has one task with an id."""
    place.agent("lawyer")
    firm = firm_with(RULE)
    place.board(
        "- [ ] File the VAT return @cfo id:T1", "- [ ] Call the bank @cfo id:T2"
    )
    return firm


def ticked(firm: Firm) -> bool:
    return "[x] File the VAT return" in firm.place.board_text()


@claim("board:ticked-late")
@pytest.mark.parametrize("name", ["T1", "t1", "File the VAT", "File the VAT return"])
def test_a_task_is_ticked_when_the_work_is_delivered_and_not_before(
    firm: Firm, wire: WireServer, name: str
) -> None:
    before = list[bool]()
    firm.tools.looks.append(lambda _: before.append(ticked(firm)))
    tick = uses("Board", f'{{"operation": "done", "id": "{name}"}}')
    scripted(wire, tick, uses("Read", '{"path": "BOARD.md"}'), PLAIN)
    run = firm.ask(quick=False)
    assert (run.phase, ticked(firm), before) == (RunPhase.DONE, True, [False] * 3)
    said, *diff = heard(wire, 1)[-1]["content"].split("\n")
    assert said == TICKED_LATER
    assert "-- [ ] File the VAT return @cfo id:T1" in diff
    assert "id:T2" in firm.place.board_text()
    assert firm.place.board_text().count("[x]") == 1


@claim("board:ticked-late")
def test_blocked_work_ticks_nothing_until_the_founder_lets_it_go(
    firm: Firm, wire: WireServer
) -> None:
    board = firm.place.board_text()
    scripted(wire, TICKS, DRAFT, **{LAWYER: verdict("BLOCKING")})
    run = firm.ask(quick=False)
    assert (run.phase, firm.place.board_text()) == (RunPhase.BLOCKED, board)
    firm.write(
        lambda tx: waive_trigger(tx, run.id, "stripes", "I read it", firm.stamp())
    )
    assert (firm.go_on(run).phase, ticked(firm)) == (RunPhase.DONE, True)


@claim("board:ticked-late")
def test_a_quick_answer_that_nobody_can_block_ticks_at_once(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, TICKS, Say(text="refused", stop="content_filter"))
    assert (firm.ask().phase is RunPhase.DONE, ticked(firm)) == (False, True)


@claim("board:ticked-late")
def test_work_that_failed_ticks_nothing(firm: Firm, wire: WireServer) -> None:
    scripted(wire, TICKS, Say(text="It is", stop="length"))
    assert (firm.ask(quick=False).phase, ticked(firm)) == (RunPhase.FAILED, False)


@claim("board:ticked-late")
def test_a_task_that_is_not_there_is_told_at_once_and_one_that_is_gone_at_the_end_holds_up_nothing(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("Board", '{"operation": "done", "id": "T9"}'), TICKS, PLAIN)
    firm.hear = lambda _run, said: (
        firm.place.board("- [ ] Another one id:T3") if "filed" in said else None
    )
    run = firm.ask(quick=False)
    assert "no task 'T9' on the board" in heard(wire, 1)[-1]["content"]
    assert (run.phase, firm.place.board_text().count("[x]")) == (RunPhase.DONE, 0)


@claim("watch:restricted")
def test_who_was_restricted_meanwhile_delivers_and_ticks_nothing(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, TICKS, uses("Read", '{"path": "BOARD.md"}'), PLAIN)
    firm.tools.looks.append(
        lambda _: firm.write(
            lambda tx: tx.restrict_agent("cfo", firm.stamp(), "it crashed")
        )
    )
    assert (firm.ask(quick=False).phase, ticked(firm)) == (RunPhase.DONE, False)


@claim("board:ticked-late")
def test_a_founder_is_asked_once_for_a_tick_that_the_rules_ask_for(
    firm: Firm, wire: WireServer
) -> None:
    firm.place.settings(
        (firm.root / ".github/agentco.yml").read_text()
        + 'permissions: {ask: ["Board(done)"]}\n'
    )
    firm.reload()
    scripted(wire, TICKS, PLAIN)
    run = firm.ask(quick=False)
    parked = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: approve_effect(tx, parked, firm.stamp()))
    assert (firm.go_on(run).phase, ticked(firm)) == (RunPhase.DONE, True)
