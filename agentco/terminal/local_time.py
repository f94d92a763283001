"""Times of the state as the clock shows them where the company is; documents keep UTC."""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

UNKNOWN = "at an unknown time"
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d| UTC)"
)
"""A time with its offset, as messages quote it from the state."""

_find_zone: Callable[[], ZoneInfo] | None = None


def follow_clock_of(find_zone: Callable[[], ZoneInfo]) -> None:
    """From now on messages of this process show times in the zone that this finds."""
    global _find_zone  # noqa: PLW0603  one command runs in a process
    _find_zone = find_zone


def local_text(text: str, zone: ZoneInfo | None = None) -> str:
    """A message with its times as the clock shows them; the first one names the zone.

    Without a zone the clock is that of the company that was opened last, if any was.
    """
    if not MOMENT.search(text):
        return text
    local_zone = zone or (_find_zone and _find_zone())
    if not local_zone:
        return text
    names = [f" ({local_zone.key})"]

    def local_words(found: re.Match[str]) -> str:
        stamp = found[0].replace(" UTC", "+00:00")
        return local_minute(stamp, local_zone) + (names.pop() if names else "")

    return MOMENT.sub(local_words, text)


def local_minute(stamp: str | None, zone: ZoneInfo) -> str:
    """An ISO time without its seconds; what is only a date, or no time at all, as it stands."""
    time = _local(stamp, zone)
    return f"{time:%Y-%m-%d %H:%M}" if time else stamp or UNKNOWN


def local_second(stamp: str, zone: ZoneInfo) -> str:
    """An ISO time with its seconds."""
    time = _local(stamp, zone)
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else stamp


def local_moment(stamp: str, zone: ZoneInfo) -> str:
    """An ISO time that stands alone, with its zone."""
    return f"{local_minute(stamp, zone)} ({zone.key})"


def local_day(stamp: str | None, zone: ZoneInfo) -> str:
    """The day of an ISO time; empty without one."""
    return local_minute(stamp, zone)[:10] if stamp else ""


def zone_line(zone: ZoneInfo) -> str:
    """Whose clock a screen follows."""
    return f"times are in {zone.key}"


def _local(stamp: str | None, zone: ZoneInfo) -> datetime | None:
    """The moment in that zone; None for what names no moment."""
    try:
        time = datetime.fromisoformat(stamp or "")
    except ValueError:
        return None
    return time.astimezone(zone) if time.tzinfo else None
