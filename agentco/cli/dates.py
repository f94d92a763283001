"""Dates as a founder types them: 2026-11-20, today, tomorrow, +3d, friday."""

import re
from datetime import date, timedelta

from agentco.kernel.errors import WrongUsage

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
AHEAD = re.compile(r"\+([0-9]{1,4})([dw])")
NEAR = {"today": 0, "tomorrow": 1}
DAYS = {"d": 1, "w": 7}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORTEST = 3


def day(text: str, today: date) -> date:
    """The date that a text names; a weekday is the next one after today."""
    word = text.strip().lower()
    try:
        return (
            date.fromisoformat(word)
            if ISO.fullmatch(word)
            else today + timedelta(days=ahead(word, today))
        )
    except (ValueError, OverflowError):
        hint = "write 2026-11-20, today, tomorrow, +3d, +2w or a weekday"
        raise WrongUsage(f"{text!r} is no date", hint=hint) from None


def ahead(word: str, today: date) -> int:
    """How many days from today a word names; ValueError for any other word."""
    if word in NEAR:
        return NEAR[word]
    if match := AHEAD.fullmatch(word):
        return int(match[1]) * DAYS[match[2]]
    if len(word) >= SHORTEST and (
        names := [i for i, name in enumerate(WEEK) if name.startswith(word)]
    ):
        return (names[0] - today.weekday() - 1) % 7 + 1
    raise ValueError(word)
