"""The scheduler: it looks at each prompt that comes due, takes the slot, and has a run begun; it asks no model."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from agentco.day.facts import ScheduledPrompt
from agentco.day.prompt_trackers import slots_count_from
from agentco.day.report import new_trackers
from agentco.day.schedule_slots import SlotOutcome, Tick, facts_fingerprint, ticks_due
from agentco.engine.office import Office
from agentco.engine.ports import StandupPorts
from agentco.engine.slot_alarm import Alarm
from agentco.engine.standup import run_standup
from agentco.engine.store import Transaction
from agentco.kernel.errors import AgentcoError, NeedsFounder

RunStarter = Callable[[str, datetime], Awaitable[str]]
"""Begins a run of a prompt for a slot, with that slot in its `Wish`, and returns the run's id."""
KNOWN_SLOTS, A_DAY = 200, timedelta(days=1)


@dataclass(kw_only=True)
class Scheduler:
    """One of any number of schedulers of a company. `ports` are the company's files as they are now.

    `say` is told in one line what could not be done; the schedule goes on.
    """

    office: Office
    ports: Callable[[], StandupPorts]
    begin: RunStarter
    alarm: Alarm
    say: Callable[[str], None]
    jobs: dict[str, ScheduledPrompt] = field(default_factory=dict)
    beginning: set[tuple[str, datetime]] = field(default_factory=set)

    async def reload(self, jobs: Iterable[ScheduledPrompt]) -> None:
        """Take up the prompts as they are now; one that did not change keeps its time.

        What an edit made due in the past is not made up for.
        """
        if not self.alarm.running:
            self.alarm.start()
        before, self.jobs = self.jobs, {job.name: job for job in jobs}
        await to_thread(self._track_new_prompts)
        for name in before.keys() - self.jobs.keys():
            self.alarm.unschedule_prompt(name)
        for name, job in self.jobs.items():
            if before.get(name) != job:
                self.alarm.schedule_prompt(job, self.take_due_slot)
                await self.take_due_slot(
                    replace(job, catch_up="skip") if name in before else job
                )

    async def take_due_slot(self, job: ScheduledPrompt) -> None:
        """Take the slot of a prompt that is due, and have it begun."""
        try:
            since, news = await to_thread(self._since_and_news, job)
            if tick := await self.office.write(
                self._take_slot,
                job,
                since,
                f"{self.office.drivers.mine} {news}".strip(),
            ):
                await self._begin_run(tick)
        except AgentcoError as error:
            self.say(f"/{job.name}: {error.what}; {error.hint}")
            self.alarm.retry_soon(job.name)

    def _track_new_prompts(self) -> None:
        """From now on the slots of a prompt count that nobody saw before."""
        memory, at = self.ports().memory, self.office.clock.now()
        if records := new_trackers(self.jobs, memory.load_graph().trusted_part, at):
            memory.apply_changes(
                expired=(),
                superseded=(),
                records=records,
                at=at.isoformat(timespec="seconds"),
            )

    def _since_and_news(self, job: ScheduledPrompt) -> tuple[datetime | None, str]:
        """Since when its slots count, and the news that it waits for."""
        ports, now = self.ports(), self.office.clock.now()
        news = (
            facts_fingerprint(run_standup(ports, moment=now).facts)
            if job.wake == "facts"
            else ""
        )
        return slots_count_from(
            ports.memory.load_graph().trusted_part.find_entity(f"prompt-run:{job.name}")
        ), news

    def _take_slot(
        self, tx: Transaction, job: ScheduledPrompt, since: datetime | None, why: str
    ) -> Tick | None:
        now = self.office.clock.now()
        known = tx.slot_history(
            job.name,
            before=(now.astimezone(job.zone) + A_DAY).isoformat(),
            limit=KNOWN_SLOTS,
        )
        ticks = ticks_due(job, known, self._is_abandoned, now=now, since=since, why=why)
        for tick in ticks:
            tx.save_slot(tick)
        taken = next(
            (tick for tick in ticks if tick.outcome is SlotOutcome.TAKEN), None
        )
        self.beginning |= {(taken.job, taken.slot)} if taken else set()
        return taken

    def _is_abandoned(self, tick: Tick) -> bool:
        mine = tick.driver == self.office.drivers.mine
        return (
            (tick.job, tick.slot) not in self.beginning
            if mine
            else not self.office.drivers.is_alive(tick.driver)
        )

    async def _begin_run(self, tick: Tick) -> None:
        try:
            await self.begin(tick.job, tick.slot)
        except (AgentcoError, OSError) as error:
            # What only the founder can lift, a halt or missing trust, is no failure of the prompt.
            outcome = (
                SlotOutcome.MISSED
                if isinstance(error, NeedsFounder)
                else SlotOutcome.FAILED
            )
            ended = replace(tick, outcome=outcome, why=str(error))
            await self.office.write(lambda t: t.save_slot(ended))
            self.say(f"/{tick.job}: {error}")
        finally:
            self.beginning.discard((tick.job, tick.slot))
