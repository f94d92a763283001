"""Changes of the board in a run: what the founder is asked and shown, and what a yes is for."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from claims import claim
from heads import call
from offices import Firm, heard, scripted, uses
from small_company import Place
from wire.server import Call, Say, WireServer

from agentco.company import Permissions, callable_names
from agentco.engine import approve_effect
from agentco.permissions import Ruling
from agentco.rules import RulingContext
from agentco.rules.rule import rule
from agentco.runs import (
    TICKED_LATER,
    EffectState,
    FileImage,
    MisreadCall,
    Run,
    RunPhase,
    UseTool,
    read_call,
)

DONE = Say(text="It is done.")
LINES = (
    "- [ ] File the VAT return @cfo id:T1",
    "- [ ] Call the bank @cfo due:2026-11-25 id:T2",
    "- [ ] Write the page @marketing id:T3",
    "",
    "## Done",
)
BLOCKS = "triggers: [{name: stripes, words: [zebra], consult: [lawyer]}]"
SAID = '{"verdicts": [{"trigger": "stripes", "verdict": "BLOCKING", "because": "no"}]}'


def board(operation: str, name: str = "", **more: Any) -> Say:
    return uses("Board", json.dumps({"operation": operation, "id": name, **more}))


def several(*changes: dict[str, Any]) -> Say:
    return board("several", changes=changes)


@pytest.fixture
def firm(place: Place, firm_with: Callable[..., Firm]) -> Firm:
    place.agent("lawyer")
    place.agent("marketing")
    firm = firm_with(BLOCKS)
    place.board(*LINES)
    return firm


def say_yes(firm: Firm, run: Run) -> Run:
    parked = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: approve_effect(tx, parked, firm.stamp()))
    return firm.go_on(run)


@claim("tools:board-rights")
def test_a_deletion_is_asked_with_its_lines_and_done_after_a_yes(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, board("delete", "T2"), DONE)
    run = firm.ask()
    parked = firm.only(run, EffectState.PARKED)
    assert parked.image
    gone = "-- [ ] Call the bank @cfo due:2026-11-25 id:T2"
    assert gone in parked.image.diff.split("\n")
    assert "id:T2" in firm.place.board_text()
    assert say_yes(firm, run).phase is RunPhase.DONE
    assert "id:T2" not in firm.place.board_text()
    assert gone in heard(wire)[-1]["content"].split("\n")


@claim("tools:board-rights")
def test_a_change_of_somebody_elses_task_is_asked_also_among_others(
    firm: Firm, wire: WireServer
) -> None:
    mine = {"operation": "due", "id": "T1", "due": "2026-12-01"}
    other = {"operation": "due", "id": "T3", "due": "2026-12-01"}
    scripted(wire, several(mine), several(mine, other), DONE)
    run = firm.ask()
    assert "VAT return @cfo id:T1 due:2026-12-01" in firm.place.board_text()
    parked = firm.only(run, EffectState.PARKED)
    assert parked.image
    assert parked.image.ruled_as == ("due @marketing",)
    say_yes(firm, run)
    assert "Write the page @marketing id:T3 due:2026-12-01" in firm.place.board_text()


@claim("tools:board-shown")
@pytest.mark.parametrize(
    ("old", "new", "made"),
    [("# Board", "# Our board", True), ("Call the bank", "Call Ana", False)],
)
def test_a_yes_is_for_what_was_shown_and_the_founder_may_edit_the_rest(
    firm: Firm, wire: WireServer, old: str, new: str, *, made: bool
) -> None:
    scripted(wire, board("delete", "T2"), DONE)
    run = firm.ask()
    path = firm.root / "BOARD.md"
    path.write_text(path.read_text().replace(old, new))
    assert say_yes(firm, run).phase is RunPhase.DONE
    assert ("id:T2" not in firm.place.board_text()) == made
    assert new in firm.place.board_text()
    said = heard(wire)[-1]["content"]
    assert ("changed since the founder was shown" in said) == (not made)


@claim("tools:told")
@pytest.mark.parametrize(
    ("asks", "why"),
    [
        (board("delete", "T9"), "the nearest are T3"),
        (board("due", "T3", due="soon"), "write it as 2026-11-25"),
        (board("title", "T3", title="Write the page"), "says so already"),
    ],
)
def test_nobody_is_asked_about_what_cannot_be_or_is_so_already(
    firm: Firm, wire: WireServer, asks: Say, why: str
) -> None:
    scripted(wire, asks, DONE)
    assert firm.ask().phase is RunPhase.DONE
    assert why in heard(wire)[-1]["content"]


@claim("board:ticked-late")
@pytest.mark.parametrize("column", ["Done", "done", " DONE"])
@pytest.mark.parametrize("blocked", [True, False])
def test_a_move_to_done_comes_with_the_delivery_and_never_of_blocked_work(
    firm: Firm, wire: WireServer, column: str, *, blocked: bool
) -> None:
    moves = {"operation": "move", "id": "T1", "column": column}
    due = {"operation": "due", "id": "T2", "due": "2026-12-01"}
    verdict = [Say(calls=[Call(name="Verdict", arguments=SAID)])]
    draft = Say(text="The zebra eats." if blocked else "It is filed.")
    scripted(wire, several(moves, due), draft, **{"~cfo → lawyer": verdict})
    run = firm.ask(quick=False)
    first, rest, *_ = heard(wire, 1)[-1]["content"].split("\n")
    assert (first, rest) == (TICKED_LATER, "BOARD.md has the rest now:")
    text = firm.place.board_text()
    assert run.phase is (RunPhase.BLOCKED if blocked else RunPhase.DONE)
    assert "Call the bank @cfo due:2026-12-01" in text
    ticked = "## Done\n- [x] File the VAT return @cfo id:T1 done:2026-11-21\n"
    assert text.endswith(ticked) == (not blocked)


@claim("tools:once")
@pytest.mark.parametrize("made", [True, False])
def test_after_a_kill_a_change_is_made_once_and_told_with_its_lines(
    firm: Firm, wire: WireServer, *, made: bool
) -> None:
    scripted(wire, board("due", "T2", due="2026-12-01"), DONE)

    class Killed(BaseException):
        """The process is gone."""

    def kill(_: object) -> None:
        firm.tools.looks.clear()
        if made:
            text = firm.place.board_text().replace("2026-11-25", "2026-12-01")
            (firm.root / "BOARD.md").write_text(text)
        raise Killed

    firm.tools.looks.append(kill)
    with pytest.raises(Killed):
        firm.ask()
    [name] = [row[0] for row in firm.sql("SELECT id FROM runs")]
    assert firm.only(firm.run(name), EffectState.SENT).image
    run = firm.go_on(firm.run(name))
    assert run.phase is RunPhase.DONE
    assert firm.place.board_text().count("due:2026-12-01") == 1
    told = heard(wire)[-1]["content"]
    assert "+- [ ] Call the bank @cfo due:2026-12-01 id:T2" in told


SEVERAL = (
    '{"operation": "several", "changes": [{"operation": "due", "id": "T1"}, '
    '{"operation": "delete", "id": "T2"}]}'
)
MOVES = '{"operation": "move", "id": "T1", "column": "done"}'
OWN = '{"operation": "due", "id": "T1", "due": "2026-12-01"}'


@claim("tools:board-rights")
@pytest.mark.parametrize(
    ("arguments", "rules", "others", "ruling"),
    [
        (OWN, {}, (), Ruling.ALLOW),
        (OWN, {}, ("due @cfo",), Ruling.ASK),
        (OWN, {"allow": ("Board(due @cfo)",)}, ("due @cfo",), Ruling.ALLOW),
        (OWN, {"allow": ("Board",)}, ("due @cfo",), Ruling.ALLOW),
        (OWN, {"allow": ("Board(due @coo)",)}, ("due @cfo",), Ruling.ASK),
        (OWN, {"deny": ("Board(due)",)}, ("due @cfo",), Ruling.DENY),
        (OWN, {"deny": ("Board(* @cfo)",)}, ("due @cfo",), Ruling.DENY),
        (SEVERAL, {}, (), Ruling.ASK),
        (SEVERAL, {"allow": ("Board(delete)",)}, (), Ruling.ALLOW),
        (SEVERAL, {"deny": ("Board(delete)",)}, (), Ruling.DENY),
        (MOVES, {}, (), Ruling.ALLOW),
        (MOVES, {"ask": ("Board(done)",)}, (), Ruling.ASK),
        (MOVES, {"deny": ("Board(done)",)}, (), Ruling.DENY),
    ],
)
def test_rules_are_held_against_all_that_a_call_does(
    arguments: str, rules: dict[str, Any], others: tuple[str, ...], ruling: Ruling
) -> None:
    action = read_call(call("Board", arguments), callable_names())
    assert not isinstance(action, MisreadCall)
    image = FileImage(file="BOARD.md", before="0", after="1", diff="-", ruled_as=others)
    context = RulingContext(action=action, image=image, rules=Permissions(**rules))
    effect = UseTool(number=1, call=call("Board", arguments))
    assert rule(effect, context).ruling is ruling
