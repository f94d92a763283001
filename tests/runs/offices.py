"""One company with its state, its tools and a model server, in which runs are driven to where they stop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from small_company import NOW, Place, company_line, models_at
from wire.server import Call, Say, WireServer

from agentco.adapters.files import BoardFile, CompanyFolder, MemoryFile
from agentco.adapters.models import ModelClients
from agentco.adapters.state import Database, Drivers, InMemoryStore
from agentco.adapters.tools import CompanyTools
from agentco.board import BOARD_FILE
from agentco.briefing import Assignment, build_conversation
from agentco.engine import (
    Office,
    RunRequest,
    answer_text,
    drive_run,
    settle_by_founder,
    start_run,
    take_over_run,
)
from agentco.memory import MEMORY_FILE
from agentco.ports import FileImage, StorePort, ToolCaller, ToolResult, Transaction
from agentco.rules import AuditLine, CapLevel, caps_for_call, first_broken_line
from agentco.runs import (
    Action,
    ChatMessage,
    EffectRecord,
    EffectState,
    LedgerEntry,
    Run,
)
from agentco.wiring import open_company

T = TypeVar("T")
PATIENCE = 20.0
on_every_store = pytest.mark.parametrize("firm", ["sqlite", "memory"], indirect=True)
ROLE = "---\ndescription: Keeps the books.\ntools: [{tools}]\n---\nI keep the books.\n"
TOOLS = "Read, Search, Memory, Board, AskFounder, Gather"


@dataclass
class Still:
    """A clock that stands still until a test moves it; whoever waits goes on at once, and is written down."""

    moment: datetime = NOW
    pauses: list[float] = field(default_factory=list)
    at_pause: Callable[[], object] = lambda: None
    names: int = 0

    def now(self) -> datetime:
        return self.moment

    def random_fraction(self) -> float:
        return 0.0

    def new_name(self) -> str:
        self.names += 1
        return f"run{self.names}"

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at_pause()
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Noting(CompanyTools):
    """The company's own tools, which write down what they did; some of it may be left in doubt."""

    did: list[Action] = field(default_factory=list)
    tracked: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[bool] = field(default_factory=list)
    looks: list[Callable[[ToolCaller], object]] = field(default_factory=list)

    async def carry_out(
        self, action: Action, caller: ToolCaller, image: FileImage | None = None
    ) -> ToolResult:
        self.did.append(action)
        for look in self.looks:
            look(caller)
        if self.doubts and self.doubts.pop(0):
            return ToolResult(
                text="the board changed meanwhile", ok=False, doubtful=True
            )
        return await super().carry_out(action, caller, image)

    async def record_outcome(
        self, prompt: str, outcome: str, caller: ToolCaller
    ) -> None:
        del caller
        self.tracked.append((prompt, outcome))

    async def take_fingerprints(self, names: Sequence[str]) -> dict[str, str]:
        return dict.fromkeys(names, "as before")


def office_settings(url: str, more: str = "", **company: str) -> str:
    """Settings of a company whose every tier has a model at a test's server."""
    tiers = models_at(url, light="light", medium="m", heavy="m")
    return f"{company_line(**company)}{tiers}{more}\n"


class Firm:
    """A company at work. What it is asked is driven as far as it goes; methods look at what came of it."""

    def __init__(
        self,
        place: Place,
        url: str,
        more: str = "",
        tools: str = TOOLS,
        store: StorePort | None = None,
    ) -> None:
        self.place, self.root = place, place.root
        self.configure(url, more)
        place.agent("cfo", ROLE.format(tools=tools))
        place.board("- [ ] File the VAT return due:2026-11-25 owner:cfo")
        edges = open_company(self.root)
        self.settings, self.company = (
            edges.files.settings().require_valid(),
            edges.files.load(),
        )
        self.state = store or Database(self.root, name="firm")
        self.clock = Still()
        self.drivers = Drivers(self.root)
        self.drivers.become_driver("me")
        self.tools = Noting(
            self.root,
            CompanyFolder(self.root),
            BoardFile(self.root / BOARD_FILE, self.root),
            MemoryFile(self.root / MEMORY_FILE, within=self.root),
            lambda handle: self.read(lambda tx: tx.stored_text(handle)),
        )
        self.hear: Callable[[str, str], None] = lambda _run, _text: None
        self.untrusted = ""

    def configure(self, url: str, more: str = "") -> None:
        """Write the settings with the address of the model server."""
        self.place.settings(office_settings(url, more))

    def reload(self) -> None:
        """Work by the settings that stand in the file now."""
        self.settings = open_company(self.root).files.settings().require_valid()

    def close(self) -> None:
        self.drivers.stop_driving()
        if isinstance(self.state, Database):
            self.state.close()

    def office(self) -> Office:
        return Office(
            store=self.state,
            drivers=self.drivers,
            models=ModelClients(self.root, {}),
            tools=self.tools,
            clock=self.clock,
            settings=self.settings,
            company=self.company,
            prices={},
            untrusted=self.untrusted,
            hear=self.hear,
        )

    def wish(self, task: str = "What is due?", **more: Any) -> RunRequest:
        """What the CFO is asked; nobody reviews it unless a test wants that."""
        agent = self.company.find_agent("cfo")
        assert agent
        work = Assignment(task=task, today=NOW.date())
        facts: dict[str, Any] = {
            "quick": True,
            "agent": agent,
            "title": task,
            "work": work,
        }
        return RunRequest(**facts | more)

    def within(
        self, act: Callable[[Office], Awaitable[T]], patience: float = PATIENCE
    ) -> T:
        """Do something in an open office; it never takes for ever."""

        async def acting() -> T:
            office = self.office()
            try:
                async with asyncio.timeout(patience):
                    return await act(office)
            finally:
                await office.models.aclose()

        return asyncio.run(acting())

    def ask(self, task: str = "What is due?", **more: Any) -> Run:
        """A new run, driven as far as it goes."""
        wish = self.wish(task, **more)

        async def asking(office: Office) -> str:
            root = await start_run(wish, office)
            await drive_run(root, office)
            return root

        return self.run(self.within(asking))

    def go_on(self, run: Run) -> Run:
        """The run, resumed and driven as far as it goes."""

        async def going(office: Office) -> None:
            await take_over_run(run.id, office)
            await drive_run(run.id, office)

        self.within(going)
        return self.run(run.id)

    def read(self, act: Callable[[Transaction], T]) -> T:
        return self.state.read(act).result(PATIENCE)

    def write(self, act: Callable[[Transaction], T]) -> T:
        return self.state.write(act).result(PATIENCE)

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds in the state, which is SQLite's."""
        assert isinstance(self.state, Database)
        return self.state.read(lambda tx: tx.fetch_rows(query, *values)).result(
            PATIENCE
        )

    def run(self, name: str) -> Run:
        return self.read(lambda tx: tx.load_run(name))

    def rows(self, run: Run, *states: EffectState) -> list[EffectRecord]:
        return list(self.read(lambda tx: tx.load_effects(run.root, *states)))

    def only(self, run: Run, state: EffectState) -> EffectRecord:
        """The one effect that stands so."""
        [row] = self.rows(run, state)
        return row

    def said(self, run: Run) -> tuple[ChatMessage, ...]:
        """What the next call of a run would hear."""

        def look(tx: Transaction) -> tuple[ChatMessage, ...]:
            asked = tx.load_asked(run.id)
            assert asked
            return build_conversation(run.id, asked, tx.load_story(run.id))

        return self.read(look)

    def answer(self, run: Run) -> str:
        return self.read(lambda tx: answer_text(tx, run))

    def ledger(self) -> list[LedgerEntry]:
        if isinstance(self.state, InMemoryStore):
            return self.state.tables.ledger
        names = LedgerEntry.__struct_fields__
        found = self.sql(f"SELECT {', '.join(names)} FROM ledger ORDER BY id")  # noqa: S608  names are ours
        return [LedgerEntry(**dict(zip(names, row, strict=True))) for row in found]

    def levels(self, run: Run) -> tuple[CapLevel, ...]:
        cap = self.read(lambda tx: tx.root_state(run.root)[0])
        found = caps_for_call(
            self.settings.budget,
            root=run.root,
            run_cap=cap,
            agent=run.agent,
            day=NOW.date(),
        )
        return self.read(lambda tx: tx.cap_levels(found))

    def spent(self, run: Run) -> int:
        return self.levels(run)[0].spent

    def audit(self, run: Run | None = None) -> list[AuditLine]:
        """The audit, which holds."""
        assert first_broken_line(self.read(lambda tx: tx.audit_chain())) is None
        return list(self.read(lambda tx: tx.audit_lines(run.id if run else "")))

    def settle(self, row: EffectRecord, how: str) -> None:
        at = self.clock.now().isoformat(timespec="seconds")
        self.write(
            lambda tx: settle_by_founder(
                tx, tx.load_effect(row.run, row.number), how, at
            )
        )

    def later(self, **span: float) -> None:
        self.clock.moment += timedelta(**span)

    def stamp(self) -> str:
        return self.clock.now().isoformat(timespec="seconds")


def uses(name: str, arguments: str, *more: tuple[str, str]) -> Say:
    """An answer that calls for tools."""
    return Say(calls=[Call(name=n, arguments=a) for n, a in ((name, arguments), *more)])


def scripted(wire: WireServer, *answers: Say, **others: list[Say]) -> None:
    """What the model `m` says, one after the other, and what others do."""
    wire.script({"m": list(answers), **others})


def heard(wire: WireServer, number: int = -1) -> list[Mapping[str, Any]]:
    """The messages of one request."""
    return wire.requests[number].body["messages"]
