"""Amounts, spans of time and rules of retention as people write them in the settings.

Each reader raises ValueError with the words for what it expects.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from agentco.company.yaml_values import Quoted

MICRO = 1_000_000
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
HOUR = r"([01]\d|2[0-3]):[0-5]\d"


def _matched(pattern: str, text: str, expected: str) -> re.Match[str]:
    if found := re.fullmatch(pattern, text):
        return found
    raise ValueError(expected)


def _number(pattern: str, text: str, expected: str) -> str:
    """A number as it was written: in quotes it would be text."""
    return _matched(pattern, "" if isinstance(text, Quoted) else text, expected)[0]


def usd(text: str) -> int:
    """US dollars such as `0.25`, with at most six decimals, as micro-dollars."""
    return int(
        Decimal(
            _number(
                r"[0-9]{1,9}(\.[0-9]{1,6})?",
                text,
                "an amount in US dollars such as 0.25",
            )
        )
        * MICRO
    )


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""
    expected = f"a whole number from {least}" + (
        f" to {most}" if most is not None else " up"
    )

    def read(text: str) -> int:
        number = int(_number("[0-9]{1,9}", text, expected))
        if number < least or (most is not None and number > most):
            raise ValueError(expected)
        return number

    return read


def seconds(text: str) -> int:
    """A span such as `30s`, `15m`, `2h`, `7d` in seconds."""
    span = _matched(
        "([0-9]{1,6})([smhd])", text, "a span of time such as 300s, 15m, 2h or 7d"
    )
    return int(span[1]) * SECONDS[span[2]]


def days(text: str) -> int:
    """A span of whole days such as `30d`."""
    return int(_matched("([0-9]{1,5})d", text, "a number of days such as 30d")[1])


def quiet(text: str) -> str:
    """Hours of the night such as `22:00-07:00`, as they were written."""
    return _matched(f"{HOUR}-{HOUR}", text, "two times of day such as 22:00-07:00")[0]


def country_code(text: str) -> str:
    """An ISO 3166 code: two capital letters such as `PT`."""
    return _matched("[A-Z]{2}", text, "a country's two letters such as PT")[0]


class Keep(StrEnum):
    """What a retention rule counts, in the form in which the settings write it."""

    DAYS = "{}d"
    DAYS_AFTER_COMPLETED = "{}d after Completed"
    LAST = "last {}"
    FOREVER = "permanent"


class Retention(Struct, frozen=True, kw_only=True):
    """How long entities of a type are kept: `count` days, or the last `count` observations."""

    keep: Keep
    count: int = 0

    def __str__(self) -> str:
        """As the settings write it."""
        return self.keep.format(self.count)


def kept_for(text: str) -> Retention:
    """`7d`, `30d after Completed`, `last 20` or `permanent`."""
    for keep in Keep:
        if found := re.fullmatch(keep.format("(?P<count>[0-9]{1,5})"), text):
            return Retention(keep=keep, count=int(found.groupdict().get("count", 0)))
    raise ValueError("7d, 30d after Completed, last 20 or permanent")


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of an IANA name such as `Europe/Lisbon`, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def timezone_name(text: str) -> str:
    """The name of a time zone that exists."""
    if zone_named(text) is None:
        raise ValueError("a time zone such as Europe/Lisbon")
    return str(text)
