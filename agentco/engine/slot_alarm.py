"""The alarm: wakes when a prompt is due, by the one rule that the standup has too. APScheduler, which has no types."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from agentco.day.facts import ScheduledPrompt
from agentco.day.schedule import next_slot
from agentco.engine.office import Clock

RECHECK_AFTER = timedelta(minutes=10)


class SlotTrigger(BaseTrigger):
    """When a prompt is due."""

    def __init__(self, job: ScheduledPrompt) -> None:
        self.job = job

    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The first slot after now; slots that passed meanwhile are one look, which finds them in the state."""
        del previous_fire_time
        return next_slot(self.job.cron, now, self.job.zone)


class Alarm(AsyncIOScheduler):
    """Wakes for each slot, and every ten minutes: timers stand still while a machine sleeps, and a clock may be set."""

    def __init__(self, clock: Clock, zone: tzinfo = UTC) -> None:
        super().__init__(timezone=zone)
        self.clock, self.seen = clock, clock.now()

    def schedule_prompt(
        self, job: ScheduledPrompt, act: Callable[[ScheduledPrompt], Awaitable[None]]
    ) -> None:
        """Do it at every slot of a prompt, in place of what was done before."""
        self.add_job(
            act,
            SlotTrigger(job),
            id=job.name,
            args=[job],
            misfire_grace_time=None,
            replace_existing=True,
        )

    def retry_soon(self, name: str) -> None:
        """Ring once more soon: something could not be looked at."""
        if job := self.get_job(name):
            job.modify(
                next_run_time=min(job.next_run_time, self.clock.now() + RECHECK_AFTER)
            )

    def unschedule_prompt(self, name: str) -> None:
        """A prompt has no schedule any more."""
        self.remove_job(name)

    def _process_jobs(self) -> float | None:
        before, self.seen = self.seen, self.clock.now()
        for job in self.get_jobs() if self.seen < before else ():
            job.reschedule(job.trigger)
        return super()._process_jobs()

    def _start_timer(self, wait_seconds: float | None) -> None:
        if self.running:  # a wake-up may be on its way to one that was shut down
            most = RECHECK_AFTER.total_seconds()
            super()._start_timer(
                most if wait_seconds is None else min(wait_seconds, most)
            )
