"""When a scheduled prompt is due: standard cron, read in the prompt's own time zone.

Five fields or a macro; 0 and 7 are Sunday; when neither day field begins with `*`, either may
match (crontab(5)). A time that daylight saving skips runs at the end of the gap, one that it
doubles runs once; a schedule for every hour follows the clock through the doubled ones.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

_YEARLY = "0 0 1 1 *"
_DAILY = "0 0 * * *"
MACROS = {
    "@yearly": _YEARLY,
    "@annually": _YEARLY,
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": _DAILY,
    "@midnight": _DAILY,
    "@hourly": "0 * * * *",
}
FIELD_COUNT = 5
HOURS_A_DAY = 24
NO_CHANGE = timedelta(0)
LOOKBACK_DAYS = (1 / 24, 1, 32, 366, 36_600)
"""How many days are looked back for the last slot, one after the other."""


def expand_macro(cron: str) -> str:
    """The five fields that a macro stands for; anything else as it is."""
    return MACROS.get(cron.strip().lower(), cron.strip())


def cron_problem(cron: str) -> str | None:
    """Why `cron` is no schedule, or None."""
    from cronsim import CronSim, CronSimError

    fields = expand_macro(cron).split()
    if cron.strip().startswith("@") and len(fields) != FIELD_COUNT:
        return f"{cron.strip()!r} is not one of {', '.join(MACROS)}"
    if len(fields) != FIELD_COUNT:
        return f"{cron!r} has {len(fields)} fields, not minute hour day-of-month month day-of-week"
    any_moment = datetime(2000, 1, 1)  # noqa: DTZ001  only the fields are tried
    try:
        next(CronSim(" ".join(fields), any_moment))
    except CronSimError as error:
        return f"{cron!r}: {str(error).lower()}"
    except StopIteration:
        return f"{cron!r} names a day that never comes"
    return None


def slots_after(cron: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every slot later than `after`, in `zone`, the earliest first."""
    last = after.timestamp()
    for slot in _moments(cron, after, zone):
        if slot.timestamp() > last:
            last = slot.timestamp()
            yield slot


def _moments(cron: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When the clock on the wall shows a time of the schedule; the first may precede `after`.

    cronsim is asked about the wall alone: told of the zone, it loses slots where clocks change
    by half an hour.
    """
    from cronsim import CronSim

    wall = CronSim(expand_macro(cron), _wall_before(after, zone))
    every_hour = len(wall.hours) == HOURS_A_DAY
    shown_again: list[datetime] = []
    for time in wall:
        moment = time.replace(tzinfo=zone)
        later = moment.replace(fold=1)
        change = _offset(later) - _offset(moment)
        if change >= NO_CHANGE:
            yield from shown_again
            shown_again = []
        if change <= NO_CHANGE:
            yield moment
        elif not every_hour:
            yield _end_of_gap(moment)
        if change < NO_CHANGE and every_hour:
            shown_again.append(later)


def _wall_before(after: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, or will, if it is set back within a day."""
    here = after.astimezone(zone)
    change = _offset(here + timedelta(days=1)) - _offset(here)
    return here.replace(tzinfo=None) + min(change, NO_CHANGE)


def _end_of_gap(skipped: datetime) -> datetime:
    """The first moment after a time that the clock on the wall never shows."""
    zone = skipped.tzinfo
    while skipped.astimezone(UTC).astimezone(zone) != skipped:
        skipped += timedelta(minutes=1)
    return skipped


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or NO_CHANGE


def next_slot(cron: str, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first slot later than `after`, in `zone`; None for a schedule that has none."""
    return next(slots_after(cron, after, zone), None)


def slots_until(
    cron: str, after: datetime, end: datetime, zone: ZoneInfo
) -> list[datetime]:
    """Every slot later than `after` and not later than `end`."""
    last = end.timestamp()
    slots = slots_after(cron, after, zone)
    return [*takewhile(lambda slot: slot.timestamp() <= last, slots)]


def last_slot(
    cron: str, after: datetime, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The last slot later than `after` and not later than `now`; found without counting all."""
    for days in LOOKBACK_DAYS:
        start = max(after, now - timedelta(days=days))
        slots = slots_until(cron, start, now, zone)
        if slots:
            return slots[-1]
    return None


def max_runs_per_day(cron: str, after: datetime, zone: ZoneInfo) -> int:
    """How often it is due within a day of its next slot."""
    first = next_slot(cron, after, zone)
    if first is None:
        return 0
    end = first + timedelta(hours=23, minutes=59)
    return 1 + len(slots_until(cron, first, end, zone))
