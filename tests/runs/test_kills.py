"""A run killed anywhere goes on: nothing stored is bought again, nothing is done twice, every doubt is told."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from urllib.request import urlopen

import pytest
from claims import claim
from msgspec import Struct
from processes import PATIENCE_S, in_child
from story import PROPOSAL, RUN, Death, carry_out, company, tell, with_proposal
from teller import CALLS, DELIVERABLE, DRAFT, FACT, TASK, telling

from agentco.adapters.state import Database, Drivers, SqliteTransaction
from agentco.adapters.state.open_state import open_state
from agentco.engine import answer_text
from agentco.overview.inbox_items import inbox_items
from agentco.rules import first_broken_line
from agentco.runs import EffectState, RunPhase
from agentco.wiring import open_company

KILLS, MANY = 12, 1000
LEAST_S, LONGEST_S = 0.005, 0.2
HALF, MOST_ACTS = 0.5, 30
AGAIN = 4
"""At every so many boundaries the process that goes on is killed too."""
AT = "2026-11-21T09:00:00+00:00"


class Books(Struct, frozen=True, kw_only=True):
    """What the state says of one story: micro-dollars, effects in doubt, the server's bill."""

    stored: int
    doubt: int
    doubts: int
    billed: int
    calls: int


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The teller's address; one telling here loads what every child would have to load."""
    with telling() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("home")))
        tell(company(tmp_path_factory.mktemp("first"), address, "first"), Death())
        yield address


def forked(
    root: Path,
    death: Death,
    seconds: float = PATIENCE_S,
    act: Callable[[Path, Death], None] = tell,
) -> int:
    """Tell the story, or go on with it, in a process of its own; how that ended: its code, or minus a signal."""
    return in_child(partial(act, root, death), seconds)


def bill(url: str, model: str) -> list[dict[str, Any]]:
    with urlopen(f"{url}/bill", timeout=PATIENCE_S) as answer:  # noqa: S310  loopback
        return [row for row in json.load(answer)["rows"] if row["model"] == model]


def books(tx: SqliteTransaction, rows: list[dict[str, Any]]) -> Books:
    """The state of a story that is over; everything in it must agree with everything else."""
    assert [run.phase for run in tx.runs_of_root(RUN)] == [RunPhase.DONE] * 6
    assert answer_text(tx, tx.load_run(RUN)) == DELIVERABLE
    assert (
        first_broken_line(tx.fetch_rows("SELECT line, hash FROM audit ORDER BY seq"))
        is None
    )
    states = Counter(row.state for row in tx.load_effects(RUN))
    assert set(states) <= {EffectState.DONE, EffectState.IN_DOUBT}
    doubtful = {
        (row.run, row.number): row.reserved
        for row in tx.load_effects(RUN, EffectState.IN_DOUBT)
    }
    files = [(file.path, file.effect > 0) for file in tx.files_written_by(RUN)]
    assert sorted(files) == [
        ("BOARD.md", True),
        ("BOARD.md", True),
        ("drafts/story.md", True),
        ("drafts/told.md", True),
    ]
    booked = tx.fetch_rows("SELECT run, effect, usd FROM ledger WHERE in_doubt = 1")
    assert {(run, effect): usd for run, effect, usd in booked} == doubtful
    assert len(booked) == len(doubtful)
    assert all(doubtful.values())
    inbox = [
        item.id
        for item in inbox_items(tx, "2000-01-01T00:00:00+00:00")
        if item.kind == "in-doubt"
    ]
    assert sorted(inbox) == sorted(f"{run}.{number}" for run, number in doubtful)
    [(whole,)] = tx.fetch_rows("SELECT sum(usd) FROM ledger")
    assert tx.spent_in_scope(f"run:{RUN}") == whole
    [(paid, stored)] = tx.fetch_rows(
        "SELECT count(*), sum(usd) FROM ledger WHERE in_doubt = 0"
    )
    assert (
        paid
        == CALLS
        == tx.fetch_rows(
            "SELECT count(DISTINCT run || '.' || effect) FROM ledger WHERE in_doubt = 0"
        )[0][0]
    )
    costs = [row["micro_usd"] for row in rows]
    return Books(
        stored=stored,
        doubt=whole - stored,
        doubts=len(doubtful),
        billed=sum(costs),
        calls=len(costs),
    )


def check(root: Path, rows: list[dict[str, Any]], kills: int) -> Books:
    """What must be true of a finished story, however often it was killed."""
    with open_state(root) as state:
        found = state.read(lambda tx: books(tx, rows)).result()
    assert found.doubts <= kills * 2
    assert CALLS <= found.calls <= CALLS + found.doubts
    assert found.stored <= found.billed <= found.stored + found.doubt
    graph = open_company(root).memory.load_graph()
    assert (root / "memory/memory.jsonl").read_text().count(FACT) == 1
    assert [len(e.observations) for e in graph.entities("lesson")] == [6]
    [tracker] = graph.entities("prompt-run")
    assert [o.text.split()[-1] for o in tracker.observations] == ["ok"]
    tasks = [
        task for task in open_company(root).board.read().tasks if task.title == TASK
    ]
    assert [(task.id, task.is_open) for task in tasks] == [("T2", False)]
    assert (root / "BOARD.md").read_text().count("done:") == 1
    drafts = sorted(path.name for path in (root / "drafts").iterdir())
    assert drafts == ["story.md", "told.md"]
    assert (root / "drafts/told.md").read_text() == f"{DELIVERABLE}\n"
    assert (root / "drafts/story.md").read_text() == DRAFT
    assert not any(
        Drivers(root).is_alive(path.name)
        for path in (root / ".agentco/drivers").iterdir()
    )
    return found


@claim("kills:no-kill")
def test_without_a_kill_the_ledger_is_the_bill_to_the_micro_dollar(
    tmp_path: Path, url: str
) -> None:
    root = company(tmp_path, url, "unharmed")
    assert forked(root, Death()) == 0
    found = check(root, bill(url, "unharmed"), 0)
    assert (found.stored, found.doubt, found.calls) == (found.billed, 0, CALLS)


@claim("kills:nothing-twice")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "step", "least"),
    [
        ("tool", 1, 8),
        # Between two commits, a kill is after the one or before the other: here each gap has one of both.
        ("commit", 2, 30),
        pytest.param("commit", 1, 30, marks=pytest.mark.soak),
    ],
)
def test_a_kill_at_every_boundary_loses_and_repeats_nothing(
    tmp_path: Path, url: str, kind: str, step: int, least: int, when: str
) -> None:
    n = 0
    while True:
        model = f"{kind}-{when}-{step}-{n}"
        root = company(tmp_path / str(n), url, model)
        code = forked(root, Death(kind, n, when))
        if code == 0:
            break
        assert code == -signal.SIGKILL
        if n % (AGAIN * step) == 0:
            assert forked(root, Death("commit", 0, "before")) == -signal.SIGKILL
        assert forked(root, Death()) == 0
        found = check(root, bill(url, model), 1)
        assert found.doubts <= 2
        n += step
    assert n >= least


@claim("kills:nothing-twice")
@pytest.mark.parametrize(("kind", "boundaries"), [("commit", 3), ("tool", 1)])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_a_proposal_is_carried_out_neither_loses_nor_repeats_it(
    tmp_path: Path, kind: str, boundaries: int, when: str
) -> None:
    n = 0
    while True:
        root = with_proposal(tmp_path / str(n))
        code = forked(root, Death(kind, n, when), act=carry_out)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        with open_state(root) as state:
            row = state.read(lambda tx: tx.load_effect(*PROPOSAL)).result()
            items = state.read(lambda tx: inbox_items(tx, AT)).result()
        assert row.is_approved_proposal == (row.id in {item.id for item in items})
        assert forked(root, Death(), act=carry_out) == 0
        check_proposal(root)
        n += 1
    check_proposal(root)
    assert n == boundaries


def check_proposal(root: Path) -> None:
    """It is carried out once, as the founder's, and nobody drives its run."""
    graph = open_company(root).memory.load_graph()
    [line] = graph.lines_about("deadline:rent")
    assert (line.by, line.run) == ("founder", "run1.8")
    with open_state(root) as state:
        row = state.read(lambda tx: tx.load_effect(*PROPOSAL)).result()
        driver = state.read(lambda tx: tx.root_state("run1")[1]).result()
    assert (row.state, driver) == (EffectState.DONE, None)


def stricken(root: Path, dice: Random) -> int:
    """Tell or go on, and be killed: at a random time, or at a random commit or tool."""
    if dice.random() < HALF:
        kind, when = (
            dice.choice(["commit", "commit", "tool"]),
            dice.choice(["before", "after"]),
        )
        return forked(root, Death(kind, dice.randrange(MOST_ACTS), when))
    return forked(root, Death(), LEAST_S + dice.random() * LONGEST_S)


@claim("kills:random")
@pytest.mark.parametrize("kills", [KILLS, pytest.param(MANY, marks=pytest.mark.soak)])
def test_random_kills_lose_and_repeat_nothing(
    tmp_path: Path, url: str, kills: int
) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"runs: {kills} kills, seed {seed}")  # noqa: T201  shown when the test fails, and by the soak
    dice = Random(seed)  # noqa: S311  no secret
    done = story = 0
    sums = [0, 0, 0]
    while done < kills:
        story += 1
        model = f"random-{kills}-{story}"
        root, here = company(tmp_path / str(story), url, model), 0
        while code := stricken(root, dice):
            assert code in {-signal.SIGKILL, -signal.SIGALRM}
            here += 1
        assert forked(root, Death()) == 0
        found = check(root, bill(url, model), here)
        done += here
        sums = [
            a + b
            for a, b in zip(
                sums,
                (found.stored, found.billed, found.stored + found.doubt),
                strict=True,
            )
        ]
    print(  # noqa: T201  same
        f"runs: {story} stories, {done} kills, stored {sums[0]} <= billed {sums[1]} <= {sums[2]} micro-dollars"
    )


@claim("kills:birth")
def test_a_kill_while_the_state_is_made_does_not_make_it_a_strangers(
    tmp_path: Path, url: str
) -> None:
    root = company(tmp_path, url, "birth")

    def made() -> None:
        Database(
            root, name="early", making=lambda _: signal.raise_signal(signal.SIGKILL)
        )

    assert in_child(made) == -signal.SIGKILL
    assert (root / ".agentco/state.db").exists()
    assert forked(root, Death()) == 0
    check(root, bill(url, "birth"), 0)
