"""Dates as a founder types them: 2026-11-20, today, tomorrow, +3d, friday."""

import re
from datetime import date, timedelta

from agentco.kernel.errors import WrongUsage

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RELATIVE_DATE = re.compile(r"\+([0-9]{1,4})([dw])")
NAMED_DAYS = {"today": 0, "tomorrow": 1}
DAYS_PER_UNIT = {"d": 1, "w": 7}
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
MIN_WEEKDAY_LENGTH = 3


def date_from_words(text: str, today: date) -> date:
    """The date that a text names; a weekday is the next one after today."""
    word = text.strip().lower()
    try:
        return (
            date.fromisoformat(word)
            if ISO_DATE.fullmatch(word)
            else today + timedelta(days=days_ahead(word, today))
        )
    except (ValueError, OverflowError):
        hint = "write 2026-11-20, today, tomorrow, +3d, +2w or a weekday"
        raise WrongUsage(f"{text!r} is not a date", hint=hint) from None


def days_ahead(word: str, today: date) -> int:
    """How many days from today a word names; ValueError for any other word."""
    if word in NAMED_DAYS:
        return NAMED_DAYS[word]
    if match := RELATIVE_DATE.fullmatch(word):
        return int(match[1]) * DAYS_PER_UNIT[match[2]]
    if len(word) >= MIN_WEEKDAY_LENGTH and (
        names := [i for i, name in enumerate(WEEKDAYS) if name.startswith(word)]
    ):
        return (names[0] - today.weekday() - 1) % 7 + 1
    raise ValueError(word)
