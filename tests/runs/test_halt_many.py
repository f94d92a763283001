"""A halt while fifty calls are in flight in several processes: what stops, when, and what the books say."""

import subprocess
import sys
from pathlib import Path

from claims import claim
from offices import PATIENCE, office_settings, uses
from small_company import Place
from wire.server import Fault, Say, WireServer

from agentco.adapters.state import Drivers
from agentco.adapters.state.open_state import open_state
from agentco.cli.main import main
from agentco.rules import first_broken_line
from agentco.runs import EffectState, RunPhase

DRIVER = Path(__file__).with_name("drives.py")
PROCESSES, STALLED, BUSY, NOTES = 5, 10, 2, 400
FEW = {"processes": 2, "stalled": 3, "busy": 1}
MORE = (
    "budget: {run: 5, company_day: 50, company_month: 90, turns: 900, tool_calls: 900}"
)


def company(place: Place, wire: WireServer) -> Path:
    """A company of which most calls never end, and some runs find something new all the time."""
    place.agent("cfo")
    for number in range(NOTES):
        place.know("note", f"w{number:04}", f"Note {number}.", by="founder")
    place.settings(office_settings(wire.url, MORE))
    place.trust()
    busy = [
        uses("Memory", f'{{"operation": "search_nodes", "query": "w{i % NOTES:04}"}}')
        for i in range(5000)
    ]
    wire.script(
        {
            "~stall": [Say(text="It is due on Wednesday.", fault=Fault.STALL)],
            "~busy": busy,
        }
    )
    return place.root


def halted(
    place: Place,
    wire: WireServer,
    *,
    processes: int = PROCESSES,
    stalled: int = STALLED,
    busy: int = BUSY,
) -> Path:
    """A company that was halted while its processes had so many calls in flight and made others all the time."""
    root = company(place, wire)
    tasks = [
        *(f"stall {i}" for i in range(stalled)),
        *(f"busy {i}" for i in range(busy)),
    ]
    command = [sys.executable, str(DRIVER), str(root), *tasks]
    drivers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(processes)
    ]
    try:
        wire.until(
            lambda bill: (
                bill.open >= processes * stalled and bill.calls > processes * busy * 3
            )
        )
        assert main(["--company", str(root), "halt"]) == 0
        for driver in drivers:
            out, _ = driver.communicate(timeout=PATIENCE)
            assert (driver.returncode, out) == (0, b"")
    finally:
        for driver in drivers:
            driver.kill()
    wire.until(lambda bill: bill.open == 0)
    return root


@claim("watch:halt")
def test_with_fifty_calls_in_flight_no_other_begins_and_every_one_is_in_the_books(
    place: Place, wire: WireServer
) -> None:
    root = halted(place, wire)
    with open_state(root) as state:
        look = state.read(
            lambda t: (
                t.audit_lines(),
                t.open_effects(*EffectState),
                t.fetch_rows("SELECT * FROM spent"),
            )
        )
        lines, rows, _ = look.result()
        paid = state.read(
            lambda t: t.fetch_rows("SELECT run, effect, usd, in_doubt FROM ledger")
        ).result()
        assert (
            first_broken_line(
                state.read(
                    lambda t: t.fetch_rows("SELECT line, hash FROM audit ORDER BY seq")
                ).result()
            )
            is None
        )
        # midnight may pass meanwhile
        days = "SELECT sum(usd) FROM spent WHERE scope LIKE 'day:%'"
        spent = state.read(lambda tx: tx.fetch_rows(days)[0][0]).result()
    [at] = [line.seq for line in lines if line.what == "halted"]
    begun = {
        (line.run, line.effect): line.seq
        for line in lines
        if line.ruling == "allow" and line.usd
    }
    assert max(begun.values()) < at
    assert wire.bill.requests == len(begun) == len(paid)
    assert {(run, effect) for run, effect, *_ in paid} == begun.keys()
    assert sum(usd for *_, usd, _ in paid) == spent >= wire.bill.micro_usd
    assert sum(doubt for *_, doubt in paid) == wire.bill.gone >= PROCESSES * STALLED
    assert {row.state for row in rows} <= {
        EffectState.DONE,
        EffectState.IN_DOUBT,
        EffectState.TODO,
        EffectState.HELD,
    }
    assert not any(
        Drivers(root).is_alive(driver.name)
        for driver in (root / ".agentco/drivers").iterdir()
    )


@claim("watch:halt")
def test_it_survives_the_processes_and_once_lifted_every_run_goes_on(
    place: Place, wire: WireServer
) -> None:
    root, runs = (
        halted(place, wire, **FEW),
        FEW["processes"] * (FEW["stalled"] + FEW["busy"]),
    )
    asked, command = wire.bill.requests, ["--company", str(root)]
    assert main([*command, "runs", "resume", "--json"]) == 6
    assert wire.bill.requests == asked
    assert main([*command, "resume"]) == 0
    wire.script({"*": [Say(text="It is due on Wednesday.")]})
    assert main([*command, "runs", "resume", "--json"]) == 0
    assert wire.bill.requests >= asked + runs  # dear work is asked for a lesson, too
    with open_state(root) as state:
        found = state.read(lambda tx: tx.list_runs("", limit=-1)).result()
    assert [run.phase for run in found] == [RunPhase.DONE] * runs
