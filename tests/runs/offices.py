"""One company with its state, its tools and a model server, in which runs are driven to where they stop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from small_company import NOW, Place
from wire.server import Call, Say, WireServer

from agentco.adapters.models.models import Models
from agentco.adapters.state.database import Database
from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.transaction import Transaction
from agentco.adapters.tools.tools import Tools
from agentco.engine.drive import drive, taken_over
from agentco.engine.ports import Act, Image, Returned
from agentco.engine.settle import answer_of, settled_by_founder
from agentco.engine.start import Wish, start
from agentco.rules.audit import Line, broken
from agentco.rules.budget import Level, caps
from agentco.runs.actions import Doable
from agentco.runs.effects import Row, State
from agentco.runs.events import Entry
from agentco.runs.model_messages import Message
from agentco.runs.prompt_parts import Assignment
from agentco.runs.run import Run
from agentco.runs.transcript import conversation
from agentco.wiring import OpenOffice, edges_of

T = TypeVar("T")
PATIENCE = 20.0
SETTINGS = """
company: {{name: Test, timezone: Europe/Lisbon}}
models: {{light: [workshop/light], medium: [workshop/m], heavy: [workshop/m]}}
providers: {{workshop: {{kind: openai, api_base: "{url}"}}}}
prices: {{workshop/m: {{input: 1, output: 2}}, workshop/light: {{input: 1, output: 2}}}}
{more}
"""
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

    def chance(self) -> float:
        return 0.0

    def name(self) -> str:
        self.names += 1
        return f"run{self.names}"

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at_pause()
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Noting(Tools):
    """The company's own tools, which write down what they did; some of it may be left in doubt."""

    did: list[Doable] = field(default_factory=list)
    tracked: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[bool] = field(default_factory=list)
    looks: list[Callable[[Act], object]] = field(default_factory=list)

    def do(self, action: Doable, act: Act, image: Image | None = None) -> Returned:
        self.did.append(action)
        for look in self.looks:
            look(act)
        if self.doubts and self.doubts.pop(0):
            return Returned(text="the board changed meanwhile", ok=False, doubtful=True)
        return super().do(action, act, image)

    def track(self, prompt: str, outcome: str, act: Act) -> None:
        del act
        self.tracked.append((prompt, outcome))

    def prints(self, names: Sequence[str]) -> dict[str, str]:
        return dict.fromkeys(names, "as before")


class Firm:
    """A company at work. What it is asked is driven as far as it goes; methods look at what came of it."""

    def __init__(
        self, place: Place, url: str, more: str = "", tools: str = TOOLS
    ) -> None:
        self.place, self.root = place, place.root
        self.configure(url, more)
        (self.root / ".github" / "agents" / "cfo.agent.md").write_text(
            ROLE.format(tools=tools)
        )
        place.board("- [ ] File the VAT return due:2026-11-25 owner:cfo")
        edges = edges_of(self.root)
        self.settings, self.company = (
            edges.company.settings().usable(),
            edges.company.load(),
        )
        self.state = Database(self.root, name="firm")
        self.clock = Still()
        self.drivers = Drivers(self.root)
        self.drivers.enter("me")
        self.tools = Noting(
            self.root,
            edges.company,
            edges.board,
            edges.memory,
            lambda handle: self.read(lambda t: t.stored(handle)),
        )
        self.hear: Callable[[str, str], None] = lambda _run, _text: None
        self.untrusted = ""

    def configure(self, url: str, more: str = "") -> None:
        """Write the settings with the address of the model server."""
        self.place.settings(SETTINGS.format(url=url, more=more))

    def reload(self) -> None:
        """Work by the settings that stand in the file now."""
        self.settings = edges_of(self.root).company.settings().usable()

    def close(self) -> None:
        self.drivers.leave()
        self.state.close()

    def office(self) -> OpenOffice:
        return OpenOffice(
            store=self.state,
            drivers=self.drivers,
            models=Models(self.root, {}),
            tools=self.tools,
            clock=self.clock,
            settings=self.settings,
            company=self.company,
            prices={},
            untrusted=self.untrusted,
            hear=self.hear,
        )

    def wish(self, task: str = "What is due?", **more: Any) -> Wish:
        """What the CFO is asked; nobody reviews it unless a test wants that."""
        agent = self.company.agent("cfo")
        assert agent
        work = Assignment(task=task, today=NOW.date())
        facts: dict[str, Any] = {
            "quick": True,
            "agent": agent,
            "title": task,
            "work": work,
        }
        return Wish(**facts | more)

    def within(self, act: Callable[[OpenOffice], Awaitable[T]]) -> T:
        """Do something in an open office; it never takes for ever."""

        async def acting() -> T:
            office = self.office()
            try:
                async with asyncio.timeout(PATIENCE):
                    return await act(office)
            finally:
                await office.models.aclose()

        return asyncio.run(acting())

    def ask(self, task: str = "What is due?", **more: Any) -> Run:
        """A new run, driven as far as it goes."""
        wish = self.wish(task, **more)

        async def asking(office: OpenOffice) -> str:
            root = await start(wish, office)
            await drive(root, office)
            return root

        return self.run(self.within(asking))

    def go_on(self, run: Run) -> Run:
        """The run, resumed and driven as far as it goes."""

        async def going(office: OpenOffice) -> None:
            await taken_over(run.id, office)
            await drive(run.id, office)

        self.within(going)
        return self.run(run.id)

    def read(self, act: Callable[[Transaction], T]) -> T:
        return self.state.read(act).result(PATIENCE)

    def write(self, act: Callable[[Transaction], T]) -> T:
        return self.state.write(act).result(PATIENCE)

    def run(self, name: str) -> Run:
        return self.read(lambda t: t.run(name))

    def rows(self, run: Run, *states: State) -> list[Row]:
        return self.read(lambda t: t.effects(run.root, *states))

    def only(self, run: Run, state: State) -> Row:
        """The one effect that stands so."""
        [row] = self.rows(run, state)
        return row

    def said(self, run: Run) -> tuple[Message, ...]:
        """What the next call of a run would hear."""

        def look(t: Transaction) -> tuple[Message, ...]:
            asked = t.asked(run.id)
            assert asked
            return conversation(run.id, asked, t.story(run.id))

        return self.read(look)

    def answer(self, run: Run) -> str:
        return self.read(lambda t: answer_of(t, run))

    def ledger(self) -> list[Entry]:
        names = Entry.__struct_fields__
        found = self.read(
            lambda t: t.rows(f"SELECT {', '.join(names)} FROM ledger ORDER BY id")  # noqa: S608  names are ours
        )
        return [Entry(**dict(zip(names, row, strict=True))) for row in found]

    def levels(self, run: Run) -> tuple[Level, ...]:
        cap = self.read(lambda t: t.root(run.root)[0])
        found = caps(
            self.settings.budget,
            root=run.root,
            run_cap=cap,
            agent=run.agent,
            day=NOW.date(),
        )
        return self.read(lambda t: t.levels(found))

    def spent(self, run: Run) -> int:
        return self.levels(run)[0].spent

    def audit(self, run: Run | None = None) -> list[Line]:
        """The audit, which holds."""
        from agentco.adapters.state import reports

        rows = self.read(lambda t: t.rows("SELECT line, hash FROM audit ORDER BY seq"))
        assert broken([(data, name) for data, name in rows]) is None
        return self.read(lambda t: list(reports.audit(t, run.id if run else "")))

    def settle(self, row: Row, how: str) -> None:
        at = self.clock.now().isoformat(timespec="seconds")
        self.write(
            lambda t: settled_by_founder(t, t.effect(row.run, row.number), how, at)
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
