"""A loop, a hang, a crash, a leak and an endless fork, each in another department at once: the others do their work."""

import os
import signal
import sys

import pytest
from claims import claim
from nights import Company, Up, living, until
from small_company import Place
from wire.server import Call, Say, WireServer

from agentco.adapters.process_tree import descendants_of
from agentco.runs import RunPhase

MORE = """
supervision: {agents: {restarts: 2, within: 300s}, run: {heartbeat: 2s, memory_mb: 400}}
"""
LOOP = Say(calls=[Call(name="Read", arguments='{"path": "BOARD.md"}')])
WORKS = [LOOP, Say(text="The post.", delay=2)]


def reason(company: Company, run: str) -> str:
    return company.read(lambda tx: tx.load_run(run)).reason


def killed_again(company: Company, run: str, before: int) -> int:
    """Kill the process of a run once it has another one; which it was."""
    pid = until(
        lambda: (
            (found := company.process(run)) not in {0, before}
            and company.sent(run)
            and found
        )
    )
    os.kill(pid, signal.SIGKILL)
    return pid


@claim("up:planted")
@pytest.mark.skipif(
    sys.platform != "linux", reason="orphans are adopted where the system can do that"
)
def test_what_is_planted_in_five_departments_is_contained_and_the_others_finish(
    place: Place, wire: WireServer
) -> None:
    planted = {"hangs": 1, "leaks": 2, "breeds": 3, "hides": 4}
    place.board("- [ ] Something @writer id:T1")
    slow = {name: [Say(text="Late.", delay=60)] for name in (*planted, "crashes")}
    wire.script(
        slow | {"loops": [LOOP], "writer": WORKS, "editor": WORKS}, by_turn=True
    )
    company = Company(
        place, wire, *planted, "loops", "crashes", "writer", "editor", more=MORE
    )
    runs = {name: company.begin(name) for name in company.names}
    with Up(company, poison=True) as up:
        until(lambda: all(company.sent(runs[name]) for name in planted), up.said)
        for name, number in planted.items():
            os.kill(company.process(runs[name]), signal.SIGRTMIN + number)
        pid = 0
        for _ in range(3):
            pid = killed_again(company, runs["crashes"], pid)
        until(
            lambda: company.read(lambda tx: tx.restriction_reason("crashes")), up.said
        )
        for name in ("writer", "editor"):
            until(lambda name=name: company.phase(runs[name]) is RunPhase.DONE, up.said)
            assert company.answer(runs[name]) == "The post."
        for name in ("hangs", "leaks", "breeds", "loops"):
            until(
                lambda name=name: company.phase(runs[name]) is RunPhase.FAILED, up.said
            )
        assert reason(company, runs["hangs"]) == "ended: no heartbeat for 2 s"
        assert (
            reason(company, runs["leaks"])
            == "ended: it took more than 400 MB of memory"
        )
        assert (
            reason(company, runs["breeds"])
            == "ended: it took more than 400 MB of memory"
        )
        assert "Read" in reason(company, runs["loops"])
        assert company.phase(runs["crashes"]) is RunPhase.WORKING
        assert not living(company.process(runs["crashes"]))
        wire.script({"editor": [Say(text="Once more.")]})
        again = company.begin("editor", "Once more?")
        company.do("runs", "resume", again)
        up.process.send_signal(signal.SIGTERM)
        until(lambda: "stopping" in up.said(), up.said)
        assert up.ended(signal.SIGTERM) == 143
        assert descendants_of(os.getpid()) == []
    assert "restricted to reading" in up.said()


@claim("up:restricted")
def test_a_department_that_gave_up_goes_on_once_the_founder_lifts_it(
    place: Place, wire: WireServer
) -> None:
    wire.script({"crashes": [Say(text="Late.", delay=60)]})
    company = Company(place, wire, "crashes", more=MORE)
    run = company.begin("crashes")
    with Up(company) as up:
        pid = 0
        for _ in range(3):
            pid = killed_again(company, run, pid)
        until(
            lambda: company.read(lambda tx: tx.restriction_reason("crashes")), up.said
        )
        calls = wire.bill.requests
        wire.script({"crashes": [Say(text="At last.")]})
        assert '"restricted"' in company.do("status", "--json")
        assert wire.bill.requests == calls
        company.do("resume", "crashes")
        until(lambda: company.phase(run) is RunPhase.DONE, up.said)
        assert company.answer(run) == "At last."
