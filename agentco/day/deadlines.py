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

from agentco.kernel.dates import EARLIEST, LATEST
from agentco.memory import graph, retention

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
SATURDAY = 5
SHIFT = "next-working-day"

IsHoliday = Callable[[date], bool]


class DeadlineFact(Struct, frozen=True, kw_only=True):
    """The open occurrence of a deadline; `due` is after any shift, negative `days_left` is overdue."""

    name: str
    due: date
    days_left: int
    owner: str | None


class DeadlineProblem(ValueError):
    """An observation of a deadline that cannot be read; says which."""


def next_working_day(day: date, is_holiday: IsHoliday) -> date:
    """`day`, or the next one that is a working day."""
    while (day.weekday() >= SATURDAY or is_holiday(day)) and day < date.max:
        day += timedelta(days=1)
    return day


def parse_observation_date(key: str, text: str) -> date:
    """The ISO date of an observation.

    Raises DeadlineProblem with the words to show.
    """
    day = (
        retention.parse_date(text.strip()) if ISO_DATE.fullmatch(text.strip()) else None
    )
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise DeadlineProblem(f"{key}: {text!r} is not a date such as 2026-11-25")
    return day


def occurrences(due: date, recurs: str | None, until: date) -> Iterator[date]:
    """The dates of a deadline in order, `due` first, none after `until`.

    Raises DeadlineProblem when the rule is not one of RFC 5545 that counts in days, months or years.
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
        raise DeadlineProblem(
            f"Recurs: {recurs!r} is not a rule such as FREQ=MONTHLY;INTERVAL=3"
        ) from None
    if isinstance(rule, rrule) and parts.keys().isdisjoint(ENDING_KEYS):
        rule = rule.replace(until=datetime.combine(until, midnight))
    days = takewhile(until.__ge__, (moment.date() for moment in rule))
    # RFC 5545: the start counts as the first occurrence also where the rule itself would pass it over.
    found = chain((due,), (day for day in days if day > due))
    return islice(found, int(parts["COUNT"])) if "COUNT" in parts else found


def parse_rule(recurs: str) -> dict[str, str]:
    """The parts of a rule by their keys; our occurrences are dates, so UNTIL has no time of day.

    Raises DeadlineProblem for rules that are none, or that could be looked through for ever.
    """
    rule = recurs.strip().upper().removeprefix("RRULE:")
    parts = {
        key: value
        for key, _, value in (part.partition("=") for part in rule.split(";"))
    }
    counts = all(NUMBER.fullmatch(parts.get(key, "1")) for key in ("INTERVAL", "COUNT"))
    of_days = counts and parts.get("FREQ") in BY_DAYS and parts.keys() <= RULE_KEYS
    often = parts.get("FREQ") in FREQUENT
    wrong = {
        "is longer than a rule of days can be": len(recurs) > MAX_RULE_LENGTH,
        "is not a rule of days such as FREQ=MONTHLY;INTERVAL=3": not of_days,
        "picks single days: write FREQ=MONTHLY or FREQ=YEARLY": often
        and parts.keys() & SINGLE_DAYS,
        "names a month that is not 1 to 12": not MONTHS.issuperset(
            parts.get("BYMONTH", "1").split(",")
        ),
    }
    if problem := next((what for what, is_wrong in wrong.items() if is_wrong), None):
        raise DeadlineProblem(f"Recurs: {recurs[:60]!r} {problem}")
    return parts | (
        {"UNTIL": parts["UNTIL"].partition("T")[0]} if "UNTIL" in parts else {}
    )


def open_deadline(
    entity: graph.MemoryEntity, today: date, is_holiday: IsHoliday
) -> DeadlineFact | None:
    """The open occurrence of a deadline entity, None when all are done.

    Raises DeadlineProblem when `Due`, `Recurs`, `Done` or `Shift` cannot be read.
    """
    if not (
        dues := [
            parse_observation_date("Due", text) for text in entity.values_of("Due")
        ]
    ):
        raise DeadlineProblem("there is no Due: DATE")
    done = max(
        (parse_observation_date("Done", text) for text in entity.values_of("Done")),
        default=date.min,
    )
    shift, recurs = entity.last_value("Shift"), entity.last_value("Recurs")
    if shift not in {None, SHIFT}:
        raise DeadlineProblem(f"Shift: {shift!r} is not {SHIFT}")
    parts = parse_rule(recurs) if recurs else {}
    latest = max(today, done, dues[-1])
    sleeps = HORIZON * min(int(parts.get("INTERVAL", "1")), LATEST)
    for day in occurrences(dues[-1], recurs, latest + min(sleeps, date.max - latest)):
        if day > done:
            due = next_working_day(day, is_holiday) if shift else day
            return DeadlineFact(
                name=entity.name,
                due=due,
                days_left=(due - today).days,
                owner=entity.last_value("Owner"),
            )
    if recurs and parts.keys().isdisjoint(ENDING_KEYS):
        raise DeadlineProblem(f"Recurs: {recurs!r} never comes again after {done}")
    return None
