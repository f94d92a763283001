"""Times of the state as the clock shows them where the company is; documents keep UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

UNKNOWN = "at an unknown time"


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
