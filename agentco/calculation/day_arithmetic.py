"""Days between dates, and dates so many days, months or working days away."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from agentco.calculation.arithmetic import PAIR, Calculated
from agentco.calculation.operations import ComputeAct
from agentco.kernel.dates import (
    EARLIEST,
    LATEST,
    IsHoliday,
    next_working_day,
    parse_iso_date,
)
from agentco.kernel.errors import WrongUsage

MONTHS = 12
MOST_DAYS = 100_000


def calculate_days(
    kind: ComputeAct, dates: Sequence[str], count: int, is_holiday: IsHoliday
) -> Calculated:
    """Calculate from ISO dates; `count` is how many days or months are added.

    Raises WrongUsage for what is not a date, and for dates outside the calendar of a company.
    """
    days = [_read_date(text) for text in dates]
    wanted = PAIR if kind is ComputeAct.DAYS_BETWEEN else 1
    if len(days) != wanted:
        word = "two dates" if wanted == PAIR else "one date"
        what = f"{kind} takes {word}, and there are {len(days)}"
        raise WrongUsage(what, hint='give them in `dates`, such as "2026-11-20"')
    first, last = days[0], days[-1]
    if kind is ComputeAct.DAYS_BETWEEN:
        between = f"{(last - first).days} days"
        return Calculated(result=between, calculation=f"from {first} to {last}")
    if kind is ComputeAct.WORKING_DAY:
        day = next_working_day(first, is_holiday)
        how = f"the first working day from {first} on"
        return Calculated(result=_with_weekday(day), calculation=how)
    if abs(count) > MOST_DAYS:
        raise WrongUsage(f"{count} is too many", hint=f"{MOST_DAYS:,} at most")
    is_months = kind is ComputeAct.ADD_MONTHS
    day = add_months(first, count) if is_months else _add_days(first, count)
    unit = "month" if is_months else "day"
    sign, number = "\u2212" if count < 0 else "+", abs(count)
    how = f"{first} {sign} {number} {unit}{'' if number == 1 else 's'}"
    return Calculated(result=_with_weekday(day), calculation=how)


def add_months(day: date, count: int) -> date:
    """The same day so many months later, or the last of a month that is shorter."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + count, MONTHS)
    _require_year(year)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _add_days(day: date, count: int) -> date:
    try:
        later = day + timedelta(days=count)
    except OverflowError:
        later = date.max
    _require_year(later.year)
    return later


def _read_date(text: str) -> date:
    day = parse_iso_date(text.strip())
    if day is None:
        raise WrongUsage(f"{text[:40]!r} is not a date", hint="write it as 2026-11-20")
    _require_year(day.year)
    return day


def _require_year(year: int) -> None:
    if not EARLIEST <= year <= LATEST:
        what = f"the year {year} is outside {EARLIEST} to {LATEST}"
        raise WrongUsage(what, hint="check the dates")


def _with_weekday(day: date) -> str:
    return f"{day} ({day:%A})"
