"""Which occurrence of a deadline is open, and on which day it falls.

`Due:` is the first occurrence, `Recurs:` an RFC 5545 rule that starts there, `Done:` an occurrence that is
done: the open one is the first after the last of them. `Shift: next-working-day` moves a date that falls on
a weekend or public holiday to the next day that is neither; the rule itself runs on unmoved dates.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain, islice, takewhile

from msgspec import Struct

from agentco.memory.graph import Entity

# The longest a sensible rule sleeps: 29 February over a century that is no leap year.
HORIZON = timedelta(days=366 * 9)
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST, LATEST = 1900, 2199
LONGEST_RULE = 200
BY_DAYS = re.compile(r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)\b", re.IGNORECASE)
WRONG_INTERVAL = re.compile(r"INTERVAL=(?!0*[1-9])", re.IGNORECASE)
ENDING = re.compile("UNTIL|COUNT", re.IGNORECASE)
MONTH_NUMBERS = frozenset(map(str, range(1, 13)))
# What a rule of days never needs, and what could make it search day by day to the end of the calendar.
TOO_FINE = re.compile("BYHOUR|BYMINUTE|BYSECOND|BYEASTER", re.IGNORECASE)
ENDLESS = re.compile("BYMONTHDAY|BYYEARDAY|BYSETPOS|BYWEEKNO", re.IGNORECASE)
MONTHS = re.compile(r"BYMONTH=([0-9,]+)", re.IGNORECASE)
SATURDAY = 5
SHIFT = "next-working-day"

IsHoliday = Callable[[date], bool]


class Deadline(Struct, frozen=True, kw_only=True):
    """The open occurrence of a deadline; `due` is the day after any shift."""

    name: str
    due: date
    owner: str | None


class DeadlineProblem(ValueError):
    """An observation of a deadline that cannot be read; says which."""


def shifted(day: date, is_holiday: IsHoliday) -> date:
    """`day`, or the next one that is a working day."""
    while (day.weekday() >= SATURDAY or is_holiday(day)) and day < date.max:
        day += timedelta(days=1)
    return day


def read_date(key: str, text: str) -> date:
    """The ISO date of an observation.

    Raises DeadlineProblem with the words to show.
    """
    try:
        day = date.fromisoformat(text.strip() if ISO.fullmatch(text.strip()) else "")
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise DeadlineProblem(f"{key}: {text!r} is not a date such as 2026-11-25")
    return day


def occurrences(due: date, recurs: str | None, until: date) -> Iterator[date]:
    """The dates of a deadline in order, `due` first, none after `until`.

    Raises DeadlineProblem when the rule is not RFC 5545.
    """
    if not recurs:
        return iter((due,))
    from dateutil.rrule import rrule, rrulestr

    _refuse_endless(recurs)
    midnight = datetime.min.time()
    try:
        rule = rrulestr(_dates_only(recurs), dtstart=datetime.combine(due, midnight))
    except (ValueError, TypeError, AttributeError, KeyError):
        raise DeadlineProblem(f"Recurs: {recurs!r} is not a rule such as FREQ=MONTHLY;INTERVAL=3") from None
    if not isinstance(rule, rrule) or not BY_DAYS.search(recurs) or WRONG_INTERVAL.search(recurs):
        raise DeadlineProblem(f"Recurs: {recurs!r} is not one rule that counts in days, months or years")
    ends = ENDING.search(recurs)
    bounded = rule if ends else rule.replace(until=datetime.combine(until, midnight))
    days = (moment.date() for moment in bounded)
    # RFC 5545: the start counts as the first occurrence also where the rule itself would pass it over.
    found = chain((due,), (day for day in takewhile(until.__ge__, days) if day > due))
    count = re.search(r"COUNT=(\d{1,9})", recurs, re.IGNORECASE)
    return islice(found, int(count[1])) if count else found


def _refuse_endless(recurs: str) -> None:
    """Raise DeadlineProblem for rules that could be looked through for ever."""
    if len(recurs) > LONGEST_RULE or TOO_FINE.search(recurs):
        raise DeadlineProblem(f"Recurs: {recurs[:60]!r} is longer or finer than a rule of days can be")
    often = "DAILY" in recurs.upper() or "WEEKLY" in recurs.upper()
    months = MONTHS.search(recurs)
    if often and ENDLESS.search(recurs):
        raise DeadlineProblem(f"Recurs: {recurs!r} picks single days: write FREQ=MONTHLY or FREQ=YEARLY")
    if months and not all(m in MONTH_NUMBERS for m in months[1].split(",")):
        raise DeadlineProblem(f"Recurs: {recurs!r} names a month that is not 1 to 12")


def _dates_only(recurs: str) -> str:
    """UNTIL without its time of day: our occurrences are dates."""
    return re.sub(r"(UNTIL=\d{8})T\d{6}Z?", r"\1", recurs.strip().removeprefix("RRULE:"), flags=re.IGNORECASE)


def interval(recurs: str | None) -> int:
    """How many periods a rule sleeps at a time."""
    found = re.search(r"INTERVAL=(\d{1,3})(?!\d)", recurs or "", re.IGNORECASE)
    return int(found[1]) if found else 1


def open_deadline(entity: Entity, today: date, is_holiday: IsHoliday) -> Deadline | None:
    """The open occurrence of a deadline entity, None when all are done.

    Raises DeadlineProblem when `Due`, `Recurs`, `Done` or `Shift` cannot be read.
    """
    dues = [read_date("Due", text) for text in entity.values("Due")]
    if not dues:
        raise DeadlineProblem("there is no Due: DATE")
    done = max((read_date("Done", text) for text in entity.values("Done")), default=date.min)
    shift = entity.value("Shift")
    if shift not in {None, SHIFT}:
        raise DeadlineProblem(f"Shift: {shift!r} is not {SHIFT}")
    due = dues[-1]
    horizon = max(today, done, due)
    horizon += min(HORIZON * interval(entity.value("Recurs")), date.max - horizon)
    recurs = entity.value("Recurs")
    for day in occurrences(due, recurs, horizon):
        if day > done:
            owner = entity.value("Owner")
            return Deadline(name=entity.name, due=shifted(day, is_holiday) if shift else day, owner=owner)
    if recurs and not ENDING.search(recurs):
        raise DeadlineProblem(f"Recurs: {recurs!r} never comes again after {done}")
    return None
