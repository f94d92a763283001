"""What an agent may only propose: an effect that waits for the founder, whatever becomes of its run."""

import asyncio
import gzip
import json
from pathlib import Path

import pytest
from claims import claim
from msgspec.structs import replace
from offices import Firm, scripted, uses
from small_company import NOW, Place
from wire.server import Say, WireServer

from agentco.adapters.state import Database
from agentco.day import WaitingFact
from agentco.engine import (
    Office,
    approve_effect,
    cancel_run,
    carry_out_approved,
    record_decision,
)
from agentco.kernel import Locked, NeedsFounder
from agentco.memory import EntityLine
from agentco.overview.inbox_items import inbox_items
from agentco.runs import (
    CarryOutProposal,
    Decided,
    EffectRecord,
    EffectState,
    Memory,
    Run,
    RunPhase,
    ToolReturned,
)
from agentco.wiring import open_company

pytestmark = claim("runs:proposals")

FACT = "Due: 2026-11-25"
ENTITY = {"name": "deadline:vat", "entityType": "deadline", "observations": [FACT]}
PROPOSES = uses(
    "Memory", json.dumps({"operation": "create_entities", "entities": [ENTITY]})
)
DONE = Say(text="Proposed.")
DOWN = [Say(status=401, text="no such key")] * 9
STORED = Path(__file__).parent / "stored" / "state-2.db.gz"


def proposed(firm: Firm, wire: WireServer) -> tuple[Run, EffectRecord]:
    """A run that is over, and what it proposed."""
    scripted(wire, PROPOSES, DONE)
    run = firm.ask()
    assert run.phase is RunPhase.DONE
    return run, firm.only(run, EffectState.PARKED)


def decide(firm: Firm, row: EffectRecord, *, ok: bool = True) -> EffectRecord:
    event = Decided(effect=row.number, text="no", ok=False)
    if ok:
        firm.write(lambda tx: approve_effect(tx, row, firm.stamp()))
    else:
        firm.write(lambda tx: record_decision(tx, row, event, firm.stamp()))
    return stored(firm, row)


def stored(firm: Firm, row: EffectRecord) -> EffectRecord:
    return firm.read(lambda tx: tx.load_effect(row.run, row.number))


def carry_out(firm: Firm, row: EffectRecord) -> EffectRecord:
    async def act(office: Office) -> None:
        await carry_out_approved(row, office)

    firm.within(act)
    return stored(firm, row)


def inbox(firm: Firm) -> list[WaitingFact]:
    return firm.read(lambda tx: inbox_items(tx, firm.stamp()))


def lines(firm: Firm) -> list[EntityLine]:
    """What the memory holds of the deadline."""
    graph = open_company(firm.root).memory.load_graph()
    found = graph.lines_about("deadline:vat")
    return [line for line in found if isinstance(line, EntityLine)]


def test_a_proposal_waits_seven_days_and_its_run_does_not_wait(
    firm: Firm, wire: WireServer
) -> None:
    run, row = proposed(firm, wire)
    assert isinstance(row.wanted, CarryOutProposal)
    assert (row.ruling, row.expires) == ("proposal", "2026-11-28T09:00:00+00:00")
    [item] = inbox(firm)
    assert (item.id, item.kind, item.agent) == (row.id, "proposal", "cfo")
    assert item.what == f"create_entities: deadline:vat · deadline · {FACT}"
    assert item.command == f"agentco approve {row.id}\nagentco deny {row.id}"
    assert [run.number for run in firm.rows(run)] == [1, 2, 3, 4, 5]
    firm.later(days=8)
    assert inbox(firm) == []
    assert decide(firm, row).state is EffectState.PARKED


def test_an_approved_one_is_ruled_on_done_as_the_founders_and_audited(
    firm: Firm, wire: WireServer
) -> None:
    run, row = proposed(firm, wire)
    approved = decide(firm, row)
    assert (approved.state, lines(firm)) == (EffectState.TODO, [])
    assert firm.go_on(run) == firm.run(run.id)
    done = stored(firm, row)
    assert (done.state, done.driver) == (EffectState.DONE, "me")
    [line] = lines(firm)
    assert (line.by, line.run, line.observations) == ("founder", row.id, (FACT,))
    told = [
        (line.what, line.ruling, line.rule)
        for line in firm.audit(run)
        if line.effect == row.number
    ]
    assert told == [
        ("ruled", "ask", "proposal"),
        ("approved", "", ""),
        ("ruled", "allow", "proposal"),
        ("tool-returned", "", ""),
    ]
    ends = [line.what for line in firm.audit(run) if not line.effect]
    assert ends == ["asked", "done"]
    assert inbox(firm) == []


def test_a_denied_one_is_settled_and_cannot_be_approved_any_more(
    firm: Firm, wire: WireServer
) -> None:
    run, row = proposed(firm, wire)
    assert decide(firm, row, ok=False).state is EffectState.DONE
    assert decide(firm, row).state is EffectState.DONE
    assert firm.go_on(run) == firm.run(run.id)
    assert (lines(firm), inbox(firm)) == ([], [])


def test_what_was_done_before_its_process_died_is_not_done_twice(
    firm: Firm, wire: WireServer
) -> None:
    run, row = proposed(firm, wire)
    approved = decide(firm, row)
    assert isinstance(row.wanted, CarryOutProposal)
    asyncio.run(
        firm.tools.perform_approved(row.wanted.action, by="founder", run=row.id, at=NOW)
    )
    sent = replace(approved, state=EffectState.SENT, driver="dead")
    firm.write(lambda tx: tx.save_effect(sent))
    [item] = inbox(firm)
    assert (item.id, item.kind) == (row.id, "proposal")
    assert carry_out(firm, sent).state is EffectState.DONE
    assert len(lines(firm)) == 1
    assert firm.read(lambda tx: tx.root_state(run.id)[1]) is None


def test_carrying_one_out_buys_nothing_of_a_run_that_was_interrupted(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, PROPOSES, *DOWN)
    run = firm.ask()
    assert run.phase is RunPhase.WORKING
    row = firm.only(run, EffectState.PARKED)
    [summary] = firm.read(lambda tx: tx.list_runs(firm.stamp()))
    assert (summary.status(lambda _: False), summary.waiting) == ("interrupted", 0)
    before = len(wire.requests)
    assert carry_out(firm, decide(firm, row)).state is EffectState.DONE
    assert (len(wire.requests), firm.run(run.id)) == (before, run)
    assert firm.only(run, EffectState.HELD)


def test_it_outlives_the_cancellation_of_its_run(firm: Firm, wire: WireServer) -> None:
    scripted(wire, PROPOSES, *DOWN)
    run = firm.ask()
    firm.write(lambda tx: cancel_run(tx, run.id, "enough", firm.stamp()))
    assert firm.run(run.id).phase is RunPhase.CANCELLED
    row = firm.only(run, EffectState.PARKED)
    assert carry_out(firm, decide(firm, row)).state is EffectState.DONE
    assert len(lines(firm)) == 1


def test_nothing_is_carried_out_while_it_is_halted(
    firm: Firm, wire: WireServer
) -> None:
    _, row = proposed(firm, wire)
    approved = decide(firm, row)
    firm.write(lambda tx: tx.halt("cfo", at=firm.stamp(), by="founder"))
    with pytest.raises(NeedsFounder, match="cfo is halted"):
        carry_out(firm, approved)
    assert (stored(firm, row).state, lines(firm)) == (EffectState.TODO, [])
    firm.write(lambda tx: tx.lift_halt("cfo", at=firm.stamp()))
    assert carry_out(firm, approved).state is EffectState.DONE


def test_it_is_left_to_the_process_that_drives_its_run(
    firm: Firm, wire: WireServer
) -> None:
    run, row = proposed(firm, wire)
    approved = decide(firm, row)
    other = type(firm.drivers)(firm.root)
    name = other.become_driver("others")
    firm.write(lambda tx: tx.update_root(run.id, driver=name))
    with pytest.raises(Locked):
        carry_out(firm, approved)
    other.stop_driving()
    assert carry_out(firm, approved).state is EffectState.DONE


def test_a_run_still_at_work_goes_on_while_its_proposal_is_carried_out(
    firm: Firm, wire: WireServer
) -> None:
    """The founder approves while the model is still answering: the same process does both."""
    scripted(wire, PROPOSES, Say(text="Proposed."))
    seen = list[EffectRecord]()

    def approve_at_once(_run: str, _text: str) -> None:
        for row in firm.read(lambda tx: tx.open_effects(EffectState.PARKED)):
            seen.append(decide(firm, row))

    firm.hear = approve_at_once
    run = firm.ask()
    assert run.phase is RunPhase.DONE
    assert [stored(firm, row).state for row in seen] == [EffectState.DONE]
    result = stored(firm, seen[0]).result
    assert result
    assert isinstance(firm.read(lambda tx: tx.load_event(result)), ToolReturned)


@claim("state:proposals")
def test_open_proposals_of_a_state_of_format_2_become_effects_that_can_be_decided(
    place: Place, wire: WireServer
) -> None:
    path = place.root / ".agentco" / "state.db"
    path.parent.mkdir()
    path.write_bytes(gzip.decompress(STORED.read_bytes()))
    path.chmod(0o600)
    firm = Firm(place, wire.url)
    run = firm.run("run1")
    assert (run.phase, run.next) == (RunPhase.DONE, 9)
    waits, approved = firm.rows(run)[-2:]
    assert [(item.id, item.kind, item.what) for item in inbox(firm)] == [
        ("run1.7", "proposal", "create_entities: deadline:vat · deadline · Due: 2026-11-25"),
        ("run1.8", "proposal", "create_entities: deadline:rent · deadline · Due: 2026-12-01"),
    ]  # fmt: skip
    assert isinstance(waits.wanted, CarryOutProposal)
    assert isinstance(waits.wanted.action, Memory)
    assert (waits.state, waits.ruling, waits.expires) == (
        EffectState.PARKED,
        "proposal",
        "2026-11-28T09:00:00+00:00",
    )
    assert (approved.state, approved.ruling) == (EffectState.TODO, "approved")
    assert carry_out(firm, approved).state is EffectState.DONE
    assert carry_out(firm, decide(firm, waits)).state is EffectState.DONE
    assert place.entities().keys() == {"deadline:vat", "deadline:rent"}
    assert "decided" not in {line.what for line in firm.audit(run)}
    firm.close()
    again = Database(place.root, name="again")
    tables = again.read(
        lambda tx: tx.fetch_rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    ).result()
    assert ("proposals",) not in tables
    again.close()
