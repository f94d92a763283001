"""Days that pass as fast as a test wants: schedulers as processes that die, on one state file, under one false clock."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from runs.offices import Firm, Still

from agentco.adapters.state import Database, Drivers
from agentco.daemon import Alarm, Scheduler
from agentco.day import (
    MAX_DELAY,
    ScheduledPrompt,
    SlotOutcome,
    Tick,
    last_slot,
    next_slot,
)
from agentco.wiring import open_company


class FalseTime(tzinfo):
    """A zone in which the present moment is what a test's clock says."""

    def __init__(self, clock: Still) -> None:
        self.clock = clock

    def fromutc(self, dt: datetime) -> datetime:
        # What is now has microseconds; a slot, which is only to be seen from here, has none.
        return self.clock.now() if dt.microsecond else dt

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _: datetime | None) -> str:
        return "false"


class FalseLoop:
    """An event loop that does not wait: `pass_until` lets the time of a test's clock pass, wake-up by wake-up."""

    def __init__(self, clock: Still) -> None:
        self.clock, self.loop, self.wakes = clock, asyncio.get_running_loop(), 0
        self.next: tuple[datetime, Callable[[], object]] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loop, name)

    def call_later(self, wait: float, act: Callable[[], object]) -> "FalseLoop":
        self.next = (self.clock.now() + timedelta(seconds=wait), act)
        return self

    def cancel(self) -> None:
        self.next = None

    def jump(self, **span: float) -> None:
        """The clock is set; timers do not notice."""
        self.clock.moment += timedelta(**span)
        self.next = (
            (self.next[0] + timedelta(**span), self.next[1]) if self.next else None
        )

    async def pass_until(self, end: datetime) -> None:
        """Every wake-up until then, one after the other, each until nothing is left to do."""
        while self.next and self.next[0] <= end:
            (self.clock.moment, act), self.next = self.next, None
            self.wakes += 1
            act()
            await settled()
        self.clock.moment = max(self.clock.moment, end)


async def settled() -> None:
    """Wait until nobody else has anything to do."""
    await asyncio.sleep(0)
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


class Died(BaseException):
    """The process ended here."""


@dataclass
class Process:
    """One scheduler of a company; `plan` says what happens to it when it begins a run."""

    firm: Firm
    name: str
    chance: random.Random
    begun: list[tuple[str, datetime, datetime]]
    deadly: float = 0.0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = Database(self.firm.root, name="firm")
        self.drivers = Drivers(self.firm.root)
        self.drivers.become_driver(self.name)
        office = replace(self.firm.office(), store=self.state, drivers=self.drivers)
        self.looked = self.firm.clock.now()
        self.alarm = Alarm(self.firm.clock, FalseTime(self.firm.clock))
        self.scheduler = Scheduler(
            office=office,
            ports=lambda: open_company(self.firm.root),
            begin=self.begin,
            alarm=self.alarm,
            say=self.said.append,
        )

    async def begin(self, prompt: str, slot: datetime) -> str:
        """What the daemon does, in short: the slot gets its run in one transaction."""
        fate = self.chance.random()
        if fate < self.deadly / 2:
            raise Died
        at, run = self.firm.clock.now(), f"{self.name}{len(self.begun)}"
        await self.scheduler.office.write(
            lambda t: t.assign_run_to_slot(prompt, slot, run)
        )
        self.begun.append((prompt, slot, at))
        if fate < self.deadly:
            raise Died
        return run

    async def look(self) -> bool:
        """Look at every prompt that was due since the last look, as the alarm would have it; whether it lived."""
        last, self.looked = self.looked, self.firm.clock.now()
        try:
            for job in self.scheduler.jobs.values():
                if self.looked < last or last_slot(
                    job.cron, last, self.looked, job.zone
                ):
                    await self.scheduler.take_due_slot(job)
        except Died:
            return False
        return True

    def in_false_time(self) -> FalseLoop:
        """From now on the alarm wakes when the test's clock says so."""
        loop = FalseLoop(self.firm.clock)
        self.alarm.configure(  # pyright: ignore[reportUnknownMemberType]
            event_loop=loop, timezone=FalseTime(self.firm.clock)
        )
        return loop

    def end(self) -> None:
        self.drivers.stop_driving()
        self.state.close()

    def ticks(self) -> list[Tick]:
        return self.state.read(lambda t: t.slot_history()).result()


async def born(process: Process, jobs: Iterable[ScheduledPrompt]) -> list[Process]:
    """The process, if it lived through its first look."""
    process.alarm.start(paused=True)  # its time is not the test's
    try:
        await process.scheduler.reload(jobs)
    except Died:
        process.end()
        return []
    return [process]


def lost(
    job: ScheduledPrompt, adopted: datetime, now: datetime, ticks: Sequence[Tick]
) -> str:
    """The slot that nobody dealt with as its policy says, after everybody looked at this moment; else nothing."""
    slot = last_slot(job.cron, adopted, now, job.zone)
    mine = [tick for tick in ticks if tick.job == job.name]
    known = [tick for tick in mine if slot and tick.slot == slot.astimezone(UTC)]
    ran = any(tick.outcome is SlotOutcome.RUN for tick in known)
    # Before the clock went back, a later one ran in its place, or it was too late to run.
    later = slot is not None and any(tick.slot > slot.astimezone(UTC) for tick in mine)
    missed = any(
        tick.outcome is SlotOutcome.MISSED and tick.at - tick.slot > MAX_DELAY
        for tick in known
    )
    return (
        ""
        if slot is None or ran or (missed and (later or job.catch_up == "skip"))
        else f"{job} {slot}: {known}"
    )


def nearest(jobs: Iterable[ScheduledPrompt], now: datetime) -> datetime:
    """When the first of these is due."""
    return min(
        slot for job in jobs if (slot := next_slot(job.cron, now, job.zone))
    ).astimezone(UTC)
