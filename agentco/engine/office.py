"""Everything a run touches: the state, who drives, the models, the tools, the clock."""

from asyncio import Lock, wrap_future
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from agentco.company.company import Company
from agentco.company.model_offers import Shipped
from agentco.company.records import Agent
from agentco.company.settings import Settings
from agentco.day.schedule_slots import Tick
from agentco.engine.ports import ModelPort, ToolPort
from agentco.rules.audit import Line
from agentco.rules.budget import Cap, Level, Used, caps
from agentco.rules.model_health import Health
from agentco.runs.actions import Doable
from agentco.runs.effects import Row, State, Wanted
from agentco.runs.events import Asked, Entry
from agentco.runs.run import Run
from agentco.runs.transcript import Told

T = TypeVar("T")
P = ParamSpec("P")


class Transaction(Protocol):
    """The state of all runs inside one transaction: kept together or not at all."""

    def create(
        self, run: Run, asked: Asked, *, at: str, cap: int | None, driver: str | None
    ) -> None:
        """A new run with what it was asked."""
        ...

    def run(self, name: str) -> Run:
        """The head of a run. Raises WrongUsage when there is none."""
        ...

    def save(self, run: Run, at: str) -> None:
        """The run as it is now."""
        ...

    def runs(self, root: str) -> Sequence[Run]:
        """A root and its children."""
        ...

    def asked(self, run: str) -> Asked | None:
        """What a run was asked; None when that was pruned."""
        ...

    def root(self, name: str) -> tuple[int | None, str | None, str | None]:
        """The cap, the driver and the cancellation of a root."""
        ...

    def set_run(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        ...

    def add(self, run: Run, wanted: Iterable[Wanted], at: str) -> None:
        """What a run wants done."""
        ...

    def keep(self, row: Row) -> None:
        """An effect as it stands now."""
        ...

    def effect(self, run: str, number: int) -> Row:
        """One effect. Raises WrongUsage when there is none."""
        ...

    def effects(self, root: str, *states: State) -> Sequence[Row]:
        """The effects of a root and its children that stand in one of these states; all without any."""
        ...

    def open(self, *states: State) -> Sequence[Row]:
        """The effects of all runs that stand in one of these open states."""
        ...

    def story(self, run: str) -> Sequence[Told]:
        """Every effect of one run with what came of it."""
        ...

    def stored(self, handle: str) -> str | None:
        """The whole text that an effect brought; None for a handle that nobody has."""
        ...

    def dear(self, root: str) -> bool:
        """Whether a root run cost three times the median of its agent's last ten like it."""
        ...

    def put(self, data: bytes, at: str) -> str:
        """Keep a body; returns its hash."""
        ...

    def levels(self, caps: Sequence[Cap]) -> tuple[Level, ...]:
        """What went against each cap."""
        ...

    def pay(self, entry: Entry) -> None:
        """One line of the ledger."""
        ...

    def counted(self, model: str) -> tuple[int, int] | None:
        """The bytes of a prompt and the tokens that the provider last counted in it."""
        ...

    def count(self, model: str, size: int, tokens: int) -> None:
        """What a provider counted."""
        ...

    def used(self, model: str, day: str) -> Used:
        """What a model came to on a day of the company."""
        ...

    def health(self, model: str) -> Health | None:
        """How a model does that failed of late; None for one that answers."""
        ...

    def ails(self, health: Health) -> None:
        """How a model does after it failed."""
        ...

    def ticks(self, job: str, *, before: str, limit: int) -> Sequence[Tick]:
        """What became of the last slots of a prompt before a local time."""
        ...

    def tick(self, tick: Tick) -> None:
        """What became of a slot; what is no longer taken stays as it is."""
        ...

    def began(self, job: str, slot: datetime, run: str) -> None:
        """A slot that was taken has its run. Raises WrongUsage when it had one."""
        ...

    def propose(
        self, name: str, row: Row, what: str, action: Doable, *, at: str, expires: str
    ) -> None:
        """Something that an agent may not do by itself."""
        ...

    def note(self, line: Line) -> None:
        """One more line of the audit."""
        ...

    def halts(self) -> bool:
        """Whether anybody is halted."""
        ...

    def halted(self, agents: Iterable[str]) -> str:
        """Since when the company, or one of these agents, is halted; empty when it is not."""
        ...

    def restrict(self, agent: str, at: str, why: str) -> bool:
        """Let an agent only read from now on; False when it was so."""
        ...

    def restricted(self, agent: str) -> str:
        """Why an agent may only read; empty when it may do more."""
        ...


class StorePort(Protocol):
    """Where the state is kept."""

    def write(self, act: Callable[[Transaction], T]) -> Future[T]:
        """Do it in one transaction; what it did is on the disk when the outcome arrives."""
        ...

    def read(self, act: Callable[[Transaction], T]) -> Future[T]:
        """Look at one moment of the state."""
        ...


class DriverPort(Protocol):
    """Which processes drive runs."""

    @property
    def mine(self) -> str:
        """The name under which this process drives."""
        ...

    def alive(self, name: str | None) -> bool:
        """Whether the process of that name still runs."""
        ...


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> datetime:
        """The present moment, with its zone."""
        ...

    def chance(self) -> float:
        """Somewhere from 0 to 1."""
        ...

    def name(self) -> str:
        """A short name that nobody has."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait."""
        ...


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything a run touches. `untrusted` says why nothing may leave the folder, empty when it may.

    The values in `secrets` are told to no model and stand in no stored text. `hear` is told what models say
    while they say it, `watch` how a root stands after each step. Once `closing`, nothing new is begun.
    """

    store: StorePort
    drivers: DriverPort
    models: ModelPort
    tools: ToolPort
    clock: Clock
    settings: Settings
    company: Company
    prices: Mapping[str, Shipped]
    untrusted: str = ""
    secrets: tuple[str, ...] = ()
    ignored: Callable[[str], bool] = lambda _: False
    hear: Callable[[str, str], None] = lambda _run, _text: None
    watch: Callable[[Run], None] = lambda _run: None
    closing: Callable[[], bool] = lambda: False
    at_tools: Lock = field(default_factory=Lock)

    async def write(
        self,
        act: Callable[Concatenate[Transaction, P], T],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """One transaction; what it did is on the disk."""
        return await wrap_future(self.store.write(lambda t: act(t, *args, **named)))

    async def read(
        self,
        act: Callable[Concatenate[Transaction, P], T],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """One look at the state."""
        return await wrap_future(self.store.read(lambda t: act(t, *args, **named)))

    def named(self, name: str) -> str | None:
        """The id of the agent that somebody means by a name."""
        agent = self.company.agent(name)
        return agent.id if agent else None

    @property
    def orchestrator(self) -> Agent | None:
        """Who hands out work, if anybody does."""
        return self.company.agent(self.settings.company.orchestrator or "")

    def stamp(self) -> str:
        """Now, as it is stored."""
        return self.clock.now().isoformat(timespec="seconds")

    def caps(self, run: Run, run_cap: int | None, day: date) -> tuple[Cap, ...]:
        """The caps that a call of a run passes on a day; `run_cap` is the run's own, in micro-dollars."""
        agent = self.company.agent(run.agent)
        own = agent.own.budget_day if agent else None
        budget = self.settings.budget
        return caps(
            budget,
            root=run.root,
            run_cap=run_cap,
            agent=run.agent,
            day=day,
            own_day=own,
        )

    def today(self) -> date:
        """Today, where the company is."""
        return self.clock.now().astimezone(self.settings.zone).date()
