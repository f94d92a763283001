"""Companies for tests of the daemon: departments with a model each, at the test's server."""

import asyncio
import io
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Self, TypeVar

import psutil
from processes import command, environment
from small_company import SETTINGS, Place, models_at
from wire.server import WireServer

from agentco.adapters.files import STATE_FILE
from agentco.adapters.state import Drivers, SqliteTransaction
from agentco.briefing import Assignment
from agentco.cli.main import main
from agentco.engine import Office, RunRequest, answer_text, start_run
from agentco.runs import EffectState, RunPhase
from agentco.wiring import duty_of, open_company

T = TypeVar("T")
HOSTILE = Path(__file__).parent / "hostile"
PATIENCE_S = 30.0
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
            place.agent(name, ROLE.format(name=name))
        self.settings(more)
        place.trust()

    def settings(self, more: str = "") -> None:
        models = models_at(self.wire.url, *self.names)
        self.place.settings(f"{SETTINGS}{models}{more}")

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
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            ended = main(["--company", str(self.root), *args])
        assert ended == code, said.getvalue()
        return said.getvalue()

    def up(self, *args: str, code: int = 0) -> str:
        """`agentco up` that does not stay, as a process of its own; what it said."""
        done = subprocess.run(
            command(self.root, "up", *args),
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
        try:
            until(
                lambda: (duty := duty_of(self.company.root).running()) and duty.since,
                self.said,
            )
        except AssertionError:
            self.__exit__()
            raise
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


def until(
    true: Callable[[], T], said: Callable[[], str] = str, patience: float = PATIENCE_S
) -> T:
    """Wait for something, never for ever."""
    end = time.monotonic() + patience
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
