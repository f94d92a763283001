"""Everything a run touches: the state, who drives, the models, the tools, the clock."""

from asyncio import wrap_future
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Concatenate, ParamSpec, TypeVar

from agentco.company.company import Company
from agentco.company.model_offers import ShippedModel
from agentco.company.records import Agent
from agentco.company.settings import Settings
from agentco.permissions.ruling import may_read
from agentco.ports.outside import ModelPort, ToolPort
from agentco.ports.process import Clock, DriverPort
from agentco.ports.store import StorePort, Transaction
from agentco.rules.budget import Cap, caps_for_call
from agentco.runs.run import Run

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything a run touches.

    `untrusted` says why nothing may leave the folder, empty when it may. The values in `secrets`
    reach no model and no stored text. `hear` gets what models say while they say it, by the effect
    that asks them, `think` what they think, `wait` for which model work waits longer than
    `long_wait` seconds. Once `closing`, nothing new is begun.
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
    hear: Callable[[str, str], None] = lambda _effect, _text: None
    think: Callable[[str, str], None] = lambda _run, _thought: None
    wait: Callable[[str], None] = lambda _line: None
    long_wait: float = 5.0
    closing: Callable[[], bool] = lambda: False

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

    def reading_right(self, agent: Agent) -> Callable[[str], bool]:
        """What an agent may read, by the company's rules and its own."""
        rules, own = self.settings.permissions, agent.own.permissions
        return lambda path: may_read(path, rules, own)

    def now_iso(self) -> str:
        """Now, as it is stored."""
        return self.clock.now().isoformat(timespec="seconds")

    def caps_for(self, run: Run, run_cap: int | None, day: date) -> tuple[Cap, ...]:
        """The caps of a call on a day; `run_cap` is the run's own, in micro-dollars."""
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
