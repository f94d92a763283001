"""Runs in one process, with the real state, the real tools and a real server: driven until they stop."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from claims import claim
from offices import Firm, heard, on_every_store, scripted, uses
from wire.server import Say, WireServer

from agentco.adapters.state import Drivers
from agentco.briefing import ANSWER_NOW
from agentco.desk import carry_out_in
from agentco.engine import Office, start_run
from agentco.kernel import Locked, root_of
from agentco.ports import ToolCaller
from agentco.runs import (
    AskModel,
    Board,
    EffectState,
    Read,
    RunPhase,
    RunSummary,
    UseTool,
)
from agentco.terminal import LiveDraft

BOARD, READ = '{"operation": "show"}', '{"path": "BOARD.md"}'
DUE = Say(text="VAT is due on Wednesday.")


@claim("runs:drive")
@on_every_store
def test_a_run_with_tools_goes_to_its_end(firm: Firm, wire: WireServer) -> None:
    scripted(wire, uses("Read", READ, ("Board", BOARD)), DUE)
    run = firm.ask()
    assert (run.phase, firm.answer(run), run.turns, run.tool_calls) == (
        RunPhase.DONE,
        DUE.text,
        2,
        2,
    )
    assert [type(action) for action in firm.tools.did] == [Read, Board]
    tools = [m for m in heard(wire) if m["role"] == "tool"]
    assert [("VAT" in m["content"]) for m in tools] == [True, True]
    assert {row.state for row in firm.rows(run)} == {EffectState.DONE}
    assert (
        firm.spent(run)
        == wire.bill.micro_usd
        == sum(entry.usd for entry in firm.ledger())
    )
    assert all(level.reserved == 0 for level in firm.levels(run))


@claim("runs:drive")
@on_every_store
def test_what_is_stored_is_never_bought_or_done_again(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("Read", READ), DUE)
    run = firm.ask()
    again = firm.go_on(run)
    assert again == run
    assert (wire.bill.requests, len(firm.tools.did)) == (2, 1)


@claim("runs:ruled")
@on_every_store
def test_every_result_follows_a_stored_ruling_on_the_same_effect(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("Read", READ, ("Fly", "{}")), DUE)
    run = firm.ask(name="weekly")
    ruled: set[int] = set()
    results = {"answered", "tool-returned", "delivered", "remembered"}
    for line in firm.audit(run):
        if line.what == "ruled":
            ruled.add(line.effect)
        elif line.what in results:
            assert line.effect in ruled
    assert ruled == {row.number for row in firm.rows(run)}
    assert firm.tools.tracked == [("weekly", "ok")]


@claim("runs:ruled")
def test_at_the_moment_of_an_act_its_ruling_and_its_reservation_are_stored(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("Read", READ), DUE)
    found: list[tuple[type, EffectState, bool, str]] = []

    def look(*_: object) -> None:
        [row] = firm.read(lambda tx: tx.open_effects(EffectState.SENT))
        ruling = [line.ruling for line in firm.audit() if line.effect == row.number]
        found.append((type(row.wanted), row.state, row.reserved > 0, ruling[-1]))

    firm.hear = look
    firm.tools.looks.append(look)
    firm.ask()
    assert set(found) == {
        (UseTool, EffectState.SENT, False, "allow"),
        (AskModel, EffectState.SENT, True, "allow"),
    }


@claim("runs:ruled")
def test_what_is_denied_is_not_done_and_the_agent_hears_why(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with('permissions: {deny: ["Read(BOARD.md)"]}')
    scripted(wire, uses("Read", READ), DUE)
    run = firm.ask()
    assert (run.phase, firm.tools.did) == (RunPhase.DONE, [])
    assert (
        heard(wire)[-1]["content"] == "error: not allowed: a rule: deny Read(BOARD.md)"
    )


@claim("runs:ruled")
def test_in_a_folder_that_is_not_trusted_no_model_is_asked(
    firm: Firm, wire: WireServer
) -> None:
    firm.untrusted = "the folder is not trusted"
    run = firm.ask()
    assert (wire.bill.requests, firm.only(run, EffectState.HELD).number) == (0, 1)
    [line] = [line for line in firm.audit(run) if line.what == "ruled"]
    assert (line.ruling, line.rule, line.why) == (
        "deny",
        "trust",
        "the folder is not trusted",
    )


@claim("runs:misread")
def test_fault_61_a_call_that_cannot_be_read_is_told_the_schema_once(
    firm: Firm, wire: WireServer
) -> None:
    bad = uses("Read", '{"path": 7}')
    scripted(wire, bad, bad, DUE)
    run = firm.ask()
    first, second = (m["content"] for m in heard(wire) if m["role"] == "tool")
    assert '"properties"' in first
    assert "Send the call again" in first
    assert '"properties"' not in second
    assert "go on without it" in second
    assert (run.phase, run.tool_calls, firm.tools.did) == (RunPhase.DONE, 2, [])


@claim("runs:misread")
def test_fault_62_an_unknown_tool_is_told_counted_and_not_done(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(tools="Read, Search")
    scripted(wire, uses("Fly", "{}", ("Board", "{}")), DUE)
    run = firm.ask()
    said = [m["content"] for m in heard(wire) if m["role"] == "tool"]
    assert [text.partition("; your tools are ")[0] for text in said] == [
        f"error: there is no tool {name!r}" for name in ("Fly", "Board")
    ]
    assert not any("Send the call again" in text for text in said)
    assert (run.tool_calls, firm.tools.did) == (2, [])


@claim("runs:bare")
def test_a_call_of_a_small_model_is_done(firm: Firm, wire: WireServer) -> None:
    scripted(
        wire,
        Say(text='```json\n{"name": "read", "arguments": {"path": "BOARD.md"}}\n```'),
        DUE,
    )
    assert firm.ask().phase is RunPhase.DONE
    assert firm.tools.did == [Read(path="BOARD.md")]


@claim("runs:misread")
def test_a_call_without_an_end_to_its_depth_is_only_misread(
    firm: Firm, wire: WireServer
) -> None:
    deep = '{"operation": "create_entities", "entities": [{"x": ' + "[" * 100_000
    scripted(wire, uses("Memory", deep), DUE)
    assert firm.ask().phase is RunPhase.DONE


@claim("runs:caps")
def test_the_turns_cap_ends_a_run_that_never_stops_calling(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with("budget: {turns: 3}")
    scripted(wire, uses("Read", READ))
    run = firm.ask()
    assert (run.phase, run.reason, wire.bill.requests) == (
        RunPhase.OUT_OF_BUDGET,
        "it used up its 3 turns",
        3,
    )
    last = wire.requests[-1].body
    assert last["messages"][-1]["content"] == ANSWER_NOW
    assert "tools" not in last


@claim("runs:children")
@on_every_store
def test_a_large_result_is_read_by_a_child_whose_answer_the_parent_hears(
    firm: Firm, wire: WireServer
) -> None:
    (firm.root / "long.md").write_text(
        "\n".join(f"line {n}: nothing is due here, or there" for n in range(2000))
    )
    gather = '{"handle": "run1.2", "question": "Is anything due?"}'
    light = [
        uses("Read", '{"handle": "run1.2", "lines": 5}'),
        Say(text="Nothing, lines 1 to 5."),
    ]
    scripted(
        wire,
        uses("Read", '{"path": "long.md"}'),
        uses("Gather", gather),
        DUE,
        light=light,
    )
    run = firm.ask()
    child = firm.run("run1.4")
    assert (run.phase, child.phase, child.parent, child.chain) == (
        RunPhase.DONE,
        RunPhase.DONE,
        "run1.4",
        run.chain,
    )
    assert heard(wire)[-1]["content"] == "Nothing, lines 1 to 5."
    assert "stored as run1.2: Gather" in heard(wire, 1)[-1]["content"]
    assert "Handle: run1.2" in heard(wire, 2)[-1]["content"]
    assert {entry.root for entry in firm.ledger()} == {"run1"}
    assert firm.spent(run) == wire.bill.micro_usd
    [started] = [row for row in firm.rows(run) if row.id == "run1.4"]
    assert started.state is EffectState.DONE


@claim("runs:children")
@pytest.mark.parametrize(
    "answer",
    ["", "<deliverable></deliverable>", "None.\n<deliverable>\n</deliverable>"],
)
def test_a_child_without_an_answer_is_an_error_to_its_parent(
    firm: Firm, wire: WireServer, answer: str
) -> None:
    gather = '{"handle": "run1.2", "question": "Is anything due?"}'
    scripted(
        wire,
        uses("Board", '{"operation": "show"}'),
        uses("Gather", gather),
        DUE,
        light=[Say(text=answer)],
    )
    run = firm.ask()
    assert (run.phase, firm.run("run1.4").phase) == (RunPhase.DONE, RunPhase.FAILED)
    assert heard(wire)[-1]["content"] == "error: the model gave no answer"


@claim("runs:children")
@pytest.mark.parametrize("handle", ["run1.9", "other.1", "nonsense"])
def test_nobody_is_paid_to_read_what_is_not_there(
    firm: Firm, wire: WireServer, handle: str
) -> None:
    scripted(
        wire,
        uses("Gather", f'{{"handle": "{handle}", "question": "Is anything due?"}}'),
        DUE,
    )
    assert firm.ask().phase is RunPhase.DONE
    assert heard(wire)[-1]["content"].startswith(
        f"error: there is no stored result '{handle}' in this run"
    )
    assert wire.bill.requests == 2


@claim("runs:children")
@on_every_store
def test_a_child_is_listed_with_what_it_cost_itself_and_with_the_driver_of_its_root(
    firm: Firm, wire: WireServer
) -> None:
    drivers: list[set[str | None]] = []

    def listed() -> Sequence[RunSummary]:
        return firm.read(lambda tx: tx.list_runs(firm.stamp(), everything=True))

    firm.hear = lambda _run, _text: drivers.append({one.driver for one in listed()})
    gather = '{"handle": "run1.2", "question": "Is anything due?"}'
    scripted(
        wire,
        uses("Board", '{"operation": "show"}'),
        uses("Gather", gather),
        DUE,
        light=[Say(text="Nothing is due.")],
    )
    run = firm.ask()
    found = {one.id: (one.usd, one.calls) for one in listed()}
    paid = {
        one.id: [e.usd for e in firm.ledger() if e.run == one.id] for one in listed()
    }
    assert found["run1.4"] == (sum(paid["run1.4"]), len(paid["run1.4"])) > (0, 0)
    assert (
        found[run.id]
        == (sum(map(sum, paid.values())), sum(map(len, paid.values())))
        > found["run1.4"]
    )
    assert (drivers[-1], {*drivers[0]}) == ({"me"}, {"me"})


@claim("runs:driver")
def test_a_run_that_another_process_drives_cannot_be_taken_over(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, uses("AskFounder", '{"question": "How much?"}'), DUE)
    run = firm.ask()
    other = Drivers(firm.root)
    other.become_driver("other")
    firm.write(lambda tx: tx.update_root(run.id, driver="other"))
    with pytest.raises(Locked, match="run run1 is being driven by another process"):
        firm.go_on(run)
    other.stop_driving()
    assert firm.go_on(run) == run


@claim("runs:driver")
def test_a_run_is_driven_under_the_process_name_also_after_a_question_at_the_terminal(
    firm: Firm, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(wire, uses("AskFounder", '{"question": "How much?"}'), DUE)
    ours, founders = os.pipe()
    os.write(founders, b"Nine euros.\n")
    os.close(founders)
    drivers: list[Any] = []
    firm.hear = lambda effect, _: drivers.append(
        firm.read(lambda tx: tx.root_state(root_of(effect))[1])
    )
    wish = firm.wish()

    async def begin(office: Office) -> str:
        return await start_run(wish, office)

    with os.fdopen(ours) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        draft = LiveDraft(wanted=False, asks=True)
        found = firm.within(lambda office: carry_out_in(office, begin, draft))
    assert (found.status, found.text) == ("done", DUE.text)
    assert set(drivers) == {"me"}
    assert firm.read(lambda tx: tx.root_state("run1")[1]) is None


@claim("tools:once")
def test_a_tool_knows_whether_it_may_have_been_begun_before(
    firm: Firm, wire: WireServer
) -> None:
    acts: list[ToolCaller] = []
    firm.tools.looks.append(acts.append)
    scripted(wire, uses("Read", READ), DUE)
    run = firm.ask()
    assert [(act.effect, act.again) for act in acts] == [(f"{run.id}.2", False)]
