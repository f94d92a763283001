"""Companies for tests of the daemon: departments with a model each, at the test's server."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Self, TypeVar

import psutil
from small_company import Place
from wire.server import WireServer

import agentco
from agentco.adapters.files.company_folder import STATE_FILE
from agentco.adapters.files.trust_file import trust_folder
from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.transaction import SqliteTransaction
from agentco.engine.office import Office
from agentco.engine.settle import answer_text
from agentco.engine.start import RunRequest, start_run
from agentco.runs.effects import EffectState
from agentco.runs.prompt_parts import Assignment
from agentco.runs.run import RunPhase
from agentco.wiring import duty_of, open_company

T = TypeVar("T")
ROOT = Path(agentco.__file__).parents[1]
HOSTILE = Path(__file__).parent / "hostile"
PATIENCE_S = 30.0
SETTINGS = """
company: {{name: Test, timezone: Europe/Lisbon}}
models: {{medium: [workshop/m]}}
providers: {{workshop: {{kind: openai, api_base: "{url}"}}}}
prices: {{{prices}}}
{more}
"""
ROLE = """---
description: Does {name}.
tools: [Read, Board, AskFounder]
agentco: {{model: workshop/{name}}}
---
I do {name}.
"""


class Company:
    """A company of some departments; each asks the model of its own name."""

    def __init__(
        self, place: Place, wire: WireServer, *names: str, more: str = ""
    ) -> None:
        self.place, self.root, self.wire, self.names, self.more = (
            place,
            place.root,
            wire,
            names,
            more,
        )
        for name in names:
            self.role(name)
        self.settings(more)
        self.believe()

    def role(self, name: str) -> None:
        (self.root / ".github/agents" / f"{name}.agent.md").write_text(
            ROLE.format(name=name)
        )

    def settings(self, more: str = "") -> None:
        prices = ", ".join(
            f"workshop/{name}: {{input: 1, output: 2}}" for name in (*self.names, "m")
        )
        self.place.settings(
            SETTINGS.format(url=self.wire.url, prices=prices, more=more)
        )

    def believe(self) -> None:
        trust_folder(
            self.root,
            open_company(self.root).trust.status().reach,
            at="2026-11-21T09:00:00+00:00",
        )

    async def ask(self, office: Office, agent: str, task: str = "What is due?") -> str:
        """A root run that nobody drives yet."""
        found = office.company.find_agent(agent)
        assert found
        work = Assignment(task=task, today=office.today())
        return await start_run(
            RunRequest(agent=found, work=work, title=task, quick=True), office
        )

    def read(self, act: Callable[[SqliteTransaction], T]) -> T:
        with closing(sqlite3.connect(self.root / STATE_FILE, timeout=PATIENCE_S)) as db:
            return act(SqliteTransaction(db))

    def begin(self, agent: str, task: str = "What is due?") -> str:
        """A root run, as if whoever drove it were gone."""

        async def asking() -> str:
            with open_company(self.root).open_office(drives=False) as office:
                return await self.ask(office, agent, task)

        return asyncio.run(asking())

    def answer(self, run: str) -> str:
        return self.read(lambda tx: answer_text(tx, tx.load_run(run)))

    def phase(self, run: str) -> RunPhase:
        return self.read(lambda tx: tx.load_run(run).phase)

    def sent(self, run: str) -> bool:
        return bool(self.read(lambda tx: tx.load_effects(run, EffectState.SENT)))

    def process(self, run: str) -> int:
        """The process that drives a run, 0 where nobody does."""
        pid = Drivers(self.root).pid_of(
            str(self.read(lambda tx: tx.root_state(run)[1]))
        )
        return int(pid) if pid.isdigit() else 0

    def do(self, *args: str, code: int = 0) -> str:
        """A command of the company; what it said."""
        done = subprocess.run(
            command(self.root, *args),
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def books(self) -> tuple[int, int]:
        """The calls that the state booked, and those of them that are in doubt."""
        sql = "SELECT coalesce(sum(calls), 0), coalesce(sum(in_doubt), 0) FROM ledger"
        calls, doubts = self.read(lambda t: t.fetch_rows(sql))[0]
        return calls, doubts


class Up:
    """`agentco up` as a process of its own, for the length of a `with`; its log is a file of the test."""

    def __init__(self, company: Company, *more: str, poison: bool = False) -> None:
        self.company, self.log = company, company.root.parent / "up.log"
        env = environment(*([HOSTILE] if poison else []))
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                command(company.root, "up", *more),
                env=env,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        until(
            lambda: (duty := duty_of(self.company.root).running()) and duty.since,
            self.said,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE_S)
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        return self.log.read_text()

    @property
    def server(self) -> int:
        """The run server."""
        children = psutil.Process(self.process.pid).children()
        return until(
            lambda: [
                c.pid for c in children if "agentco.daemon.run_server" in c.cmdline()
            ]
        )[0]

    def ended(self, *signals: int) -> int:
        """Its exit code after these signals."""
        for one in signals:
            self.process.send_signal(one)
        return self.process.wait(PATIENCE_S)


def command(root: Path, *args: str) -> list[str]:
    return [sys.executable, "-P", "-m", "agentco", "--company", str(root), *args]


def environment(*paths: Path) -> dict[str, str]:
    """The environment of a process of this test, with folders that Python looks into first."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))}


def until(true: Callable[[], T], said: Callable[[], str] = str) -> T:
    """Wait for something, never for ever."""
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end, said()
        time.sleep(0.02)
    return found


def living(pid: int) -> bool:
    """Whether the system knows a process that does anything."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
