"""One cap, many who spend: nothing passes it, and what fits by its true cost is not refused."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim
from payer import one
from story import company
from wire.server import Say, WireServer

from agentco.adapters.state import Drivers
from agentco.adapters.state.open_state import open_state
from agentco.runs import EffectState
from agentco.wiring import open_company

PAYER = Path(__file__).with_name("payer.py")
PYTHONPATH = {
    "PYTHONPATH": os.pathsep.join(
        map(str, (PAYER.parents[2], PAYER.parents[1], PAYER.parent))
    )
}
PATIENCE_S = 120
THREADS = 4
ANSWER = "word " * 400
CAP = "budget: {{call: 5, run: 50, company_day: {day}, company_month: 50}}\n"


def capped(root: Path, url: str, day: str) -> Path:
    """A company whose day may cost no more than so many dollars."""
    company(root, url, "m")
    settings = root / ".github/agentco.yml"
    kept = [
        line
        for line in settings.read_text().splitlines()
        if not line.startswith("budget")
    ]
    settings.write_text("\n".join(kept) + "\n" + CAP.format(day=day))
    return root


def ledger(root: Path) -> tuple[int, int]:
    """Micro-dollars and calls that the state knows of; nothing is still reserved."""
    with open_state(root) as state:
        [(usd, calls)] = state.read(
            lambda t: t.fetch_rows("SELECT sum(usd), sum(calls) FROM ledger")
        ).result()
        assert state.read(lambda tx: tx.open_effects(EffectState.SENT)).result() == []
    return usd, calls


@claim("money:cap")
@pytest.mark.parametrize(
    ("processes", "runs"), [(4, 3), pytest.param(16, 3, marks=pytest.mark.soak)]
)
def test_processes_of_four_threads_never_pass_one_cap(
    tmp_path: Path, wire: WireServer, processes: int, runs: int
) -> None:
    wire.script({"*": [Say(text=ANSWER)]})
    cap = 60_000
    root = capped(tmp_path, wire.url, f"{cap / 1e6:.2f}")
    with open_state(root):
        pass
    command = [sys.executable, str(PAYER), str(root), str(runs), str(THREADS)]
    children = [
        subprocess.Popen(
            command, env=os.environ | PYTHONPATH, stdout=subprocess.PIPE, text=True
        )
        for _ in range(processes)
    ]
    ends = [
        end
        for child in children
        for end in json.loads(child.communicate(timeout=PATIENCE_S)[0])
    ]
    usd, calls = ledger(root)
    assert len(ends) == processes * THREADS * runs
    assert set(ends) == {"done", "out-of-budget"}
    assert calls == wire.bill.calls == ends.count("done")
    assert usd == wire.bill.micro_usd <= cap
    worst = max(row.micro_usd for row in wire.bill.rows)
    assert usd > cap - worst - 4000 * 2


@claim("money:waits")
def test_seven_calls_that_fit_by_their_true_cost_wait_and_are_all_answered(
    tmp_path: Path, wire: WireServer
) -> None:
    wire.script({"*": [Say(text="Short.", delay=0.05)]})
    root = capped(tmp_path, wire.url, "0.02")

    async def standup() -> list[str]:
        with open_company(root).open_office() as office:
            try:
                return await asyncio.gather(*(one(office) for _ in range(7)))
            finally:
                await office.models.aclose()

    assert asyncio.run(asyncio.wait_for(standup(), PATIENCE_S)) == ["done"] * 7
    usd, calls = ledger(root)
    assert (usd, calls) == (wire.bill.micro_usd, 7)
    assert usd <= 20_000


@claim("money:dead")
@pytest.mark.parametrize("others", [1, 3])
def test_nobody_waits_for_what_a_dead_process_had_reserved(
    tmp_path: Path, wire: WireServer, others: int
) -> None:
    wire.script({"*": [Say(text="never heard", delay=PATIENCE_S)]})
    root = capped(tmp_path, wire.url, "0.0310")
    with subprocess.Popen(
        [sys.executable, str(PAYER), str(root), "1", "1"], env=os.environ | PYTHONPATH
    ) as child:
        wire.until(lambda bill: bill.open == 1)
        os.kill(child.pid, signal.SIGKILL)
    wire.script({"*": [Say(text="Short.")]})

    async def after() -> list[str]:
        with open_company(root).open_office() as office:
            try:
                return [await one(office) for _ in range(others)]
            finally:
                await office.models.aclose()

    assert asyncio.run(asyncio.wait_for(after(), PATIENCE_S)) == ["done"] * others
    with open_state(root) as state:
        [dead] = state.read(lambda tx: tx.open_effects(EffectState.IN_DOUBT)).result()
        [(doubt,)] = state.read(
            lambda t: t.fetch_rows("SELECT sum(usd) FROM ledger WHERE in_doubt = 1")
        ).result()
    assert dead.reserved == doubt > 0
    assert not Drivers(root).is_alive(dead.driver)
