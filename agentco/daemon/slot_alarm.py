"""The alarm: APScheduler, which has no types, on the standup's own rule of what is due."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from agentco.day.facts import ScheduledPrompt
from agentco.day.schedule import next_slot
from agentco.ports.process import Clock

RECHECK_AFTER = timedelta(minutes=10)


class SlotTrigger(BaseTrigger):
    """When a prompt is due."""

    def __init__(self, job: ScheduledPrompt) -> None:
        self.job = job

    def get_next_fire_time(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the first slot after now.

        Slots that passed meanwhile need one look only, which finds them in the state.
        """
        del previous_fire_time
        return next_slot(self.job.cron, now, self.job.zone)


class Alarm(AsyncIOScheduler):
    """Wakes for each slot, and every ten minutes.

    Timers stand still while a machine sleeps, and a clock may be set.
    """

    def __init__(self, clock: Clock, zone: tzinfo = UTC) -> None:
        super().__init__(timezone=zone)
        self.clock = clock
        self.last_wake = clock.now()

    def schedule_prompt(
        self, job: ScheduledPrompt, act: Callable[[ScheduledPrompt], Awaitable[None]]
    ) -> None:
        """Call `act` at every slot of a prompt, in place of what was called before."""
        self.add_job(
            act,
            SlotTrigger(job),
            id=job.name,
            args=[job],
            misfire_grace_time=None,
            replace_existing=True,
        )

    def retry_soon(self, name: str) -> None:
        """Wake once more soon: something could not be looked at."""
        if job := self.get_job(name):
            soon = self.clock.now() + RECHECK_AFTER
            job.modify(next_run_time=min(job.next_run_time, soon))

    def unschedule_prompt(self, name: str) -> None:
        """Forget a prompt that has no schedule any more."""
        self.remove_job(name)

    def _process_jobs(self) -> float | None:
        last_wake = self.last_wake
        self.last_wake = self.clock.now()
        if self.last_wake < last_wake:  # the clock was set back
            for job in self.get_jobs():
                job.reschedule(job.trigger)
        return super()._process_jobs()

    def _start_timer(self, wait_seconds: float | None) -> None:
        if self.running:  # a wake-up may be on its way to one that was shut down
            longest = RECHECK_AFTER.total_seconds()
            if wait_seconds is not None:
                longest = min(wait_seconds, longest)
            super()._start_timer(longest)
