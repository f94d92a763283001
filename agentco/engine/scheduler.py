"""The scheduler: it looks at each prompt that comes due, takes the slot, and has a run begun; it asks no model."""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from agentco.day.facts import Scheduled, counts_from
from agentco.day.report import new_trackers
from agentco.day.schedule_slots import Outcome, Tick, due, fingerprint
from agentco.engine.office import Office, Transaction
from agentco.engine.ports import Ports
from agentco.engine.slot_alarm import Alarm
from agentco.engine.standup import stand_up
from agentco.kernel.errors import AgentcoError, NeedsFounder

Begin = Callable[[str, datetime], Awaitable[str]]
"""Begins a run of a prompt for a slot, with that slot in its `Wish`, and returns the run's id."""
KNOWN, A_DAY = 200, timedelta(days=1)


@dataclass(kw_only=True)
class Scheduler:
    """One of any number of schedulers of a company. `ports` are the company's files as they are now.

    `say` is told in one line what could not be done; the schedule goes on.
    """

    office: Office
    ports: Callable[[], Ports]
    begin: Begin
    alarm: Alarm
    say: Callable[[str], None]
    jobs: dict[str, Scheduled] = field(default_factory=dict)
    beginning: set[tuple[str, datetime]] = field(default_factory=set)

    async def reload(self, jobs: Iterable[Scheduled]) -> None:
        """Take up the prompts as they are now; one that did not change keeps its time.

        What an edit made due in the past is not made up for.
        """
        if not self.alarm.running:
            self.alarm.start()
        before, self.jobs = self.jobs, {job.name: job for job in jobs}
        await to_thread(self._adopt)
        for name in before.keys() - self.jobs.keys():
            self.alarm.drop(name)
        for name, job in self.jobs.items():
            if before.get(name) != job:
                self.alarm.ring(job, self.look)
                await self.look(
                    replace(job, catch_up="skip") if name in before else job
                )

    async def look(self, job: Scheduled) -> None:
        """Take the slot of a prompt that is due, and have it begun."""
        try:
            since, news = await to_thread(self._known, job)
            if tick := await self.office.write(
                self._taken, job, since, f"{self.office.drivers.mine} {news}".strip()
            ):
                await self._begun(tick)
        except AgentcoError as error:
            self.say(f"/{job.name}: {error.what}; {error.hint}")
            self.alarm.again(job.name)

    def _adopt(self) -> None:
        """From now on the slots of a prompt count that nobody saw before."""
        memory, at = self.ports().memory, self.office.clock.now()
        if records := new_trackers(self.jobs, memory.graph().vouched, at):
            memory.replace(
                expired=(),
                superseded=(),
                records=records,
                at=at.isoformat(timespec="seconds"),
            )

    def _known(self, job: Scheduled) -> tuple[datetime | None, str]:
        """Since when its slots count, and the news that it waits for."""
        ports, now = self.ports(), self.office.clock.now()
        news = (
            fingerprint(stand_up(ports, moment=now).facts)
            if job.wake == "facts"
            else ""
        )
        return counts_from(
            ports.memory.graph().vouched.entity(f"prompt-run:{job.name}")
        ), news

    def _taken(
        self, t: Transaction, job: Scheduled, since: datetime | None, why: str
    ) -> Tick | None:
        now = self.office.clock.now()
        known = t.ticks(
            job.name, before=(now.astimezone(job.zone) + A_DAY).isoformat(), limit=KNOWN
        )
        ticks = due(job, known, self._gone, now=now, since=since, why=why)
        for tick in ticks:
            t.tick(tick)
        taken = next((tick for tick in ticks if tick.outcome is Outcome.TAKEN), None)
        self.beginning |= {(taken.job, taken.slot)} if taken else set()
        return taken

    def _gone(self, tick: Tick) -> bool:
        mine = tick.driver == self.office.drivers.mine
        return (
            (tick.job, tick.slot) not in self.beginning
            if mine
            else not self.office.drivers.alive(tick.driver)
        )

    async def _begun(self, tick: Tick) -> None:
        try:
            await self.begin(tick.job, tick.slot)
        except (AgentcoError, OSError) as error:
            # What only the founder can lift, a halt or missing trust, is no failure of the prompt.
            outcome = (
                Outcome.MISSED if isinstance(error, NeedsFounder) else Outcome.FAILED
            )
            ended = replace(tick, outcome=outcome, why=str(error))
            await self.office.write(lambda t: t.tick(ended))
            self.say(f"/{tick.job}: {error}")
        finally:
            self.beginning.discard((tick.job, tick.slot))
