"""The daemon: one tree of what stays up day and night, and what it does when something changed.

root (rest_for_one): the state, the run server, the scheduler, the departments, the watch, the
messages. What ends by itself is started again, with all that stands behind it in this line.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from agentco.company.company import Company
from agentco.daemon.departments import Departments, report_crash
from agentco.daemon.live_company import LiveCompany
from agentco.daemon.notifier import Notifier
from agentco.daemon.run_queue import RunQueue
from agentco.daemon.run_server_client import RunProcess, RunServer
from agentco.daemon.run_server_messages import StopRun
from agentco.daemon.scheduler import Scheduler
from agentco.daemon.slot_alarm import Alarm
from agentco.daemon.supervise import Supervisor
from agentco.daemon.supervised_coroutine import Routine
from agentco.desk.company_status import ActiveRun, CompanyStatus, company_status
from agentco.desk.open_company import OpenCompany
from agentco.desk.scheduled_request import scheduled_run_request
from agentco.engine.cancel import cancel_run
from agentco.engine.drive import record_outcomes
from agentco.engine.office import Office
from agentco.engine.start import prepare_run
from agentco.kernel.errors import (
    AgentcoError,
    Severity,
    StateBroken,
    StateGone,
    WrongUsage,
)
from agentco.kernel.money import format_dollars
from agentco.overview.run_status import find_run
from agentco.overview.standup import scheduled_prompts
from agentco.ports.daemon import DaemonPorts
from agentco.ports.store import Transaction
from agentco.ports.trust import require_trusted
from agentco.rules.secrets import secret_values
from agentco.runs.run import RunPhase
from agentco.supervision.child_specs import ChildSpec, Policy, RestartRule, Strategy
from agentco.supervision.supervisor import ChildState
from agentco.wiring import open_company

POLL_S, NOTIFY_PAUSE_S = 1.0, 10.0
MAX_LOOKS_WITHOUT_MEMORY = 3
NOTIFY_AGAIN = timedelta(hours=1)
"""Receivers that could not be reached, and what was held back, are looked at this often."""
RECORD_PAUSE = timedelta(minutes=10)
GRACE_MS, DRAIN_MS = 3_000, 10_000
"""How long a run may take to end when its department ends, and when the whole company does."""
ROOT_POLICY = Policy(strategy=Strategy.REST_FOR_ONE, intensity=5, period=60)
UP = frozenset({ChildState.UP, ChildState.RESTARTING})


class Daemon:
    """One company's day and night. `tell` hears what happens, `show` how things stand."""

    def __init__(
        self,
        live: LiveCompany,
        ports: DaemonPorts,
        tell: Callable[[str], None],
        show: Callable[[CompanyStatus], None],
    ) -> None:
        self.live = live
        self.ports = ports
        self.tell = tell
        self.show = show
        self.marks: Hashable = ports.change_marks()
        self.status = CompanyStatus()
        self.queue = RunQueue()
        self.record_again = ports.clock.now()
        """Until then the memory is not told how prompts ended: it could not be written."""
        self.look_wanted = asyncio.Event()
        """Something changed, so the runs are to be looked at."""
        self.looks_without_memory = 0
        self.state_lost: StateGone | None = None
        """Why nobody can go on, such as that the folder was moved."""
        self.looked = asyncio.Event()
        """The runs were looked at, so there may be something to tell the founder."""
        self.scheduler = self.new_scheduler()
        self.server = self.new_run_server()
        self.departments = self.new_departments()
        watch = partial(report_crash, self.tell)
        self.tree = Supervisor(ROOT_POLICY, self.child_specs(), ports.clock, watch)

    @property
    def office(self) -> Office:
        """Everything that a run touches, by the company as it is now."""
        return self.live.office

    # the tree

    def child_specs(self) -> tuple[ChildSpec, ...]:
        """What stays up, in the order in which it starts."""

        def routine(
            work: Callable[[], Coroutine[Any, Any, None]],
        ) -> Callable[[], Routine]:
            return lambda: Routine(work, self.ports.clock)

        return (
            ChildSpec(id="the state", make=routine(self.watch_state)),
            ChildSpec(
                id="the run server", make=self.renew_run_server, shutdown=GRACE_MS
            ),
            ChildSpec(id="the scheduler", make=routine(self.run_scheduler)),
            ChildSpec(id="the departments", make=self.renew_departments, shutdown=None),
            ChildSpec(id="the watch", make=routine(self.watch_for_changes)),
            ChildSpec(id="the messages", make=routine(self.send_notices)),
        )

    def new_run_server(self) -> RunServer:
        """A life of the run server."""
        files = self.live.company.files
        return RunServer(files, self.ports.processes, self.fail_limited_run)

    def renew_run_server(self) -> RunServer:
        """Another life of the run server; no run need wait for what made it pause."""
        self.server = self.new_run_server()
        self.queue.retry_all()
        return self.server

    def new_departments(self) -> Departments:
        """A life of the departments."""
        return Departments(self.live, self.ports, self.tell, self.look_wanted.set)

    def renew_departments(self) -> Supervisor:
        """Another life of the departments, without runs."""
        self.departments = self.new_departments()
        return self.departments.supervisor

    def new_scheduler(self) -> Scheduler:
        """A scheduler by the company as it is now."""
        return Scheduler(
            office=self.office,
            ports=lambda: self.live.company,
            begin=self.begin_prompt,
            alarm=Alarm(self.ports.clock, self.office.settings.time_zone),
            say=self.tell,
        )

    # what each child does

    async def watch_state(self) -> None:
        """Notice what others write. A state or a memory that is gone or damaged ends the daemon."""
        try:
            await self.watch_open_state()
        except StateGone as error:
            self.state_lost = error
            self.tree.request_stop()

    async def watch_open_state(self) -> None:
        """The same, as long as the state is where it was. Raises StateBroken, StateGone."""
        damage = await self.office.read(lambda tx: tx.find_damage())
        if damage:
            raise StateBroken(f"the state is damaged: {damage}", hint="agentco doctor")
        last_mark: object = None
        while True:
            mark = await self.office.read(lambda tx: (tx.change_mark(), tx.halts()))
            if mark != last_mark:
                last_mark = mark
                self.look_wanted.set()
            self.require_memory()
            self.ports.trim_log()
            await self.ports.clock.pause(POLL_S)

    def require_memory(self) -> None:
        """Raise StateGone once the memory is missed for longer than another branch takes git."""
        try:
            self.live.company.memory.require_file()
            self.looks_without_memory = 0
        except StateBroken as error:
            self.looks_without_memory += 1
            if self.looks_without_memory >= MAX_LOOKS_WITHOUT_MEMORY:
                raise StateGone(error.what, hint=error.hint) from error

    async def run_scheduler(self) -> None:
        """Have each prompt begun when it is due."""
        self.scheduler = self.new_scheduler()
        try:
            await self.reload_schedule()
            await asyncio.Event().wait()
        finally:
            if self.scheduler.alarm.running:
                self.scheduler.alarm.shutdown(wait=False)

    async def watch_for_changes(self) -> None:
        """Take up what changed, and have everything driven that can go on."""
        self.look_wanted.set()
        while True:
            marks = await asyncio.to_thread(self.ports.change_marks)
            if marks != self.marks:
                self.marks = marks
                await self.reload_company()
            if self.is_look_due():
                self.look_wanted.clear()
                await self.look_at_runs()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.look_wanted.wait(), POLL_S)

    async def send_notices(self) -> None:
        """Tell the founder what is new, once something changed or a held-back notice may go."""
        notifier = Notifier(
            live=self.live, send_message=self.ports.send_message, tell=self.tell
        )
        while True:
            self.looked.clear()
            now = self.ports.clock.now()
            look_again = await notifier.notify(now)
            await self.ports.clock.pause(NOTIFY_PAUSE_S)
            latest = now + NOTIFY_AGAIN
            wait = min(look_again or latest, latest) - now
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self.looked.wait(), max(wait.total_seconds(), POLL_S)
                )

    # runs

    def is_look_due(self) -> bool:
        """Whether something changed, a pause is over, or somebody drives whose end nobody tells."""
        return (
            self.look_wanted.is_set()
            or self.queue.anything_due(self.ports.clock.now())
            or self.queue.is_driven_elsewhere(self.status.runs)
        )

    async def look_at_runs(self) -> None:
        """Have every piece of work driven that can go on and that nobody drives."""
        now, office = self.ports.clock.now(), self.office
        self.departments.gave_up.clear()
        await self.record_outcomes(now)
        self.status = await asyncio.wrap_future(
            office.store.read(
                lambda tx: company_status(
                    tx, office.company, office.settings, now, office.drivers.is_alive
                )
            )
        )
        self.queue.take_up(self.status.runs)
        for run in self.status.runs:
            if self.queue.is_due(run, now):
                await self.drive_run(run, now)
        await self.tell_changes()
        self.show(self.status)
        self.looked.set()

    async def record_outcomes(self, now: datetime) -> None:
        """Tell the memory of prompts whose runs somebody, or a limit, ended."""
        if now < self.record_again:
            return
        try:
            await record_outcomes(self.office)
        except AgentcoError as error:
            self.record_again = now + RECORD_PAUSE
            self.tell(f"how a prompt ended could not be recorded yet: {error.what}")

    async def drive_run(self, run: ActiveRun, now: datetime) -> None:
        """Have a run driven by its department, unless it is.

        One that stops without an end, such as for lack of a model, is tried again later.
        """
        if run.agent in self.departments.gave_up:
            return  # so the look, which is older, does not know that it is restricted
        department = await self.departments.department_of(run.agent)
        if department.child_states().get(run.root) in UP:
            return
        self.queue.count_try(run.root, now)
        await department.delete(run.root)
        spec = ChildSpec(
            id=run.root,
            make=lambda: RunProcess(run.root, self.server),
            restart=RestartRule.TRANSIENT,
            shutdown=GRACE_MS,
        )
        await department.add(spec)

    async def begin_prompt(self, prompt: str, slot: datetime) -> str:
        """Begin the run of a prompt that is due; a process of its own drives it."""
        office, company = self.office, self.live.company
        request = await asyncio.to_thread(
            scheduled_run_request, office, company, prompt, slot
        )
        fingerprints = await office.tools.take_fingerprints(request.produces)
        name, create_run = prepare_run(request, office, fingerprints)

        def create_undriven(tx: Transaction) -> None:
            create_run(tx)
            tx.update_root(name, driver=None)

        await office.write(create_undriven)
        self.queue.ours.add(name)
        self.look_wanted.set()
        return name

    def fail_limited_run(self, run: str, why: str) -> None:
        """End a run that broke a limit, with the reason."""
        at = self.office.now_iso()
        self.office.store.write(
            lambda tx: cancel_run(tx, run, f"ended: {why}", at, RunPhase.FAILED)
        )
        self.look_wanted.set()

    async def tell_changes(self) -> None:
        """Tell of each piece of work that stands otherwise than before."""
        for run in self.queue.changed(self.status.runs):
            standing = run.held or run.status
            self.tell(f"{run.agent}: run {run.run} is {standing}: {run.title}")
        for run in self.queue.finish_look(self.status.runs):
            now = self.office.now_iso()
            self.tell(await self.office.read(describe_end, name=run.run, now=now))
            await self.scheduler.take_queued_slot(run.prompt)

    async def drain(self) -> None:
        """Begin nothing more, let what is under way end, and end."""
        for run in [*self.server.runs]:
            self.server.send_order(StopRun(run, DRAIN_MS))
        await self.tree.stop(None)

    # the company's files

    def force_reload(self) -> None:
        """Read the company's files again, whether they seem changed or not."""
        self.marks = None
        self.look_wanted.set()

    async def reload_company(self) -> None:
        """Work by the company's files as they are now; by the last good ones if they are broken."""
        try:
            company = open_company(self.live.company.root)
            records = await asyncio.to_thread(company.files.load)
            require_trusted(company.trust.status())
            require_nothing_new_broken(records, self.office.company)
        except AgentcoError as error:
            self.tell(
                f"the changes were not loaded: {error.what}; "
                f"everything continues as before. {error.hint}"
            )
            return
        await self.take_up_company(company)
        self.tell("the company's files changed; what starts from now on uses them")
        self.look_wanted.set()

    async def take_up_company(self, company: OpenCompany) -> None:
        """Have what begins from now on work by other files."""
        self.live.company = company
        self.live.office = replace(
            self.office,
            company=company.files.load(),
            settings=company.settings,
            secrets=secret_values(company.settings, company.environment),
        )
        self.server.use_company(company.files)
        self.scheduler.office = self.office
        await self.reload_schedule()

    async def reload_schedule(self) -> None:
        """Have the scheduler take up the prompts as they are now."""
        zone = self.office.settings.time_zone
        await self.scheduler.reload(scheduled_prompts(self.office.company, zone))


def require_nothing_new_broken(company: Company, before: Company) -> None:
    """Raise WrongUsage for the first file that is broken now and was not before."""
    known = {(problem.file, problem.code) for problem in before.diagnostics}
    for problem in company.diagnostics:
        is_new = (problem.file, problem.code) not in known
        if problem.level is Severity.ERROR and is_new:
            place = f"{problem.file}:{problem.line or 1}"
            raise WrongUsage(f"{place}: {problem.message}", hint=problem.hint)


def describe_end(tx: Transaction, *, name: str, now: str) -> str:
    """Say in one line how a piece of work ended."""
    run = tx.load_run(name)
    cost = format_dollars(find_run(tx, name, now).usd)
    how = f"{run.phase} ({run.reason})" if run.reason else run.phase
    return f"{run.agent}: run {name} is {how}, {cost}: {run.title}"
