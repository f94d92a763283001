"""Everything a run touches: the state, who drives, the models, the tools, the clock."""

from asyncio import Lock, wrap_future
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from agentco.company.company import Company
from agentco.company.model_offers import ShippedModel
from agentco.company.records import Agent
from agentco.company.settings import Settings
from agentco.day.schedule_slots import Tick
from agentco.engine.ports import ModelPort, ToolPort
from agentco.rules.audit import AuditLine
from agentco.rules.budget import Cap, CapLevel, ModelUsage, caps_for_call
from agentco.rules.model_health import ModelHealth
from agentco.runs.effects import AnyEffect, EffectRecord, EffectState
from agentco.runs.events import LedgerEntry, TaskAsked
from agentco.runs.run import Run
from agentco.runs.transcript import StoryEntry

T = TypeVar("T")
P = ParamSpec("P")


class Transaction(Protocol):
    """The state of all runs inside one transaction: kept together or not at all."""

    def create_run(
        self,
        run: Run,
        asked: TaskAsked,
        *,
        at: str,
        cap: int | None,
        driver: str | None,
    ) -> None:
        """A new run with what it was asked."""
        ...

    def load_run(self, name: str) -> Run:
        """The head of a run. Raises WrongUsage when there is none."""
        ...

    def save_run(self, run: Run, at: str) -> None:
        """The run as it is now."""
        ...

    def runs_of_root(self, root: str) -> Sequence[Run]:
        """A root and its children."""
        ...

    def load_asked(self, run: str) -> TaskAsked | None:
        """What a run was asked; None when that was pruned."""
        ...

    def root_state(self, name: str) -> tuple[int | None, str | None, str | None]:
        """The cap, the driver and the cancellation of a root."""
        ...

    def update_root(self, root: str, **columns: object) -> None:
        """Change `driver`, `cancel` or `cap` of a root."""
        ...

    def add_effects(self, run: Run, wanted: Iterable[AnyEffect], at: str) -> None:
        """What a run wants done."""
        ...

    def save_effect(self, row: EffectRecord) -> None:
        """An effect as it stands now."""
        ...

    def load_effect(self, run: str, number: int) -> EffectRecord:
        """One effect. Raises WrongUsage when there is none."""
        ...

    def load_effects(self, root: str, *states: EffectState) -> Sequence[EffectRecord]:
        """The effects of a root and its children that stand in one of these states; all without any."""
        ...

    def open_effects(self, *states: EffectState) -> Sequence[EffectRecord]:
        """The effects of all runs that stand in one of these open states."""
        ...

    def load_story(self, run: str) -> Sequence[StoryEntry]:
        """Every effect of one run with what came of it."""
        ...

    def stored_text(self, handle: str) -> str | None:
        """The whole text that an effect brought; None for a handle that nobody has."""
        ...

    def is_unusually_costly(self, root: str) -> bool:
        """Whether a root run cost three times the median of its agent's last ten like it."""
        ...

    def save_body(self, data: bytes, at: str) -> str:
        """Keep a body; returns its hash."""
        ...

    def cap_levels(self, caps: Sequence[Cap]) -> tuple[CapLevel, ...]:
        """What went against each cap."""
        ...

    def record_payment(self, entry: LedgerEntry) -> None:
        """One line of the ledger."""
        ...

    def last_token_count(self, model: str) -> tuple[int, int] | None:
        """The bytes of a prompt and the tokens that the provider last counted in it."""
        ...

    def save_token_count(self, model: str, size: int, tokens: int) -> None:
        """What a provider counted."""
        ...

    def model_usage(self, model: str, day: str) -> ModelUsage:
        """What a model came to on a day of the company."""
        ...

    def model_health(self, model: str) -> ModelHealth | None:
        """How a model does that failed of late; None for one that answers."""
        ...

    def save_model_health(self, health: ModelHealth) -> None:
        """How a model does after it failed."""
        ...

    def slot_history(self, job: str, *, before: str, limit: int) -> Sequence[Tick]:
        """What became of the last slots of a prompt before a local time."""
        ...

    def save_slot(self, tick: Tick) -> None:
        """What became of a slot; what is no longer taken stays as it is."""
        ...

    def assign_run_to_slot(self, job: str, slot: datetime, run: str) -> None:
        """A slot that was taken has its run. Raises WrongUsage when it had one."""
        ...

    def append_audit(self, line: AuditLine) -> None:
        """One more line of the audit."""
        ...

    def anyone_halted(self) -> bool:
        """Whether anybody is halted."""
        ...

    def halt_reason(self, agents: Iterable[str]) -> str:
        """Since when the company, or one of these agents, is halted; empty when it is not."""
        ...

    def restrict_agent(self, agent: str, at: str, why: str) -> bool:
        """Let an agent only read from now on; False when it was so."""
        ...

    def restriction_reason(self, agent: str) -> str:
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

    def is_alive(self, name: str | None) -> bool:
        """Whether the process of that name still runs."""
        ...


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> datetime:
        """The present moment, with its zone."""
        ...

    def random_fraction(self) -> float:
        """Somewhere from 0 to 1."""
        ...

    def new_name(self) -> str:
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
    prices: Mapping[str, ShippedModel]
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
        return await wrap_future(self.store.write(lambda tx: act(tx, *args, **named)))

    async def read(
        self,
        act: Callable[Concatenate[Transaction, P], T],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """One look at the state."""
        return await wrap_future(self.store.read(lambda tx: act(tx, *args, **named)))

    def agent_id(self, name: str) -> str | None:
        """The id of the agent that somebody means by a name."""
        agent = self.company.find_agent(name)
        return agent.id if agent else None

    @property
    def orchestrator(self) -> Agent | None:
        """Who hands out work, if anybody does."""
        return self.company.find_agent(self.settings.company.orchestrator or "")

    def now_iso(self) -> str:
        """Now, as it is stored."""
        return self.clock.now().isoformat(timespec="seconds")

    def caps_for(self, run: Run, run_cap: int | None, day: date) -> tuple[Cap, ...]:
        """The caps that a call of a run passes on a day; `run_cap` is the run's own, in micro-dollars."""
        agent = self.company.find_agent(run.agent)
        own = agent.own.budget_day if agent else None
        budget = self.settings.budget
        return caps_for_call(
            budget,
            root=run.root,
            run_cap=run_cap,
            agent=run.agent,
            day=day,
            own_day=own,
        )

    def today(self) -> date:
        """Today, where the company is."""
        return self.clock.now().astimezone(self.settings.time_zone).date()
