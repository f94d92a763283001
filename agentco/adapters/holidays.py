"""Public holidays, looked up once a month: the library is slower to load than a whole standup."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct, json

YEARS_COVERED = 12
CACHE_LIFETIME = timedelta(days=30)


def holiday_check_for(country: str | None, today: date) -> Callable[[date], bool]:
    """Whether a day is a public holiday in `country` (ISO 3166); without a known one none is.

    Covers the year before `today` to the tenth after; kept in the user's cache if there is one.
    """
    if not country:
        return lambda _: False
    path = cache_path(country)
    days = read_cache(path, today) if path else None
    if days is None:
        days = look_up_holidays(country, today)
        if path:
            write_cache(path, days, today)
    return days.__contains__


class CachedHolidays(Struct, frozen=True, kw_only=True):
    """What the library said on the day `made`."""

    made: date
    days: list[date]


def cache_path(country: str) -> Path | None:
    """Where this user's programs keep what they can make again; nowhere without a home."""
    home = Path(os.environ.get("HOME") or "nowhere")
    folder = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    if not folder.is_absolute() or not folder.parent.is_dir():
        return None
    return folder / "agentco" / f"holidays-{country}.json"


def read_cache(path: Path, today: date) -> frozenset[date] | None:
    """What was looked up within a month, or None."""
    try:
        cached = json.decode(path.read_bytes(), type=CachedHolidays)
    except (OSError, ValueError):
        return None
    is_fresh = cached.made <= today < cached.made + CACHE_LIFETIME
    return frozenset(cached.days) if is_fresh else None


def look_up_holidays(country: str, today: date) -> frozenset[date]:
    """The library's answer; nothing for a country it does not know."""
    import holidays

    first_year = today.year - 1
    years = range(first_year, first_year + YEARS_COVERED)
    try:
        return frozenset(holidays.country_holidays(country, years=years))
    except NotImplementedError:  # how the library says that it lacks a country
        return frozenset()


def write_cache(path: Path, days: frozenset[date], today: date) -> None:
    """Keep the answer for the next time; a cache that is half written or not at all is no loss."""
    cached = CachedHolidays(made=today, days=sorted(days))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(json.encode(cached))
