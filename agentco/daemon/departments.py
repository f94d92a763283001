"""The departments, each a supervisor of its own whose children are its root runs.

One that gives up is restricted to reading, and no other hears of it.
"""

from collections.abc import Callable
from functools import partial

from agentco.daemon.live_company import LiveCompany
from agentco.daemon.supervise import Supervisor
from agentco.engine.cancel import note_failures
from agentco.ports.daemon import DaemonPorts
from agentco.ports.store import Transaction
from agentco.supervision.child_specs import ChildSpec, Policy, RestartRule
from agentco.supervision.end_reasons import EndKind
from agentco.supervision.events import ChildExited, SupervisorEvent
from agentco.supervision.orders import SupervisorOrder

BACKOFF_S = (0.0, 0.5, 2.0)
"""The pauses before a crashed run is started again."""


class Departments:
    """One life of all departments. `tell` hears what happens, `restricted` that one gave up."""

    def __init__(
        self,
        live: LiveCompany,
        ports: DaemonPorts,
        tell: Callable[[str], None],
        restricted: Callable[[], None],
    ) -> None:
        self.live = live
        self.ports = ports
        self.tell = tell
        self.restricted = restricted
        self.by_agent = dict[str, Supervisor]()
        self.gave_up = set[str]()
        """Agents whose department gave up since the runs were looked at last."""
        agents = live.office.company.agents
        specs = [self.spec_for(agent.id) for agent in agents]
        self.supervisor = Supervisor(Policy(), specs, ports.clock, self.restrict)

    def spec_for(self, agent: str) -> ChildSpec:
        """A department: its runs go on when they crash, but not for ever."""
        return ChildSpec(
            id=agent,
            make=partial(self.make_department, agent),
            restart=RestartRule.TEMPORARY,
            shutdown=None,
        )

    def make_department(self, agent: str) -> Supervisor:
        """A new life of a department, without runs."""
        limits = self.live.office.settings.supervision.agents
        policy = Policy(
            intensity=limits.restarts, period=limits.within, backoff=BACKOFF_S
        )
        watch = partial(report_crash, self.tell)
        department = Supervisor(policy, (), self.ports.clock, watch)
        self.by_agent[agent] = department
        return department

    async def department_of(self, agent: str) -> Supervisor:
        """Return an agent's department; a new one is added."""
        if agent not in self.by_agent:
            await self.supervisor.add(self.spec_for(agent))
        return self.by_agent[agent]

    def restrict(self, event: SupervisorEvent | SupervisorOrder) -> None:
        """Let a department whose runs crash again and again only read, until the founder looks."""
        if not isinstance(event, ChildExited) or not event.reason.why:
            return
        agent, why = event.id, event.reason.why
        at = self.live.office.now_iso()
        del self.by_agent[agent]
        self.gave_up.add(agent)

        def restrict_from_now(tx: Transaction) -> None:
            tx.lift_restriction(agent, at)
            tx.restrict_agent(agent, at, why)
            note_failures(tx, agent, at)

        self.live.office.store.write(restrict_from_now)
        self.tell(
            f"{agent} is restricted to reading: {why}; agentco resume {agent} lifts it"
        )
        self.restricted()


def report_crash(
    tell: Callable[[str], None], event: SupervisorEvent | SupervisorOrder
) -> None:
    """Tell that something in the tree ended by itself."""
    if not isinstance(event, ChildExited):
        return
    if event.reason.how in {EndKind.CRASHED, EndKind.KILLED}:
        tell(f"{event.id} ended: {event.reason.why}; it will be restarted")
