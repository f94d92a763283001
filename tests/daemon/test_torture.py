"""Daemon, run server and runs are killed at random, at a model server that trickles, cuts and refuses.

Afterwards everything must agree: slots, runs, trackers, the ledger, the inbox, what is told.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psutil
import pytest
from claims import claim
from nights import PATIENCE_S, Company, Up, living, until
from small_company import Place
from wire.server import Call, Fault, Say, WireServer

from agentco.adapters.state import SqliteTransaction
from agentco.day import SlotOutcome
from agentco.overview import current_notices
from agentco.runs import EffectState, RunPhase, RunSummary

KILLS, MANY = 14, 300
LONGEST_S = 0.8
PROMPTS = {"early": "allow", "late": "skip", "slow": "queue", "once": "skip"}
PROMPT = """---
description: Works.
agent: writer
agentco: {{schedule: "* * * * *", overlap: {overlap}}}
---

Do {name}.
"""
LIMITS = "supervision: {agents: {restarts: 10000, within: 60s}, run: {heartbeat: 30s}}"
READS = Call(name="Read", arguments='{"path": "BOARD.md"}')
GOOD = [Say(calls=[READS], pause=0.05), Say(text="The post. " * 20, pause=0.02)]
BAD = [
    Say(text="The post. " * 20, fault=Fault.CUT),
    Say(text="The post.", fault=Fault.DROP),
    Say(text="The post. " * 20, pause=0.2),
    Say(text="The post.", delay=1.5),
    Say(status=503, headers={"retry-after": "0"}),
]


class Night:
    """A company under torture: who lives, and who ever lived."""

    def __init__(self, company: Company, wire: WireServer, seed: int) -> None:
        self.company, self.wire = company, wire
        self.chance = random.Random(seed)  # noqa: S311
        self.up = Up(company)
        self.seen = set[int]()

    def runs(self) -> list[RunSummary]:
        now = datetime.now(UTC).isoformat()
        return self.read(lambda tx: list(tx.list_runs(now, limit=-1)))

    def read(self, act: Callable[[SqliteTransaction], Any]) -> Any:
        return self.company.read(act)

    def server(self) -> int:
        """The run server, 0 while there is none."""
        with suppress(psutil.Error):
            for child in psutil.Process(self.up.process.pid).children():
                if "agentco.daemon.run_server" in child.cmdline():
                    return child.pid
        return 0

    def workers(self) -> list[int]:
        """The processes that drive a run."""
        pids = [
            self.company.process(run.id)
            for run in self.runs()
            if run.phase is RunPhase.WORKING and run.driver
        ]
        return [pid for pid in pids if pid and pid != self.up.process.pid]

    def kill_something(self) -> int:
        """Kill one of them, or all at once; and now and then a person ends a run. Returns how many died."""
        server, workers = self.server(), self.workers()
        self.seen.update(pid for pid in (server, *workers) if pid)
        way = self.chance.choice(
            ["run"] * 5 + ["server"] * 2 + ["daemon", "both", "cancel"]
        )
        if way == "cancel":
            working = [run.id for run in self.runs() if run.phase is RunPhase.WORKING]
            if working:
                with suppress(AssertionError):  # it may be over just now
                    self.company.do("runs", "cancel", self.chance.choice(working))
        elif way == "run":
            return self.kill(*(workers[:1] or [server]))
        elif way == "server":
            return self.kill(server)
        else:
            alone = [server] if way == "both" else []
            killed = self.kill(self.up.process.pid, *alone)
            gone = time.monotonic()
            until(lambda: not any(map(living, self.seen)))
            assert time.monotonic() - gone < 5
            self.begin()
            return killed
        return 0

    def kill(self, *pids: int) -> int:
        """Kill processes; return how many there were."""
        killed = 0
        for pid in pids:
            with suppress(ProcessLookupError):
                if pid:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
        return killed

    def begin(self) -> None:
        """Another daemon, which finds work that an earlier one never saw."""
        self.up.__exit__()
        for number in range(2):
            self.company.begin("writer", f"Task {number}")
        self.up = Up(self.company)
        self.up.__enter__()

    def wait_a_little(self) -> None:
        end = time.monotonic() + self.chance.uniform(0, LONGEST_S)
        until(lambda: time.monotonic() > end)


def tortured(company: Company, wire: WireServer, kills: int, seed: int) -> Night:
    night = Night(company, wire, seed)
    answers = [night.chance.choice(GOOD * 2 + BAD) for _ in range(kills * 20)]
    wire.script({"writer": answers})
    night.up.__enter__()
    while kills > 0:
        night.wait_a_little()
        kills -= night.kill_something()
    wire.script({"writer": [GOOD[1]]})
    for name, overlap in PROMPTS.items():  # no further slot comes
        write_prompt(company, name, overlap, cron="0 9 1 1 *")
    night.begin()
    until(lambda: not night.read(is_unsettled), night.up.said, PATIENCE_S * 4)
    night.seen.update(pid for pid in (night.server(), *night.workers()) if pid)
    night.up.ended(signal.SIGTERM)
    return night


def is_unsettled(tx: SqliteTransaction) -> bool:
    """Whether anything goes on or still comes, as the slot that waits for the run before it.

    Slots become runs and runs want effects, so they are read in this order: nothing that moves on
    meanwhile is missed.
    """
    coming = {SlotOutcome.TAKEN, SlotOutcome.QUEUED}
    if any(tick.outcome in coming for tick in tx.slot_history()):
        return True
    now = datetime.now(UTC).isoformat()
    runs = tx.list_runs(now, limit=-1)
    if any(run.phase is RunPhase.WORKING for run in runs):
        return True
    return bool(tx.open_effects(EffectState.TODO, EffectState.SENT))


def write_prompt(company: Company, name: str, overlap: str, cron: str) -> None:
    text = PROMPT.format(name=name, overlap=overlap).replace("* * * * *", cron)
    (company.root / ".github/prompts" / f"{name}.prompt.md").write_text(text)


@pytest.fixture
def company(place: Place, wire: WireServer) -> Company:
    place.board("- [ ] Something @writer id:T1")
    company = Company(place, wire, "writer", more=LIMITS)
    for name, overlap in PROMPTS.items():
        write_prompt(company, name, overlap, cron="* * * * *")
        tracker = f"prompt-run:{name}"
        place.know(
            "prompt-run", tracker, "Run: 2026-11-02T09:00:00+00:00 ok", by="runtime"
        )
    company.place.trust()
    return company


def require_agreement(night: Night) -> None:
    """Slots, runs, money, trackers, schedule, inbox and notices all say the same."""
    company = night.company
    assert not any(map(living, night.seen))
    ticks = night.read(lambda tx: tx.slot_history())
    began = [tick for tick in ticks if tick.outcome is SlotOutcome.RUN]
    assert not [tick for tick in ticks if tick.outcome is SlotOutcome.TAKEN]
    runs = {run.id: run for run in night.runs()}
    scheduled = [name for name, run in runs.items() if run.prompt]
    assert sorted(tick.run for tick in began) == sorted(scheduled)
    for name, run in runs.items():
        lines = night.read(lambda tx, name=name: tx.audit_of_effect(name, 0))
        ends = [line.what for line in lines if line.what in set(RunPhase)]
        assert ends == [run.phase], (name, ends)
    require_money_agrees(night)
    told = outcomes_told(company)
    jobs = {
        job["prompt"]: job
        for job in json.loads(company.do("schedule", "--json"))["jobs"]
    }
    for name in PROMPTS:
        ended = Counter(tick.ended for tick in began if tick.job == name)
        assert Counter(told[name]) == ended, name
        shown = Counter(one["result"] for one in jobs[name]["results"])
        assert shown["failed"] <= ended["failed"]
    now = datetime.now(UTC)
    notices = night.read(lambda tx: current_notices(tx, now, []))
    failed = {
        f"schedule:{tick.job}:{tick.slot}" for tick in began if tick.ended != "ok"
    }
    heard = {note.key for note in notices if note.thing.startswith("schedule:")}
    assert heard == failed


def outcomes_told(company: Company) -> dict[str, list[str]]:
    """How the runs of each prompt ended, as the memory has it: a line for each run, never two."""
    told: dict[str, list[str]] = {name: [] for name in PROMPTS}
    by = set[str]()
    for text in (company.root / "memory/memory.jsonl").read_text().splitlines():
        line = json.loads(text)
        name = str(line.get("name", "")).removeprefix("prompt-run:")
        if name in told and line.get("run"):
            assert line["run"] not in by
            by.add(line["run"])
            told[name].append(line["observations"][0].split()[-1])
    return told


def require_money_agrees(night: Night) -> None:
    """No answer was paid twice, and what the server billed is booked or in doubt."""
    rows = night.read(
        lambda tx: tx.fetch_rows("SELECT run, effect FROM ledger WHERE in_doubt = 0")
    )
    assert len(rows) == len(set(rows))
    calls, doubts = night.company.books
    assert calls >= night.wire.bill.calls
    inbox = json.loads(night.company.do("inbox", "--json"))["items"]
    assert len([item for item in inbox if item["kind"] == "in-doubt"]) == doubts


@claim("up:torture")
def test_a_few_kills_leave_every_slot_once_and_all_books_in_agreement(
    company: Company, wire: WireServer
) -> None:
    require_agreement(tortured(company, wire, KILLS, seed=14))


@claim("up:torture")
@pytest.mark.soak
def test_three_hundred_kills_leave_every_slot_once_and_all_books_in_agreement(
    company: Company, wire: WireServer
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed: {seed}")  # noqa: T201
    night = tortured(company, wire, MANY, seed)
    require_agreement(night)
    print(f"{MANY} kills, {len(night.runs())} runs, {company.books} calls and doubts")  # noqa: T201
