"""Dates as they are written, working days, and the years that a company's calendar can bear."""

from collections.abc import Callable
from datetime import date, timedelta

EARLIEST = 1900
LATEST = 2199
SATURDAY = 5

IsHoliday = Callable[[date], bool]


def parse_iso_date(text: str) -> date | None:
    """The date that ISO 8601 text names, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def next_working_day(day: date, is_holiday: IsHoliday) -> date:
    """`day`, or the next one that is neither on a weekend nor a holiday."""
    while (day.weekday() >= SATURDAY or is_holiday(day)) and day < date.max:
        day += timedelta(days=1)
    return day
