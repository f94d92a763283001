"""Amounts, spans of time and rules of retention as people write them in the settings."""

import re
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

MICRO = 1_000_000
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def usd(text: str) -> int:
    """US dollars such as `0.25` as micro-dollars.

    Raises ValueError for anything that is not a plain amount of at most six decimals.
    """
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
        raise ValueError("an amount in US dollars such as 0.25")
    return int(Decimal(text) * MICRO)


def seconds(text: str) -> int:
    """A span such as `30s`, `15m`, `2h`, `7d` in seconds.

    Raises ValueError for anything else.
    """
    if not re.fullmatch(r"[0-9]{1,6}[smhd]", text):
        raise ValueError("a span of time such as 300s, 15m, 2h or 7d")
    return int(text[:-1]) * SECONDS[text[-1]]


def days(text: str) -> int:
    """A span of whole days such as `30d`.

    Raises ValueError for anything else.
    """
    if not re.fullmatch(r"[0-9]{1,5}d", text):
        raise ValueError("a number of days such as 30d")
    return int(text[:-1])


def quiet(text: str) -> str:
    """Hours of the night such as `22:00-07:00`, as they were written.

    Raises ValueError for anything else.
    """
    if not HOURS.fullmatch(text):
        raise ValueError("two times of day such as 22:00-07:00")
    return text


class Keep(StrEnum):
    """What a retention rule counts."""

    DAYS = "days"
    DAYS_AFTER_COMPLETED = "days after Completed"
    LAST = "last"
    FOREVER = "permanent"


class Retention(Struct, frozen=True, kw_only=True):
    """How long entities of a type are kept: `count` days, or the last `count` observations."""

    keep: Keep
    count: int = 0

    def __str__(self) -> str:
        """As the settings write it."""
        match self.keep:
            case Keep.DAYS:
                return f"{self.count}d"
            case Keep.DAYS_AFTER_COMPLETED:
                return f"{self.count}d after Completed"
            case Keep.LAST:
                return f"last {self.count}"
            case Keep.FOREVER:
                return "permanent"


def kept_for(text: str) -> Retention:
    """`7d`, `30d after Completed`, `last 20` or `permanent`.

    Raises ValueError for anything else.
    """
    if text == Keep.FOREVER:
        return Retention(keep=Keep.FOREVER)
    if found := re.fullmatch(r"([0-9]{1,5})d( after Completed)?", text):
        keep = Keep.DAYS_AFTER_COMPLETED if found[2] else Keep.DAYS
        return Retention(keep=keep, count=int(found[1]))
    if found := re.fullmatch(r"last ([0-9]{1,5})", text):
        return Retention(keep=Keep.LAST, count=int(found[1]))
    raise ValueError("7d, 30d after Completed, last 20 or permanent")


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of an IANA name such as `Europe/Lisbon`, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def timezone_name(text: str) -> str:
    """The name of a time zone that exists.

    Raises ValueError for any other.
    """
    if zone_named(text) is None:
        raise ValueError("a time zone such as Europe/Lisbon")
    return text


def country_code(text: str) -> str:
    """An ISO 3166 code such as `PT`.

    Raises ValueError for anything that is not two capital letters.
    """
    if not re.fullmatch("[A-Z]{2}", text):
        raise ValueError("a country's two letters such as PT")
    return text
