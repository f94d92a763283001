"""Which occurrence of a deadline is open, and on which day it falls.

`Due:` is the first occurrence, `Recurs:` an RFC 5545 rule that starts there, `Done:` an occurrence
that is done: the open one is the first after the last of them. `Shift: next-working-day` moves a
date that falls on a weekend or public holiday to the next day that is neither; the rule itself
runs on unmoved dates.
"""

import re
from calendar import month_name
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import chain, islice, takewhile

from msgspec import Struct

from agentco.kernel.dates import (
    EARLIEST,
    LATEST,
    IsHoliday,
    next_working_day,
    parse_iso_date,
)
from agentco.memory import graph

# The longest a sensible rule sleeps: 29 February over a century that is no leap year.
HORIZON = timedelta(days=366 * 9)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_RULE_LENGTH = 200
NUMBER = re.compile(r"0*[1-9][0-9]{0,8}")
MONTHS = frozenset(map(str, range(1, 13)))
FREQUENT = frozenset({"DAILY", "WEEKLY"})
BY_DAYS = FREQUENT | {"MONTHLY", "YEARLY"}
ENDING_KEYS = frozenset({"UNTIL", "COUNT"})
# With a rule that comes often, these could be searched for day by day to the end of the calendar.
SINGLE_DAYS = frozenset({"BYMONTHDAY", "BYYEARDAY", "BYSETPOS", "BYWEEKNO"})
RULE_KEYS = SINGLE_DAYS | ENDING_KEYS | {"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "WKST"}
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SHIFT = "next-working-day"

CLOSE_DAYS = 2
"""What is due in so many days stands in the plan by itself."""


class DeadlineFact(Struct, frozen=True, kw_only=True):
    """The open occurrence of a deadline, `due` after any shift; negative `days_left` is overdue."""

    name: str
    due: date
    days_left: int
    owner: str | None


class DeadlineProblem(ValueError):
    """An observation of a deadline that cannot be read; says which."""


def parse_observation_date(key: str, text: str) -> date:
    """The ISO date of an observation.

    Raises DeadlineProblem with the words to show.
    """
    stripped = text.strip()
    day = parse_iso_date(stripped) if ISO_DATE.fullmatch(stripped) else None
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise DeadlineProblem(f"{key}: {text!r} is not a date such as 2026-11-25")
    return day


def occurrences(due: date, recurs: str | None, until: date) -> Iterator[date]:
    """The dates of a deadline in order, `due` first, none after `until`.

    Raises DeadlineProblem for a rule that is not of RFC 5545 in days, months or years.
    """
    if not recurs:
        return iter((due,))
    from dateutil.rrule import rrule, rrulestr

    parts = parse_rule(recurs)
    text = ";".join(f"{key}={value}" for key, value in parts.items())
    midnight = datetime.min.time()
    try:
        rule = rrulestr(text, dtstart=datetime.combine(due, midnight))
    except (ValueError, OverflowError):
        what = f"Recurs: {recurs!r} is not a rule such as FREQ=MONTHLY;INTERVAL=3"
        raise DeadlineProblem(what) from None
    if isinstance(rule, rrule) and parts.keys().isdisjoint(ENDING_KEYS):
        rule = rule.replace(until=datetime.combine(until, midnight))
    days = takewhile(until.__ge__, (moment.date() for moment in rule))
    # RFC 5545: the start is the first occurrence also where the rule itself would pass it over
    dates = chain((due,), filter(due.__lt__, days))
    return islice(dates, int(parts["COUNT"])) if "COUNT" in parts else dates


def parse_rule(recurs: str) -> dict[str, str]:
    """The parts of a rule by their keys; our occurrences are dates, so UNTIL has no time of day.

    Raises DeadlineProblem for rules that are none, or that could be looked through for ever.
    """
    parts: dict[str, str] = {}
    for part in recurs.strip().upper().removeprefix("RRULE:").split(";"):
        key, _, value = part.partition("=")
        parts[key] = value
    problem = _rule_problem(recurs, parts)
    if problem:
        raise DeadlineProblem(f"Recurs: {recurs[:60]!r} {problem}")
    if "UNTIL" in parts:
        parts["UNTIL"] = parts["UNTIL"].partition("T")[0]
    return parts


def _rule_problem(recurs: str, parts: Mapping[str, str]) -> str:
    """What is wrong with the parts of a rule; empty when nothing is."""
    frequency = parts.get("FREQ")
    numbers = (parts.get("INTERVAL", "1"), parts.get("COUNT", "1"))
    months = parts.get("BYMONTH", "1").split(",")
    if len(recurs) > MAX_RULE_LENGTH:
        return "is too long for a recurrence rule"
    is_of_days = frequency in BY_DAYS and parts.keys() <= RULE_KEYS
    if not is_of_days or not all(map(NUMBER.fullmatch, numbers)):
        return "is not a recurrence rule such as FREQ=MONTHLY;INTERVAL=3"
    if frequency in FREQUENT and parts.keys() & SINGLE_DAYS:
        return "picks single days: write FREQ=MONTHLY or FREQ=YEARLY"
    if not MONTHS.issuperset(months):
        return "names a month that is not 1 to 12"
    return ""


def skipped_months(due: date, recurs: str) -> str:
    """What a rule that names the 29th to 31st leaves out, and what was meant; empty if nothing.

    RFC 5545 passes over a month without that day. Raises DeadlineProblem for what is no rule.
    """
    parts = parse_rule(recurs)
    if parts["FREQ"] not in {"MONTHLY", "YEARLY"} or "BYDAY" in parts:
        return ""
    if parts.keys() & {"BYYEARDAY", "BYWEEKNO"}:
        return ""
    named = parts.get("BYMONTHDAY", str(due.day)).split(",")
    if not all(map(NUMBER.fullmatch, named)):
        return ""  # a negative one counts from the end, which every month has
    first_named = min(map(int, named))
    missing = [
        month for month in _months_of(due, parts) if first_named > MONTH_DAYS[month - 1]
    ]
    if not missing:
        return ""
    names = ", ".join(month_name[month] for month in missing)
    kept = ";".join(
        f"{key}={value}" for key, value in parts.items() if key != "BYMONTHDAY"
    )
    meant = f"for the last day of the month write Recurs: {kept};BYMONTHDAY=-1"
    return f"skips months without that day ({names}); {meant}"


def _months_of(due: date, parts: Mapping[str, str]) -> list[int]:
    """The months that a monthly or yearly rule comes to, January first."""
    if "BYMONTH" in parts:
        return sorted(map(int, parts["BYMONTH"].split(",")))
    if parts["FREQ"] == "YEARLY":
        return [due.month]
    step = int(parts.get("INTERVAL", "1"))
    return sorted({(due.month - 1 + step * i) % 12 + 1 for i in range(12)})


def open_deadline(
    entity: graph.MemoryEntity, today: date, is_holiday: IsHoliday
) -> DeadlineFact | None:
    """The open occurrence of a deadline entity, None when all are done.

    Raises DeadlineProblem when `Due`, `Recurs`, `Done` or `Shift` cannot be read.
    """
    dues = _dates_of(entity, "Due")
    if not dues:
        raise DeadlineProblem("there is no Due: DATE")
    done = max(_dates_of(entity, "Done"), default=date.min)
    shift = entity.last_value("Shift")
    if shift not in {None, SHIFT}:
        raise DeadlineProblem(f"Shift: {shift!r} is not {SHIFT}")
    recurs = entity.last_value("Recurs")
    parts = parse_rule(recurs) if recurs else {}
    latest = max(today, done, dues[-1])
    horizon = HORIZON * min(int(parts.get("INTERVAL", "1")), LATEST)
    until = latest + min(horizon, date.max - latest)
    for day in occurrences(dues[-1], recurs, until):
        if day > done:
            due = next_working_day(day, is_holiday) if shift else day
            left = (due - today).days
            owner = entity.last_value("Owner")
            return DeadlineFact(name=entity.name, due=due, days_left=left, owner=owner)
    if recurs and parts.keys().isdisjoint(ENDING_KEYS):
        raise DeadlineProblem(f"Recurs: {recurs!r} never recurs after {done}")
    return None


def _dates_of(entity: graph.MemoryEntity, key: str) -> list[date]:
    return [parse_observation_date(key, text) for text in entity.values_of(key)]
