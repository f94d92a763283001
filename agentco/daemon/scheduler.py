"""The scheduler: it takes each slot that comes due, and has a run begun; it asks no model."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from agentco.daemon.slot_alarm import Alarm
from agentco.day.facts import ScheduledPrompt
from agentco.day.prompt_trackers import slots_run_from
from agentco.day.report import new_trackers
from agentco.day.schedule_slots import SlotOutcome, Tick, facts_fingerprint, ticks_due
from agentco.engine.office import Office
from agentco.kernel.errors import AgentcoError, NeedsFounder
from agentco.overview.run_status import busy_run
from agentco.overview.standup import run_standup
from agentco.ports.outside import StandupPorts
from agentco.ports.store import Transaction

RunStarter = Callable[[str, datetime], Awaitable[str]]
"""Begins a run of a prompt for a slot, with that slot in its request, and returns the run's id."""
MAX_KNOWN_SLOTS = 200
A_DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Scheduler:
    """One of any number of schedulers of a company.

    `ports` gives the company's files as they are now. `say` is told in one line what could
    not be done; the schedule goes on. `beginning` are the slots whose runs are about to begin.
    """

    office: Office
    ports: Callable[[], StandupPorts]
    begin: RunStarter
    alarm: Alarm
    say: Callable[[str], None]
    jobs: dict[str, ScheduledPrompt] = field(default_factory=dict)
    beginning: set[tuple[str, datetime]] = field(default_factory=set)

    async def reload(self, jobs: Iterable[ScheduledPrompt]) -> None:
        """Schedule the prompts as they are now; one that did not change keeps its time.

        What an edit made due in the past is not made up for.
        """
        if not self.alarm.running:
            self.alarm.start()
        before = self.jobs
        self.jobs = {job.name: job for job in jobs}
        await to_thread(self._track_new_prompts)
        for name in before.keys() - self.jobs.keys():
            self.alarm.unschedule_prompt(name)
        for name, job in self.jobs.items():
            if before.get(name) == job:
                continue
            self.alarm.schedule_prompt(job, self.take_due_slot)
            is_edit = name in before
            await self.take_due_slot(replace(job, catch_up="skip") if is_edit else job)

    async def take_due_slot(self, job: ScheduledPrompt) -> None:
        """Take the slot of a prompt that is due, and have its run begun."""
        try:
            since, news = await to_thread(self._since_and_news, job)
            why = f"{self.office.drivers.mine} {news}".strip()
            tick = await self.office.write(self._take_slot, job, since, why)
            if tick:
                await self._begin_run(tick)
        except AgentcoError as error:
            self.say(f"/{job.name}: {error.what}; {error.hint}")
            self.alarm.retry_soon(job.name)

    async def take_queued_slot(self, prompt: str | None) -> None:
        """Take the slot that waited for the last run of a prompt, which is over now."""
        job = self.jobs.get(prompt or "")
        if job and job.overlap == "queue":
            await self.take_due_slot(job)

    def _track_new_prompts(self) -> None:
        """Count the slots of a new prompt from now on."""
        memory = self.ports().memory
        at = self.office.clock.now()
        records = new_trackers(self.jobs, memory.load_graph().trusted_part, at)
        if records:
            memory.apply_changes(
                expired=(),
                superseded=(),
                records=records,
                at=at.isoformat(timespec="seconds"),
            )

    def _since_and_news(self, job: ScheduledPrompt) -> tuple[datetime | None, str]:
        """Return since when a prompt's slots count, and the fingerprint of its news."""
        ports = self.ports()
        news = ""
        if job.wake == "facts":
            standup = run_standup(ports, moment=self.office.clock.now())
            news = facts_fingerprint(standup.facts)
        graph = ports.memory.load_graph().trusted_part
        return slots_run_from(graph.find_entity(f"prompt-run:{job.name}")), news

    def _take_slot(
        self, tx: Transaction, job: ScheduledPrompt, since: datetime | None, why: str
    ) -> Tick | None:
        """Store what became of a prompt's slots; return the one that was taken."""
        now = self.office.clock.now()
        tomorrow = (now.astimezone(job.zone) + A_DAY).isoformat()
        history = tx.slot_history(job.name, before=tomorrow, limit=MAX_KNOWN_SLOTS)
        scheduled = {tick.run for tick in history}
        alive = self.office.drivers.is_alive
        busy = busy_run(tx, job.name, scheduled, self.office.now_iso(), alive)
        ticks = ticks_due(
            job, history, self._is_abandoned, now=now, since=since, why=why, busy=busy
        )
        taken = None
        for tick in ticks:
            tx.save_slot(tick)
            if busy and tick.why == busy:
                self.say(f"/{job.name} at {tick.slot:%H:%M} is {tick.outcome}: {busy}")
            if taken is None and tick.outcome is SlotOutcome.TAKEN:
                taken = tick
        if taken:
            self.beginning.add((taken.job, taken.slot))
        return taken

    def _is_abandoned(self, tick: Tick) -> bool:
        """Whether nobody begins the run of a slot that was taken."""
        if tick.driver == self.office.drivers.mine:
            return (tick.job, tick.slot) not in self.beginning
        return not self.office.drivers.is_alive(tick.driver)

    async def _begin_run(self, tick: Tick) -> None:
        """Begin the run of a slot, or store why it could not begin."""
        try:
            await self.begin(tick.job, tick.slot)
        except (AgentcoError, OSError) as error:
            # What only the founder can lift, a halt or missing trust, is no failure of the prompt.
            is_failure = not isinstance(error, NeedsFounder)
            outcome = SlotOutcome.FAILED if is_failure else SlotOutcome.MISSED
            ended = replace(tick, outcome=outcome, why=str(error))
            await self.office.write(lambda tx: tx.save_slot(ended))
            self.say(f"/{tick.job}: {error}")
        finally:
            self.beginning.discard((tick.job, tick.slot))
