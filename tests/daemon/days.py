"""Companies for tests of the daemon: departments with a model each, at the test's server."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
from small_company import Place
from wire.server import WireServer

import agentco
from agentco.edges.cli.trust import standing
from agentco.edges.office import OpenOffice, office_of
from agentco.edges.ports import edges_of
from agentco.edges.stores.state.transaction import Transaction
from agentco.edges.trust_file import trust
from agentco.runtime.start import Wish, start
from agentco.work.given import Assignment

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

    def __init__(self, place: Place, wire: WireServer, *names: str, more: str = "") -> None:
        self.place, self.root, self.wire, self.names, self.more = place, place.root, wire, names, more
        for name in names:
            self.role(name)
        self.settings(more)
        self.believe()

    def role(self, name: str) -> None:
        (self.root / ".github/agents" / f"{name}.agent.md").write_text(ROLE.format(name=name))

    def settings(self, more: str = "") -> None:
        prices = ", ".join(f"workshop/{name}: {{input: 1, output: 2}}" for name in (*self.names, "m"))
        self.place.settings(SETTINGS.format(url=self.wire.url, prices=prices, more=more))

    def believe(self) -> None:
        trust(self.root, standing(edges_of(self.root)).reach, at="2026-11-21T09:00:00+00:00")

    async def ask(self, office: OpenOffice, agent: str, task: str = "What is due?") -> str:
        """A root run that nobody drives yet."""
        found = office.company.agent(agent)
        assert found
        work = Assignment(task=task, today=office.today())
        return await start(Wish(agent=found, work=work, title=task, quick=True), office)

    def read(self, act: Callable[[Transaction], T]) -> T:
        with office_of(edges_of(self.root), drives=False) as office:
            return office.store.read(act).result(PATIENCE_S)


def environment(*paths: Path) -> dict[str, str]:
    """The environment of a process of this test, with folders that Python looks into first."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT)))}


def until(true: Callable[[], T], what: str = "it never came") -> T:
    """Wait for something, never for ever."""
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end, what
        time.sleep(0.02)
    return found


def living(pid: int) -> bool:
    """Whether the system knows a process that does anything."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]
