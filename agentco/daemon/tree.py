"""The daemon: one tree of what stays up day and night, and what it does when something changed.

root (rest_for_one): the state, the run server, the scheduler, the departments, the watch, the messages. Each
department is a supervisor of its own, and its root runs are the children; one that gives up is restricted, and no
other hears of it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from agentco.adapters.clock import RealClock
from agentco.adapters.files import trust_file
from agentco.adapters.files.company_files import FileStamps, file_stamps
from agentco.adapters.state.drivers import Drivers
from agentco.adapters.state.report_queries import find_run
from agentco.adapters.state.transaction import Transaction
from agentco.daemon.notifier import Notifier
from agentco.daemon.run_server_client import RunProcess, RunServer
from agentco.daemon.run_server_messages import StopRun
from agentco.desk.company_status import ActiveRun, CompanyStatus, company_status
from agentco.desk.scheduled_request import scheduled_run_request
from agentco.engine.cancel import cancel_run
from agentco.engine.scheduler import Scheduler
from agentco.engine.slot_alarm import Alarm
from agentco.engine.standup import scheduled_prompts
from agentco.engine.start import prepare_run
from agentco.engine.supervise import Supervisor
from agentco.engine.supervised_coroutine import Routine
from agentco.kernel.errors import AgentcoError, Severity, StateBroken, WrongUsage
from agentco.rules.budget import format_dollars
from agentco.runs.run import RunPhase
from agentco.supervision.child_specs import ChildSpec, Policy, RestartRule, Strategy
from agentco.supervision.end_reasons import EndKind
from agentco.supervision.events import ChildExited, SupervisorEvent
from agentco.supervision.orders import SupervisorOrder
from agentco.supervision.supervisor import ChildState
from agentco.wiring import CompanyOffice, CompanyPorts, company_ports, secret_values

T = TypeVar("T")
POLL_S, NOTIFY_PAUSE_S, HOUR_S = 1.0, 10.0, 3600.0
GRACE_MS, DRAIN_MS = 3_000, 10_000
BACKOFF = (0.0, 0.5, 2.0)
MAX_RETRY_MIN = 15
ROOT_POLICY = Policy(strategy=Strategy.REST_FOR_ONE, intensity=5, period=60)


class Daemon:
    """One company's day and night. `tell` hears one line of what happens, `show` how things stand."""

    def __init__(
        self,
        edges: CompanyPorts,
        office: CompanyOffice,
        tell: Callable[[str], None],
        show: Callable[[CompanyStatus], None],
    ) -> None:
        self.root, self.clock = edges.company.root, RealClock()
        self.edges: CompanyPorts = edges
        self.office: CompanyOffice = office
        self.tell, self.show = tell, show
        self.files = (self.root, trust_file.trust_file_path(self.root))
        self.marks: FileStamps = file_stamps(*self.files)
        self.news, self.day = asyncio.Event(), CompanyStatus()
        self.changed, self.scheduler = asyncio.Event(), self.new_scheduler()
        self.found = set[str]()
        self.known, self.tries, self.later = (
            set[str](),
            dict[str, int](),
            dict[str, datetime](),
        )
        self.stood: dict[str, ActiveRun] | None = None
        self.departments = dict[str, Supervisor]()
        self.server, self.team = self.new_run_server(), self.new_departments()
        specs = (
            ChildSpec(
                id="the state", make=lambda: Routine(self.watch_state, self.clock)
            ),
            ChildSpec(id="the run server", make=self.new_run_server, shutdown=GRACE_MS),
            ChildSpec(
                id="the scheduler", make=lambda: Routine(self.run_scheduler, self.clock)
            ),
            ChildSpec(id="the departments", make=self.new_departments, shutdown=None),
            ChildSpec(
                id="the watch", make=lambda: Routine(self.watch_for_changes, self.clock)
            ),
            ChildSpec(
                id="the messages", make=lambda: Routine(self.send_notices, self.clock)
            ),
        )
        self.tree = Supervisor(ROOT_POLICY, specs, self.clock, self.report_crash)

    # the tree

    def new_run_server(self) -> RunServer:
        """A life of the run server; what it was to wait for, it need not."""
        self.server = RunServer(self.edges.company, self.fail_limited_run)
        self.later.clear()
        return self.server

    def new_departments(self) -> Supervisor:
        """The departments, each with its own supervisor."""
        specs = [self.department_spec(agent.id) for agent in self.office.company.agents]
        self.team = Supervisor(Policy(), specs, self.clock, self.restrict_department)
        return self.team

    def department_spec(self, agent: str) -> ChildSpec:
        """A department: its runs go on when they crash, but not for ever."""
        limits = self.office.settings.supervision.agents
        policy = Policy(
            intensity=limits.restarts, period=limits.within, backoff=BACKOFF
        )

        def made() -> Supervisor:
            self.departments[agent] = Supervisor(
                policy, (), self.clock, self.report_crash
            )
            return self.departments[agent]

        return ChildSpec(
            id=agent, make=made, restart=RestartRule.TEMPORARY, shutdown=None
        )

    def report_crash(self, event: SupervisorEvent | SupervisorOrder) -> None:
        """Something in the tree ended by itself."""
        if isinstance(event, ChildExited) and event.reason.how in {
            EndKind.CRASHED,
            EndKind.KILLED,
        }:
            self.tell(
                f"{event.id} ended: {event.reason.why}; it is started again and goes on"
            )

    def restrict_department(self, event: SupervisorEvent | SupervisorOrder) -> None:
        """A department whose runs crash again and again may only read, until the founder looks."""
        if isinstance(event, ChildExited) and event.reason.why:
            agent, why, at = event.id, event.reason.why, self.office.now_iso()
            del self.departments[agent]
            self.office.store.write(
                lambda tx: (
                    tx.lift_restriction(agent, at),
                    tx.restrict_agent(agent, at, why),
                )
            )  # from now on
            self.tell(
                f"{agent} is restricted to reading: {why}; agentco resume {agent} lifts it"
            )
            self.news.set()

    def fail_limited_run(self, run: str, why: str) -> None:
        """A run broke a limit: it is over, with the reason."""
        at = self.office.now_iso()
        self.office.store.write(
            lambda tx: cancel_run(tx, run, f"ended: {why}", at, RunPhase.FAILED)
        )
        self.news.set()

    # what goes on

    async def read_state(self, act: Callable[[Transaction], T]) -> T:
        """Look at the state."""
        return await asyncio.wrap_future(self.office.store.read(act))

    async def watch_state(self) -> None:
        """Notice what other processes write. A state that is damaged ends the daemon."""
        before = -1
        [(found,)] = await self.read_state(
            lambda t: t.fetch_rows("PRAGMA quick_check(1)")
        )
        if found != "ok":
            raise StateBroken(f"the state is damaged: {found}", hint="agentco doctor")
        while True:
            [(version,)] = await self.read_state(
                lambda t: t.fetch_rows("PRAGMA data_version")
            )
            if version != before:
                before = version
                self.news.set()
            await self.clock.pause(POLL_S)

    async def watch_for_changes(self) -> None:
        """Take up what changed, and have everything driven that can go on."""
        self.news.set()
        while True:
            if (
                found := await asyncio.to_thread(file_stamps, *self.files)
            ) != self.marks:
                self.marks = found
                await self.reload_company()
            due = any(at <= self.clock.now() for at in self.later.values())
            if self.news.is_set() or due or self.is_driven_elsewhere():
                self.news.clear()
                await self.drive_ready_runs()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), POLL_S)

    def new_scheduler(self) -> Scheduler:
        """A scheduler by the company as it is now."""
        alarm = Alarm(self.clock, self.office.settings.time_zone)
        return Scheduler(
            office=self.office,
            ports=lambda: self.edges,
            begin=self.begin_prompt,
            alarm=alarm,
            say=self.tell,
        )

    async def run_scheduler(self) -> None:
        """Have each prompt begun when it is due."""
        self.scheduler = self.new_scheduler()
        try:
            await self.scheduler.reload(
                scheduled_prompts(self.office.company, self.office.settings.time_zone)
            )
            await asyncio.Event().wait()
        finally:
            if self.scheduler.alarm.running:
                self.scheduler.alarm.shutdown(wait=False)

    async def begin_prompt(self, prompt: str, slot: datetime) -> str:
        """Begin the run of a prompt that is due; a process of its own drives it."""
        office = self.office
        name, first = prepare_run(
            await asyncio.to_thread(
                scheduled_run_request, office, self.edges, prompt, slot
            ),
            office,
        )

        def undriven(tx: Transaction) -> None:
            first(tx)
            tx.update_root(name, driver=None)

        await asyncio.wrap_future(office.store.write(undriven))
        self.known.add(name)
        self.news.set()
        return name

    async def send_notices(self) -> None:
        """Tell the founder what is new when something changed, and when what was held back may go."""
        notifier = Notifier(office=self.office, edges=lambda: self.edges, say=self.tell)
        while True:
            self.changed.clear()
            notifier.office, now = self.office, self.clock.now()
            later = await notifier.notify(now)
            await self.clock.pause(NOTIFY_PAUSE_S)
            soon = min(HOUR_S, (later - now).total_seconds() if later else HOUR_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), max(soon, POLL_S))

    def is_driven_elsewhere(self) -> bool:
        """Whether a process still drives that did so before us, as after a killed daemon: its end, nobody tells."""
        return any(
            run.status == "running" and run.root in self.found for run in self.day.runs
        )

    async def drive_ready_runs(self) -> None:
        """Have every piece of work driven that can go on and that nobody drives."""
        now, office, alive = self.clock.now(), self.office, Drivers(self.root).is_alive
        self.day = await self.read_state(
            lambda tx: company_status(tx, office.company, office.settings, now, alive)
        )
        if self.stood is None:
            self.found = {run.root for run in self.day.runs}
        for run in self.day.runs:
            if self.stood is None or run.status == "waiting":
                self.known.add(run.root)
            if run.status != "interrupted" or run.held:
                self.tries.pop(run.root, None)
                self.later.pop(run.root, None)
            elif run.root in self.known:
                if run.ready:
                    self.later[run.root] = max(
                        self.later.get(run.root, run.ready), run.ready
                    )
                if now >= self.later.get(run.root, now):
                    await self.drive_run(run, now)
        await self.tell_changes()
        self.show(self.day)
        self.changed.set()

    async def drive_run(self, run: ActiveRun, now: datetime) -> None:
        """Have a run driven. One that stops without an end, such as for lack of a model, is tried again later."""
        if run.agent not in self.departments:
            await self.team.add(self.department_spec(run.agent))
        department = self.departments[run.agent]
        if department.child_states().get(run.root) in {
            ChildState.UP,
            ChildState.RESTARTING,
        }:
            return
        self.found.discard(run.root)
        tries = self.tries[run.root] = self.tries.get(run.root, 0) + 1
        # The first time at once: a halt that was lifted within a second was never seen here.
        self.later[run.root] = now + timedelta(
            minutes=min(2 ** (tries - 2), MAX_RETRY_MIN) if tries > 1 else 0
        )
        await department.delete(run.root)
        spec = ChildSpec(
            id=run.root,
            make=lambda: RunProcess(run.root, self.server),
            restart=RestartRule.TRANSIENT,
            shutdown=GRACE_MS,
        )
        await department.add(spec)

    async def tell_changes(self) -> None:
        """Tell of each piece of work that stands otherwise than before."""
        before, self.stood = self.stood or {}, {run.run: run for run in self.day.runs}
        for run in self.day.runs:
            driven = run.status == "interrupted" and run.root in self.tries
            if not driven and (
                run.run not in before or before[run.run].status != run.status
            ):
                self.tell(
                    f"{run.agent}: run {run.run} is {run.held or run.status}: {run.title}"
                )
        for name in before.keys() - self.stood.keys():
            self.known.discard(before[name].root)
            self.tell(
                await self.read_state(
                    partial(describe_end, name=name, now=self.office.now_iso())
                )
            )

    async def reload_company(self) -> None:
        """Work by the company's files as they are now; when they are broken, by the last good ones."""
        edges, old = company_ports(self.root), self.office.company
        try:
            company, settings = (
                await asyncio.to_thread(edges.company.load),
                edges.company.settings().require_valid(),
            )
            trust_file.require_trust(self.root, company, settings)
            known = {(one.file, one.code) for one in old.diagnostics}
            if new := [
                d
                for d in company.diagnostics
                if d.level is Severity.ERROR and (d.file, d.code) not in known
            ]:
                raise WrongUsage(
                    f"{new[0].file}:{new[0].line or 1}: {new[0].message}",
                    hint=new[0].hint,
                )
        except AgentcoError as error:
            self.tell(
                f"not taken up: {error.what}; everything goes on as it was before. {error.hint}"
            )
            return
        self.edges = edges
        self.office = replace(
            self.office,
            company=company,
            settings=settings,
            secrets=secret_values(settings),
        )
        self.server.company = edges.company
        self.server.send_order(edges.company)
        self.scheduler.office = self.office
        await self.scheduler.reload(scheduled_prompts(company, settings.time_zone))
        self.tell("the company's files changed, and hold for what begins from now on")
        self.news.set()

    def force_reload(self) -> None:
        """Read the company's files again, whether they seem changed or not."""
        self.marks = frozenset()
        self.news.set()

    async def drain(self) -> None:
        """Begin nothing more, let what is under way end, and end."""
        for run in [*self.server.runs]:
            self.server.send_order(StopRun(run, DRAIN_MS))
        await self.tree.stop(None)


def describe_end(tx: Transaction, name: str, now: str) -> str:
    """How a piece of work ended, in one line."""
    run, usd = tx.load_run(name), find_run(tx, name, now).usd
    how = f"{run.phase} ({run.reason})" if run.reason else run.phase
    return f"{run.agent}: run {name} is {how}, {format_dollars(usd)}: {run.title}"
