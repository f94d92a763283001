"""A full disk: the error is told, what was stored is whole, and with room the run goes on."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from claims import claim
from offices import PATIENCE, Firm, uses
from wire.server import Say, WireServer

from agentco.adapters.state import Database
from agentco.kernel import StateBroken
from agentco.runs import RunPhase

DUE = Say(text="VAT is due on Wednesday.")
READS = uses("Read", '{"path": "long.md"}')
AT = "2026-11-21T09:00:00+00:00"


def full(firm: Firm, pages: int) -> None:
    """Let the state grow by so many pages and no more."""

    [(now,)] = firm.sql("PRAGMA page_count")
    firm.sql(f"PRAGMA max_page_count = {now + pages}")


def roomy(firm: Firm) -> None:
    firm.sql("PRAGMA max_page_count = 1000000")


def whole(firm: Firm) -> bool:
    """Whether SQLite finds nothing wrong, and the audit holds."""
    firm.audit()
    return firm.sql("PRAGMA integrity_check") == [("ok",)]


@claim("state:disk-full")
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 4, 6, 12])
def test_fault_87_a_full_disk_stops_a_run_and_room_lets_it_go_on(
    firm: Firm, wire: WireServer, pages: int
) -> None:
    (firm.root / "long.md").write_text("\n".join(f"{n} " * 100 for n in range(400)))
    wire.script({"m": [READS, DUE], "~An earlier one.": [DUE]}, by_turn=True)
    firm.ask("An earlier one.")
    full(firm, pages)
    with pytest.raises(StateBroken) as caught:
        firm.ask()
    assert (caught.value.exit_code, "full" in caught.value.what) == (5, True)
    assert whole(firm)
    roomy(firm)
    assert firm.ask("After it.").phase is RunPhase.DONE
    for (name,) in firm.sql("SELECT id FROM runs WHERE phase = 'working'"):
        done = firm.go_on(firm.run(name))
        assert (done.phase, firm.answer(done)) == (RunPhase.DONE, DUE.text)
    assert sum(entry.usd for entry in firm.ledger()) >= wire.bill.micro_usd
    assert whole(firm)


CHILD = """
import sys
from pathlib import Path
from agentco.adapters.state.database import Database
from agentco.kernel.errors import StateBroken
state = Database(Path(sys.argv[1]), name="child")
for n in range(10_000):
    try:
        state.write(lambda t: t.save_body(b"%d " % n * 500, "2026-11-21T09:00:00+00:00")).result(20)
    except StateBroken as error:
        print(error.what, error.hint, sep="\\n")
        sys.exit(error.exit_code)
    print(n, flush=True)
"""


def limited(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@claim("state:disk-full")
def test_fault_87_at_the_file_limit_nothing_that_was_acknowledged_is_lost(
    tmp_path: Path,
) -> None:
    Database(tmp_path, name="before").close()
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    found = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        preexec_fn=limited(300_000),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    *kept, what, hint = found.stdout.splitlines()
    assert found.returncode == 5, found.stderr
    assert what.startswith("the state cannot be written: ")
    assert "what was stored before is intact" in hint
    state = Database(tmp_path, name="after")
    bodies = state.read(lambda t: t.fetch_rows("SELECT count(*) FROM bodies")).result(
        PATIENCE
    )
    assert 0 < len(kept) <= bodies[0][0] <= len(kept) + 1
    assert state.read(lambda t: t.fetch_rows("PRAGMA integrity_check")).result(
        PATIENCE
    ) == [("ok",)]
    assert state.write(lambda tx: tx.save_body(b"with room", AT)).result(PATIENCE)
    state.close()
