"""Amounts, spans of time and rules of retention as people write them in the settings.

Each reader raises ValueError with the words for what it expects.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from agentco.file_formats.yaml_values import QuotedText
from agentco.kernel.money import MICROS_PER_USD

SECONDS_PER_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
TIME_OF_DAY = r"([01]\d|2[0-3]):[0-5]\d"


def _match_whole(pattern: str, text: str, expected: str) -> re.Match[str]:
    match = re.fullmatch(pattern, text)
    if not match:
        raise ValueError(expected)
    return match


def _unquoted_number(pattern: str, text: str, expected: str) -> str:
    """A number as it was written; in quotes it would be text."""
    unquoted = "" if isinstance(text, QuotedText) else text
    return _match_whole(pattern, unquoted, expected)[0]


def parse_usd(text: str) -> int:
    """US dollars such as `0.25`, with at most six decimals, as micro-dollars."""
    expected = "an amount in US dollars such as 0.25"
    amount = _unquoted_number(r"[0-9]{1,9}(\.[0-9]{1,6})?", text, expected)
    return int(Decimal(amount) * MICROS_PER_USD)


def whole_number_from(least: int, most: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""
    upper = " up" if most is None else f" to {most}"
    expected = f"a whole number from {least}{upper}"

    def parse_whole_number(text: str) -> int:
        number = int(_unquoted_number("[0-9]{1,9}", text, expected))
        if number < least or (most is not None and number > most):
            raise ValueError(expected)
        return number

    return parse_whole_number


def parse_seconds(text: str) -> int:
    """A span such as `30s`, `15m`, `2h`, `7d` in seconds."""
    expected = "a span of time such as 300s, 15m, 2h or 7d"
    span = _match_whole("([0-9]{1,6})([smhd])", text, expected)
    return int(span[1]) * SECONDS_PER_UNIT[span[2]]


def parse_days(text: str) -> int:
    """A span of whole days such as `30d`."""
    span = _match_whole("([0-9]{1,5})d", text, "a number of days such as 30d")
    return int(span[1])


def parse_percent(text: str) -> int:
    """A share such as `30%` as a whole number from 1 to 99."""
    return int(_match_whole("([1-9][0-9]?)%", text, "a share such as 30%")[1])


def parse_quiet_hours(text: str) -> str:
    """Hours of the night such as `22:00-07:00`, as they were written."""
    expected = "two times of day such as 22:00-07:00"
    return _match_whole(f"{TIME_OF_DAY}-{TIME_OF_DAY}", text, expected)[0]


def parse_country_code(text: str) -> str:
    """An ISO 3166 code: two capital letters such as `PT`."""
    return _match_whole("[A-Z]{2}", text, "a country's two letters such as PT")[0]


class RetentionKind(StrEnum):
    """What a retention rule counts, in the form in which the settings write it."""

    DAYS = "{}d"
    DAYS_AFTER_COMPLETED = "{}d after Completed"
    LAST = "last {}"
    FOREVER = "permanent"


class Retention(Struct, frozen=True, kw_only=True):
    """How long entities of a type are kept: `count` days, or the last `count` observations."""

    keep: RetentionKind
    count: int = 0

    def __str__(self) -> str:
        """As the settings write it."""
        return self.keep.format(self.count)


def parse_retention(text: str) -> Retention:
    """`7d`, `30d after Completed`, `last 20` or `permanent`."""
    for keep in RetentionKind:
        pattern = keep.format("(?P<count>[0-9]{1,5})")
        match = re.fullmatch(pattern, text)
        if match:
            count = match.groupdict().get("count", 0)
            return Retention(keep=keep, count=int(count))
    raise ValueError("7d, 30d after Completed, last 20 or permanent")


def find_time_zone(name: str) -> ZoneInfo | None:
    """The time zone of an IANA name such as `Europe/Lisbon`, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def parse_time_zone(text: str) -> str:
    """The name of a time zone that exists."""
    if find_time_zone(text) is None:
        raise ValueError("a time zone such as Europe/Lisbon")
    return str(text)
