"""What the founder is told unasked: an event once, a thing once an hour, quiet hours kept."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.rules.budget import CapLevel, cap_warnings

HOUR = timedelta(hours=1)


class Notice(Struct, frozen=True):
    """What happened to a thing, such as an item of an agent's inbox; line by line."""

    thing: str
    event: str
    lines: tuple[str, ...]

    @property
    def key(self) -> str:
        """What is remembered of it once it was told."""
        return f"{self.thing}:{self.event}"


def earliest_notice_time(
    now: datetime, last: datetime | None, quiet_hours: str | None, zone: ZoneInfo
) -> datetime:
    """When something may be told of which the founder was `last` told then: now, or later."""
    moment = now
    if last and last <= now:
        moment = max(now, last + HOUR)
    if not quiet_hours:
        return moment
    start, end = map(time.fromisoformat, quiet_hours.split("-"))
    local = moment.astimezone(zone)
    if not _is_between(local.time(), start, end):
        return moment
    next_day = local.time() >= end
    morning = local.date() + timedelta(days=next_day)
    return datetime.combine(morning, end, tzinfo=zone)


def _is_between(at: time, start: time, end: time) -> bool:
    """Whether a time is in hours that may go over midnight."""
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def notices_to_send(
    notices: Iterable[Notice],
    told: Mapping[str, datetime],
    now: datetime,
    quiet_hours: str | None,
    zone: ZoneInfo,
) -> tuple[list[Notice], datetime | None]:
    """Which notices may be told now, and when the first of those held back may be.

    `told` has the moments at which keys and things were told.
    """
    ready: list[Notice] = []
    later: list[datetime] = []
    for notice in notices:
        if notice.key in told:
            continue
        when = earliest_notice_time(now, told.get(notice.thing), quiet_hours, zone)
        if when <= now:
            ready.append(notice)
        else:
            later.append(when)
    return ready, min(later, default=None)


def budget_notices(levels: Iterable[CapLevel]) -> list[Notice]:
    """What is used up to four fifths, and what is used up."""
    notices: list[Notice] = []
    for level in levels:
        share = "out" if level.spent >= level.cap else "80 %"
        warnings = cap_warnings([level])
        if warnings:
            notices.append(Notice(f"budget:{level.scope}:{share}", "", warnings))
    return notices
