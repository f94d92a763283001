"""What stops a run and what lets it go on: the founder, a halt, a cancellation, what nobody can tell."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from claims import claim
from msgspec.structs import replace
from offices import PATIENCE, Firm, heard, on_every_store, scripted, uses
from small_company import NOW
from wire.server import Fault, Say, WireServer

from agentco.adapters.state import Database
from agentco.engine import (
    POLL_S,
    EffectResult,
    Office,
    approve_effect,
    cancel_run,
    drive_run,
    record_decision,
    start_run,
    stop_driving,
)
from agentco.kernel import WrongUsage, root_of
from agentco.overview import effect_item, find_run
from agentco.overview.inbox_items import inbox_items
from agentco.runs import (
    Answered,
    Decided,
    EffectRecord,
    EffectState,
    Run,
    RunPhase,
    StopReason,
)

DUE = Say(text="VAT is due on Wednesday.")
ASKS = uses("AskFounder", '{"question": "How much?"}')
READS = uses("Read", '{"path": "BOARD.md"}')
ADDS = uses("Board", '{"operation": "add", "title": "Call the bank"}')
ASKED_FIRST = 'permissions: {ask: ["Read(BOARD.md)"]}'
STALL = Say(text="VAT is due on Wednesday.", fault=Fault.STALL)


def say(firm: Firm, row: EffectRecord, text: str, *, ok: bool = True) -> None:
    firm.write(
        lambda tx: record_decision(
            tx, row, Decided(effect=row.number, text=text, ok=ok), firm.stamp()
        )
    )


@claim("runs:founder")
@on_every_store
def test_a_question_waits_seven_days_and_its_answer_is_heard(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, ASKS, DUE)
    run = firm.ask()
    row = firm.only(run, EffectState.PARKED)
    assert (run.phase, row.expires) == (
        RunPhase.WORKING,
        (NOW + timedelta(days=7)).isoformat(timespec="seconds"),
    )
    [item] = firm.read(lambda tx: inbox_items(tx, firm.stamp()))
    assert (item.id, item.kind, item.what) == (row.id, "question", "How much?")
    assert firm.go_on(run) == run
    say(firm, row, "Nine euros.")
    assert firm.go_on(run).phase is RunPhase.DONE
    assert heard(wire)[-1]["content"] == "<founder>\nNine euros.\n</founder>"
    assert wire.bill.requests == 2


@claim("runs:founder")
@on_every_store
def test_what_nobody_answered_in_time_goes_on_without_an_answer(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, ASKS, DUE)
    run = firm.ask()
    firm.later(days=8)
    assert firm.read(lambda tx: inbox_items(tx, firm.stamp())) == []
    assert firm.go_on(run).phase is RunPhase.DONE
    assert "nobody answered in time" in heard(wire)[-1]["content"]


def status(firm: Firm, run: Run) -> str:
    """How a run stands by what is known of it, when nobody drives."""
    [listed] = firm.read(lambda tx: tx.list_runs(firm.stamp()))
    named = firm.read(lambda tx: find_run(tx, run.id, firm.stamp()))
    assert listed == named
    return named.status(lambda _: False)


@claim("runs:founder")
@on_every_store
def test_a_run_waits_as_long_as_its_question_can_be_answered_and_is_interrupted_then(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, ASKS, DUE)
    run = firm.ask()
    assert (
        status(firm, run),
        firm.read(lambda tx: tx.list_runs(firm.stamp()))[0].waiting,
    ) == ("waiting", 1)
    firm.later(days=8)
    assert (
        status(firm, run),
        firm.read(lambda tx: tx.list_runs(firm.stamp()))[0].waiting,
    ) == ("interrupted", 0)
    firm.later(days=-5000)
    for row in firm.read(lambda tx: tx.open_effects(EffectState.PARKED)):
        sooner = replace(row, expires="2020-01-01T00:00:00+00:00")
        firm.write(lambda tx, row=sooner: tx.save_effect(row))
    after = "2020-01-01T00:00:01+00:00"
    assert (
        status(firm, run),
        firm.read(lambda tx: tx.list_runs(after))[0].waiting,
    ) == ("waiting", 0)


@claim("runs:founder")
def test_what_is_asked_first_is_done_once_it_is_approved_and_each_time_anew(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(ASKED_FIRST)
    scripted(wire, READS, READS, DUE)
    run = firm.ask()
    row = firm.only(run, EffectState.PARKED)
    assert (row.ruling, firm.tools.did) == ("Read(BOARD.md)", [])
    firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
    run = firm.go_on(run)
    assert (len(firm.tools.did), firm.only(run, EffectState.PARKED).number) == (
        1,
        row.number + 2,
    )
    told = [
        (line.what, line.ruling)
        for line in firm.audit(run)
        if line.effect == row.number
    ]
    assert told == [
        ("ruled", "ask"),
        ("approved", ""),
        ("ruled", "allow"),
        ("tool-returned", ""),
    ]


@claim("runs:founder")
def test_what_is_denied_by_the_founder_is_not_done_and_the_agent_hears_it(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(ASKED_FIRST)
    scripted(wire, READS, DUE)
    run = firm.ask()
    say(firm, firm.only(run, EffectState.PARKED), "no", ok=False)
    assert firm.go_on(run).phase is RunPhase.DONE
    assert (firm.tools.did, heard(wire)[-1]["content"]) == (
        [],
        "<founder>\nno\n</founder>",
    )


@claim("runs:founder")
@on_every_store
def test_a_decision_counts_once(firm: Firm, wire: WireServer) -> None:
    scripted(wire, ASKS, DUE)
    run = firm.ask()
    row = firm.only(run, EffectState.PARKED)
    say(firm, row, "Nine euros.")
    say(firm, row, "Ten euros.")
    firm.go_on(run)
    assert heard(wire)[-1]["content"] == "<founder>\nNine euros.\n</founder>"


@claim("runs:cancel")
def test_a_run_that_waits_is_cancelled_for_good(firm: Firm, wire: WireServer) -> None:
    scripted(wire, ASKS, DUE)
    run = firm.ask()
    row = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: cancel_run(tx, run.id, "enough", firm.stamp()))
    say(firm, row, "Nine euros.")
    over = firm.go_on(run)
    assert (over.phase, over.reason, wire.bill.requests) == (
        RunPhase.CANCELLED,
        "enough",
        1,
    )
    assert firm.only(over, EffectState.SETTLED).id == row.id
    assert firm.read(lambda tx: inbox_items(tx, firm.stamp())) == []


def interrupted(
    firm: Firm, wire: WireServer, stop: Callable[[Database, str], object]
) -> Run:
    """A run whose call never ends, until somebody in another process stops it."""
    wish, roots = firm.wish(), list[str]()

    def elsewhere() -> None:
        wire.until(lambda bill: bill.open == 1)
        other = Database(firm.root, name="other")
        stop(other, roots[0])
        other.close()

    async def asking(office: Office) -> None:
        roots.append(await start_run(wish, office))
        helper = Thread(target=elsewhere)
        helper.start()
        await drive_run(roots[0], office)
        await asyncio.to_thread(helper.join, PATIENCE)

    firm.within(asking)
    wire.until(lambda bill: bill.gone == 1 and bill.open == 0)
    return firm.run(roots[0])


def halts(scope: str) -> Callable[[Database, str], object]:
    return lambda state, _: state.write(
        lambda tx: tx.halt(scope, at="2026-11-21T09:00:00", by="ana")
    ).result(PATIENCE)


@claim("runs:halt")
@pytest.mark.parametrize("scope", ["", "cfo"])
def test_a_halt_during_a_call_ends_it_and_after_the_halt_it_is_asked_again(
    firm: Firm, wire: WireServer, scope: str
) -> None:
    scripted(wire, STALL, DUE)
    run = interrupted(firm, wire, halts(scope))
    row = firm.only(run, EffectState.IN_DOUBT)
    assert (run.phase, firm.spent(run), POLL_S < 0.5) == (
        RunPhase.WORKING,
        row.reserved,
        True,
    )
    assert firm.go_on(run).phase is RunPhase.WORKING
    assert wire.bill.requests == 1
    firm.write(lambda tx: tx.lift_halt(scope, at=firm.stamp()))
    done = firm.go_on(run)
    assert (done.phase, wire.bill.requests, firm.answer(done)) == (
        RunPhase.DONE,
        2,
        DUE.text,
    )
    assert firm.spent(run) == row.reserved + wire.bill.micro_usd
    assert [entry.in_doubt for entry in firm.ledger()] == [1, 0]


@claim("runs:commands")
@pytest.mark.parametrize("name", ["%", "_", "ru_", "run%", "run1.2_", "RUN", ""])
def test_a_run_is_named_by_what_its_id_begins_with_to_the_letter(
    firm: Firm, wire: WireServer, name: str
) -> None:
    scripted(wire, DUE)
    run = firm.ask()
    for exact in ("run1", "run", "r"):
        assert (
            firm.read(lambda tx, exact=exact: find_run(tx, exact, firm.stamp())).id
            == run.id
        )
    with pytest.raises(WrongUsage, match="no run"):
        firm.read(lambda tx: find_run(tx, name, firm.stamp()))


@claim("runs:halt")
@on_every_store
def test_nothing_starts_while_the_company_is_halted(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, DUE)
    firm.write(lambda tx: tx.halt("", at=firm.stamp(), by="ana"))
    run = firm.ask()
    assert (
        wire.bill.requests,
        firm.only(run, EffectState.HELD).number,
        firm.spent(run),
    ) == (0, 1, 0)
    assert firm.go_on(run).phase is RunPhase.WORKING
    firm.write(lambda tx: tx.lift_halt("", at=firm.stamp()))
    assert firm.go_on(run).phase is RunPhase.DONE
    assert {
        (line.ruling, line.rule) for line in firm.audit(run) if line.ruling == "deny"
    } == {("deny", "halt")}


@claim("runs:halt")
def test_the_halt_of_another_agent_stops_nobody(firm: Firm, wire: WireServer) -> None:
    scripted(wire, DUE)
    firm.write(lambda tx: tx.halt("marketing", at=firm.stamp(), by="ana"))
    assert firm.ask().phase is RunPhase.DONE


@claim("runs:halt")
def test_a_tool_that_was_under_way_at_a_halt_is_done_once(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, READS, DUE)
    firm.tools.looks.append(
        lambda _: firm.write(lambda tx: tx.halt("", at=firm.stamp(), by="ana"))
    )
    run = firm.ask()
    assert (run.phase, len(firm.tools.did)) == (RunPhase.WORKING, 1)
    firm.tools.looks.clear()
    firm.write(lambda tx: tx.lift_halt("", at=firm.stamp()))
    assert firm.go_on(run).phase is RunPhase.DONE
    assert len(firm.tools.did) == 1


@claim("runs:cancel")
def test_a_cancellation_during_a_call_ends_it_in_doubt_and_paid(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, STALL, DUE)
    run = interrupted(
        firm,
        wire,
        lambda state, root: state.write(
            lambda tx: tx.update_root(root, cancel="enough")
        ).result(PATIENCE),
    )
    row = firm.only(run, EffectState.IN_DOUBT)
    assert (run.phase, run.reason, firm.spent(run)) == (
        RunPhase.CANCELLED,
        "enough",
        row.reserved,
    )
    assert firm.go_on(run) == run
    assert wire.bill.requests == 1


@claim("runs:doubt")
@pytest.mark.parametrize(("how", "share"), [("done", 1), ("drop", 0)])
def test_a_call_in_doubt_is_settled_as_billed_or_not(
    firm: Firm, wire: WireServer, how: str, share: int
) -> None:
    scripted(wire, STALL, DUE)
    run = interrupted(firm, wire, halts(""))
    row = firm.only(run, EffectState.IN_DOUBT)
    settle = f"agentco inbox settle {row.id}"
    assert effect_item(row).command == f"{settle} --done\n{settle} --drop"
    assert (
        status(firm, run),
        "did your provider bill it?" in effect_item(row).what,
    ) == ("interrupted", True)
    firm.settle(row, how)
    settled = firm.read(lambda tx: tx.load_effect(row.run, row.number))
    assert effect_item(settled).what == f"ask-model {row.model}"
    assert firm.spent(run) == row.reserved * share
    assert firm.read(lambda tx: inbox_items(tx, firm.stamp())) == []
    with pytest.raises(WrongUsage, match="is not in doubt"):
        firm.settle(row, how)
    firm.write(lambda tx: tx.lift_halt("", at=firm.stamp()))
    assert firm.go_on(run).phase is RunPhase.DONE
    assert firm.spent(run) == row.reserved * share + wire.bill.micro_usd


@claim("runs:doubt")
def test_a_call_in_doubt_is_asked_again_by_its_run_only(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, STALL, DUE)
    run = interrupted(firm, wire, halts(""))
    with pytest.raises(WrongUsage, match="repeated by itself"):
        firm.settle(firm.only(run, EffectState.IN_DOUBT), "again")


@claim("runs:doubt")
@pytest.mark.parametrize(
    ("how", "heard_then", "done"),
    [
        ("done", "The founder says that it was done.", 1),
        ("drop", "error: The founder dropped it; it was not done.", 1),
        ("again", "Call the bank", 2),
    ],
)
def test_an_act_in_doubt_waits_and_is_settled_by_the_founder(
    firm: Firm, wire: WireServer, how: str, heard_then: str, done: int
) -> None:
    firm.tools.doubts.append(True)
    scripted(wire, ADDS, DUE)
    run = firm.ask()
    row = firm.only(run, EffectState.IN_DOUBT)
    assert (run.phase, firm.go_on(run).phase, len(firm.tools.did)) == (
        RunPhase.WORKING,
        RunPhase.WORKING,
        1,
    )
    [item] = firm.read(lambda tx: inbox_items(tx, firm.stamp()))
    assert (item.id, item.kind, status(firm, run)) == (row.id, "in-doubt", "waiting")
    firm.settle(row, how)
    assert firm.go_on(run).phase is RunPhase.DONE
    assert heard_then in heard(wire)[-1]["content"]
    assert (len(firm.tools.did), firm.place.board_text().count("Call the bank")) == (
        done,
        done - 1,
    )


@claim("runs:founder")
@pytest.mark.parametrize("first", ["denied", "approved", "cancelled", "expired"])
def test_a_yes_that_comes_too_late_allows_nothing(
    firm_with: Callable[..., Firm], wire: WireServer, first: str
) -> None:
    firm = firm_with(more='permissions: {ask: ["Board(add)"]}')
    scripted(wire, uses("Board", '{"operation": "add", "title": "Pay"}'), DUE)
    run = firm.ask()
    [row] = firm.rows(run, EffectState.PARKED)
    no = Decided(effect=row.number, text="no", ok=False)
    match first:
        case "denied":
            firm.write(lambda tx: record_decision(tx, row, no, firm.stamp()))
        case "approved":
            firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
        case "cancelled":
            firm.write(lambda tx: cancel_run(tx, run.id, "enough", firm.stamp()))
        case _:
            firm.clock.moment += timedelta(days=8)
    firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
    firm.go_on(run)
    board = firm.root / "BOARD.md"
    assert (board.read_text() if board.exists() else "").count("Pay") == (
        1 if first == "approved" else 0
    )
    assert [line.what for line in firm.audit()].count("approved") == (
        1 if first == "approved" else 0
    )


@claim("runs:founder")
@on_every_store
def test_an_old_run_that_is_still_open_keeps_what_it_needs_until_it_has_long_been_over(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, ASKS, DUE)
    run = firm.ask()
    firm.later(days=6)
    late, before = firm.stamp(), firm.said(run)
    firm.write(lambda tx: tx.prune_bodies(late))
    assert firm.said(run) == before
    say(firm, firm.only(run, EffectState.PARKED), "Nine euros.")
    assert firm.go_on(run).phase is RunPhase.DONE
    assert firm.read(lambda tx: tx.prunable_bodies(late)) == []
    firm.later(days=1)
    assert firm.write(lambda tx: tx.prune_bodies(firm.stamp())) >= 4
    assert firm.read(lambda tx: tx.load_asked(run.id)) is None


@claim("runs:driver")
def test_an_answer_that_came_before_the_stop_is_kept_and_not_in_doubt(
    firm: Firm, wire: WireServer
) -> None:
    def stop(effect: str, _text: str) -> None:
        run = root_of(effect)
        for row in firm.read(lambda tx: tx.open_effects(EffectState.SENT)):
            came = Answered(
                effect=row.number,
                model=row.model,
                text="Came in time.",
                stop=StopReason.END,
            )
            firm.write(
                lambda tx, row=row, came=came: stop_driving(
                    tx, run, [EffectResult(row=row, event=came)], firm.stamp()
                )
            )

    firm.hear = stop
    scripted(wire, DUE)
    run = firm.ask()
    assert (run.phase, firm.answer(run), firm.rows(run, EffectState.IN_DOUBT)) == (
        RunPhase.DONE,
        "Came in time.",
        [],
    )
