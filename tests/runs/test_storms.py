"""Many runs at once while providers are busy or gone: all finish or wait, and what was billed is the ledger."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from claims import claim
from offices import PATIENCE, Firm
from small_company import models_at
from story import LINE, company
from test_caps import PATIENCE_S, PAYER, PYTHONPATH
from test_money import nobody
from wire.server import Fault, Say, WireServer

from agentco.adapters.state.open_state import open_state
from agentco.engine import Office, drive_run, ready_at, start_run, take_over_run
from agentco.ports import Transaction
from agentco.runs import EffectState, RunPhase
from agentco.wiring import open_company

MANY = 50
PATIENCE_FOR_EACH = 0.4
"""Seconds for each run of a storm, on a machine that has other work to do."""
SOAK = pytest.param(400, marks=pytest.mark.soak)
DUE = Say(text="VAT is due on Wednesday.")
BUSY = [
    Say(status=429),
    Say(status=529),
    Say(status=429, headers={"retry-after": "9"}),
    Say(status=503),
]
ROUGH = [
    Say(text=DUE.text, fault=Fault.CUT),
    Say(status=500),
    Say(status=429, headers={"retry-after": "600"}),
]
MORE = "budget: {company_day: 900, company_month: 9000}"
THREE = """
budget: {{call: 5, run: 50, company_day: 900, company_month: 9000}}
limits: {limits}
"""
AT_ONCE = {"retry-after": "0"}
ANSWERS = [
    Say(status=429, headers=AT_ONCE),
    Say(status=529, headers=AT_ONCE),
    Say(text="Nothing is due.", pause=0.01),
]


def storm(firm: Firm, count: int) -> Counter[RunPhase]:
    """So many runs side by side, each driven as far as it goes."""

    async def one(office: Office) -> str:
        root = await start_run(firm.wish(), office)
        await drive_run(root, office)
        return root

    async def all_of_them(office: Office) -> list[str]:
        return await asyncio.gather(*(one(office) for _ in range(count)))

    patience = max(PATIENCE, count * PATIENCE_FOR_EACH)
    names = firm.within(all_of_them, patience)
    return Counter(firm.run(name).phase for name in names)


def calm(firm: Firm) -> int:
    """Go on with every run that waits, each once it may; how many there were."""

    def waiting(tx: Transaction) -> list[str]:
        return [row.root for row in tx.open_effects(EffectState.HELD)]

    names = firm.read(waiting)
    for name in names:
        if at := firm.read(lambda tx, name=name: ready_at(tx, name)):
            firm.clock.moment = max(firm.clock.moment, at)
        firm.go_on(firm.run(name))
    return len(names)


def squared(firm: Firm, wire: WireServer) -> None:
    """The books agree: nothing reserved, no call without a reservation, the ledger is the bill but for doubts."""
    assert firm.read(lambda tx: tx.open_effects(EffectState.SENT)) == []
    [(held,)] = firm.sql("SELECT sum(reserved) FROM effects WHERE state != 'in-doubt'")
    entries = firm.ledger()
    doubt = sum(entry.usd for entry in entries if entry.in_doubt)
    paid = sum(entry.usd for entry in entries) - doubt
    assert held == 0
    assert paid <= wire.bill.micro_usd <= paid + doubt
    reserved = [line for line in firm.audit() if line.why.endswith("reserved in full")]
    assert len(reserved) == wire.bill.requests


@claim("router:storms")
@pytest.mark.parametrize("count", [MANY, SOAK])
def test_fault_74_in_a_storm_of_busy_answers_every_run_finishes_or_waits(
    firm_with: Callable[..., Firm], wire: WireServer, count: int
) -> None:
    firm = firm_with(MORE)
    chance = Random(count)  # noqa: S311  the same each time
    wire.script({"m": [*chance.choices([*BUSY, DUE], k=3 * count), DUE]})
    firm.clock.at_pause = lambda: setattr(
        firm.clock, "moment", firm.clock.moment + timedelta(seconds=1)
    )
    ends = storm(firm, count)
    squared(firm, wire)
    assert set(ends) <= {RunPhase.DONE, RunPhase.WORKING}
    assert ends.total() == count
    wire.script({"m": [DUE]})
    assert calm(firm) == ends[RunPhase.WORKING]
    assert firm.read(lambda tx: tx.open_effects(EffectState.HELD)) == []
    squared(firm, wire)


@claim("router:storms")
@pytest.mark.parametrize("count", [MANY, SOAK])
def test_when_answers_break_off_as_well_every_doubt_is_paid_and_told(
    firm_with: Callable[..., Firm], wire: WireServer, count: int
) -> None:
    firm = firm_with(MORE)
    chance = Random(count)  # noqa: S311  the same each time
    wire.script(
        {"m": [*chance.choices([*BUSY, *ROUGH, DUE], k=2 * count), DUE]},
        billed_when_read=True,
    )
    ends = storm(firm, count)
    squared(firm, wire)
    assert set(ends) <= {RunPhase.DONE, RunPhase.WORKING}
    wire.script({"m": [DUE]})
    assert calm(firm) == ends[RunPhase.WORKING]
    squared(firm, wire)


@claim("router:storms")
def test_a_provider_that_is_down_for_a_minute_loses_nothing(
    firm_with: Callable[..., Firm], wire: WireServer
) -> None:
    firm = firm_with(MORE, url=nobody())
    assert storm(firm, MANY) == {RunPhase.WORKING: MANY}
    rows = firm.read(lambda tx: tx.open_effects(EffectState.HELD))
    times = {firm.read(lambda tx, row=row: ready_at(tx, row.root)) for row in rows}
    assert times == {firm.clock.moment + timedelta(seconds=60)}
    assert (
        len(rows),
        firm.ledger(),
        firm.read(lambda tx: tx.open_effects(EffectState.SENT)),
    ) == (MANY, [], [])
    firm.configure(wire.url, MORE)
    firm.reload()
    wire.script({"m": [DUE]})
    assert calm(firm) == MANY
    assert firm.read(lambda tx: tx.open_effects(EffectState.HELD)) == []
    assert (
        firm.ledger()[-1].usd * MANY
        == wire.bill.micro_usd
        == sum(entry.usd for entry in firm.ledger())
    )


def three(root: Path, url: str, limits: str = "{}") -> Path:
    """A company whose tier has three models, some with a limit."""
    company(root, url, "m")
    settings = models_at(url, medium="m n o") + THREE.format(limits=limits)
    (root / ".github/agentco.yml").write_text(LINE + settings)
    with open_state(root):
        return root


@claim("router:limits")
@pytest.mark.parametrize(
    ("processes", "runs"), [(3, 4), pytest.param(8, 2, marks=pytest.mark.soak)]
)
def test_several_processes_never_pass_the_limits_of_models(
    tmp_path: Path, wire: WireServer, processes: int, runs: int
) -> None:
    wire.script({"*": [Say(text="word " * 900)]})
    calls, usd = 7, 25_000
    limits = f"{{workshop/m: {{calls_per_day: {calls}}}, workshop/n: {{usd_per_day: {usd / 1e6}}}}}"
    root = three(tmp_path, wire.url, limits)
    command, env = (
        [sys.executable, str(PAYER), str(root), str(runs), "2"],
        os.environ | PYTHONPATH,
    )
    children = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    ends = [
        end
        for child in children
        for end in json.loads(child.communicate(timeout=PATIENCE_S)[0])
    ]
    billed = {
        name: [row.micro_usd for row in wire.bill.rows if row.model == name]
        for name in "mno"
    }
    dearest = max(max(rows) for rows in billed.values())
    asked = processes * runs * 2
    assert ends == ["done"] * asked
    assert len(billed["m"]) == calls
    assert usd - dearest - 2 * 4000 < sum(billed["n"]) <= usd
    assert len(billed["o"]) == asked - calls - len(billed["n"]) > 0
    with open_state(root) as state:
        look = "SELECT model, sum(usd), sum(calls) FROM ledger GROUP BY 1 ORDER BY 1"
        known = [
            (f"workshop/{name}", sum(rows), len(rows)) for name, rows in billed.items()
        ]
        assert state.read(lambda t: t.fetch_rows(look)).result() == known
        assert state.read(lambda tx: tx.open_effects(EffectState.SENT)).result() == []


@claim("router:storms")
@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_a_kill_in_the_middle_of_a_storm_leaves_nothing_reserved_and_nothing_twice(
    tmp_path: Path, wire: WireServer, kills: int
) -> None:
    chance = Random(kills)  # noqa: S311  a storm that is the same each time
    root = three(tmp_path, wire.url)
    command = [sys.executable, str(PAYER), str(root), "20", "8"]
    for _ in range(kills):
        wire.script({"*": chance.choices(ANSWERS, k=500)})
        least = wire.bill.requests + chance.randint(5, 60)
        with subprocess.Popen(command, env=os.environ | PYTHONPATH) as child:
            wire.until(lambda bill, least=least: bill.requests >= least)
            os.kill(child.pid, signal.SIGKILL)
    wire.until(lambda bill: bill.open == 0)
    wire.script({"*": ANSWERS[-1:]})

    async def again() -> None:
        with open_company(root).open_office() as office:
            try:
                for name in office.store.read(unfinished).result():
                    await take_over_run(name, office)
                    await drive_run(name, office)
                assert office.store.read(unfinished).result() == []
            finally:
                await office.models.aclose()

    asyncio.run(asyncio.wait_for(again(), PATIENCE_S))
    with open_state(root) as state:
        look = "SELECT in_doubt, sum(usd), count(*), count(DISTINCT run || '.' || effect) FROM ledger GROUP BY 1"
        books = state.read(
            lambda t: {row[0]: row[1:] for row in t.fetch_rows(look)}
        ).result()
        assert (
            state.read(
                lambda tx: tx.open_effects(
                    EffectState.SENT, EffectState.HELD, EffectState.TODO
                )
            ).result()
            == []
        )
    paid, calls, effects = books[0]
    doubt = books.get(1, (0, 0, 0))
    assert calls == effects <= wire.bill.calls <= calls + doubt[1]
    assert paid <= wire.bill.micro_usd <= paid + doubt[0]


def unfinished(tx: Transaction) -> list[str]:
    """The runs that are not over."""
    runs = tx.list_runs("", limit=-1, everything=True)
    return [run.id for run in runs if run.phase is RunPhase.WORKING]
