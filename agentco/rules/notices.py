"""What the founder is told unasked: each event once, one thing at most once an hour, nothing in quiet hours."""

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
    moment = max(now, last + HOUR) if last and last <= now else now
    start, end = map(time.fromisoformat, (quiet_hours or "00:00-00:00").split("-"))
    local, over_night = moment.astimezone(zone), end < start
    at = local.time()
    if not (at >= start or at < end if over_night else start <= at < end):
        return moment
    return datetime.combine(
        local.date() + timedelta(days=over_night and at >= start), end, tzinfo=zone
    )


def notices_to_send(
    notices: Iterable[Notice],
    told: Mapping[str, datetime],
    now: datetime,
    quiet_hours: str | None,
    zone: ZoneInfo,
) -> tuple[list[Notice], datetime | None]:
    """Which notices may be told now, and when the first of those held back may be; `told` has keys and things."""
    new = [
        (earliest_notice_time(now, told.get(one.thing), quiet_hours, zone), one)
        for one in notices
        if one.key not in told
    ]
    return [one for when, one in new if when <= now], min(
        (when for when, _ in new if when > now), default=None
    )


def budget_notices(levels: Iterable[CapLevel]) -> list[Notice]:
    """What is used up to four fifths, and what is used up."""
    shares = (
        (one, "out" if one.spent >= one.cap else "80 %", cap_warnings([one]))
        for one in levels
    )
    return [
        Notice(f"budget:{one.scope}:{share}", "", text)
        for one, share, text in shares
        if text
    ]
