"""A department that may only read: what it can still do, on every path, and what restricts and lifts it."""

import json
from typing import Any

import pytest
from claims import claim
from heads import CALLS, call
from msgspec.structs import replace
from offices import Firm, scripted, uses
from wire.server import Say, WireServer

from agentco.company import Permissions, callable_names
from agentco.engine import approve_effect
from agentco.overview import restricted_agents
from agentco.permissions import Ruling
from agentco.rules import RESTRICTED, RulingContext, denied_by_permission
from agentco.rules.rule import rule
from agentco.runs import (
    AnyEffect,
    AskFounder,
    AskModel,
    DelegateWork,
    Deliver,
    EffectState,
    MisreadCall,
    ProposeImprovement,
    RunPhase,
    StartTask,
    UseTool,
    read_call,
)

DONE = Say(text="It is due on Wednesday.")
ADDS = uses("Board", '{"operation": "add", "title": "Call the bank"}')
LEARNS = uses(
    "Memory",
    '{"operation": "create_entities", "entities": [{"name": "Bank", "entityType": "note", "observations": ["open"]}]}',
)
EVERYTHING = Permissions(allow=callable_names())
READS = {
    "Read": '{"path": "BOARD.md"}',
    "Search": '{"words": "VAT"}',
    "Skill": '{"name": "books"}',
    "Memory": '{"operation": "search_nodes", "query": "bank"}',
    "Board": '{"operation": "show"}',
}
ACTS = {
    "Memory": '{"operation": "delete_entities", "names": ["Bank"]}',
    "Board": '{"operation": "done", "id": "T1"}',
    "Lesson": CALLS["Lesson"],
}


def used(name: str, arguments: str) -> UseTool:
    return UseTool(number=1, call=call(name, arguments))


def ruled(effect: AnyEffect, **more: Any) -> tuple[Ruling, str]:
    """How an effect of a restricted department is ruled on, though every rule allows it."""
    action = (
        read_call(effect.call, callable_names())
        if isinstance(effect, UseTool)
        else None
    )
    assert action is None or not isinstance(action, MisreadCall)
    found = rule(
        effect,
        RulingContext(rules=EVERYTHING, action=action, restricted="it crashed", **more),
    )
    return found.ruling, found.rule


@claim("watch:restricted")
@pytest.mark.parametrize("name", READS)
def test_who_is_restricted_reads(name: str) -> None:
    assert ruled(used(name, READS[name]))[0] is Ruling.ALLOW


@claim("watch:restricted")
@pytest.mark.parametrize("effect", [used(*one) for one in ACTS.items()], ids=ACTS)
@pytest.mark.parametrize("approved", [False, True])
def test_who_is_restricted_changes_nothing_also_when_it_was_approved_before(
    effect: UseTool, approved: bool
) -> None:
    assert ruled(effect, approved=approved) == (Ruling.DENY, RESTRICTED)


@claim("watch:restricted")
def test_who_is_restricted_has_nobody_else_act_but_thinks_asks_and_delivers() -> None:
    said = call()
    for effect in (
        DelegateWork(number=1, call=said, agent="cfo", task="", what="Do it"),
        ProposeImprovement(number=1, call=said, gap="none"),
    ):
        assert ruled(effect) == (Ruling.DENY, RESTRICTED)
    for effect in (
        AskModel(number=1),
        Deliver(number=1, answer=1),
        StartTask(number=1, call=said, question="Who?", handle="r.1"),
    ):
        assert ruled(effect)[0] is Ruling.ALLOW
    assert ruled(AskFounder(number=1, call=said, question="Which?"))[0] is Ruling.ASK


@claim("watch:restricted")
def test_a_halt_counts_before_a_restriction() -> None:
    assert (
        rule(
            AskModel(number=1),
            RulingContext(halted="since now", restricted="it crashed"),
        ).rule
        == "halt"
    )


@claim("watch:restricted")
@pytest.mark.parametrize("act", [ADDS, LEARNS])
def test_a_run_that_is_under_way_loses_its_hands_at_once_and_goes_on_reading(
    firm: Firm, wire: WireServer, act: Say
) -> None:
    scripted(
        wire,
        uses("Read", '{"path": "BOARD.md"}'),
        act,
        uses("Board", '{"operation": "show"}'),
        DONE,
    )
    board, memory = firm.place.board_text(), firm.place.entities()
    firm.tools.looks.append(
        lambda _: firm.write(
            lambda tx: tx.restrict_agent("cfo", firm.stamp(), "it crashed")
        )
    )
    run = firm.ask()
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, DONE.text)
    assert (firm.place.board_text(), firm.place.entities(), len(firm.tools.did)) == (
        board,
        memory,
        2,
    )
    [line] = [line for line in firm.audit(run) if line.rule == RESTRICTED]
    assert (line.ruling, line.why) == (
        "deny",
        "it is restricted to reading until the founder lifts it: it crashed",
    )


@claim("watch:restricted")
def test_what_the_founder_approved_before_is_not_done_after(
    firm: Firm, wire: WireServer
) -> None:
    firm.place.settings(
        (firm.root / ".github/agentco.yml").read_text()
        + 'permissions: {ask: ["Board(add)"]}\n'
    )
    firm.reload()
    scripted(wire, ADDS, DONE)
    run = firm.ask()
    parked = firm.only(run, EffectState.PARKED)
    firm.write(lambda tx: approve_effect(tx, parked, firm.stamp()))
    firm.write(lambda tx: tx.restrict_agent("cfo", firm.stamp(), "it crashed"))
    board = firm.place.board_text()
    assert (firm.go_on(run).phase, firm.place.board_text()) == (RunPhase.DONE, board)


@claim("watch:restricted")
def test_it_is_stored_once_with_its_first_reason_and_lifted_once(firm: Firm) -> None:
    at = firm.stamp()
    assert firm.write(lambda tx: tx.restrict_agent("cfo", at, "it crashed"))
    assert not firm.write(lambda tx: tx.restrict_agent("cfo", at, "again"))
    assert firm.read(
        lambda tx: (tx.restriction_reason("cfo"), tx.restriction_reason("cto"))
    ) == ("it crashed", "")
    assert [one.command for one in firm.read(restricted_agents)] == [
        "agentco resume cfo"
    ]
    assert firm.write(lambda tx: tx.lift_restriction("cfo", at))
    assert not firm.write(lambda tx: tx.lift_restriction("cfo", at))
    assert firm.read(lambda tx: tx.restriction_reason("cfo")) == ""
    assert [(line.what, line.agent, line.why) for line in firm.audit()] == [
        ("restricted", "cfo", "it crashed"),
        ("lifted", "cfo", ""),
    ]


def denied(path: str) -> Say:
    return uses("Read", json.dumps({"path": path}))


@claim("watch:denials")
@pytest.mark.parametrize(("times", "restricted"), [(2, False), (3, True)])
def test_three_denials_in_a_run_restrict_the_department(
    firm: Firm, wire: WireServer, times: int, restricted: bool
) -> None:
    scripted(wire, *(denied(f".env.{i}") for i in range(times)), ADDS, DONE)
    run = firm.ask()
    why = (
        f"in run {run.id} it asked 3 times for what is denied, last by Read(.env*)"
        if restricted
        else ""
    )
    assert (run.phase, firm.read(lambda tx: tx.restriction_reason("cfo"))) == (
        RunPhase.DONE,
        why,
    )
    assert ("Call the bank" in firm.place.board_text()) is not restricted


@claim("watch:denials")
def test_denials_of_two_runs_are_not_added_up(firm: Firm, wire: WireServer) -> None:
    scripted(
        wire,
        denied(".env.1"),
        denied(".env.2"),
        DONE,
        denied(".env.3"),
        denied(".env.4"),
        DONE,
    )
    firm.ask()
    firm.ask()
    assert firm.read(lambda tx: tx.restriction_reason("cfo")) == ""


@claim("watch:denials")
@pytest.mark.parametrize(
    ("context", "counts"),
    [
        (RulingContext(), True),
        (RulingContext(halted="since now"), False),
        (RulingContext(reviewer=True), False),
        (RulingContext(restricted="it crashed"), False),
    ],
)
def test_only_what_a_permission_denies_counts(
    context: RulingContext, counts: bool
) -> None:
    action = read_call(call("Board", ACTS["Board"]), callable_names())
    assert not isinstance(action, MisreadCall)
    rules = Permissions(deny=("Board(done)",))
    found = rule(
        used("Board", ACTS["Board"]), replace(context, rules=rules, action=action)
    )
    assert (found.ruling, denied_by_permission(found)) == (Ruling.DENY, counts)


@claim("watch:denials")
def test_calls_that_cannot_be_read_are_no_denials(firm: Firm, wire: WireServer) -> None:
    scripted(
        wire, uses("Fly", "{}", *[("Fly", f'{{"a": {i}}}') for i in range(4)]), DONE
    )
    assert firm.ask().phase is RunPhase.DONE
    assert firm.read(lambda tx: tx.restriction_reason("cfo")) == ""
