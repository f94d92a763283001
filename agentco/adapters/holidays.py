"""Public holidays, looked up once a month: the library takes longer to load than the rest of a standup."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct, json

YEARS = 12
FRESH = timedelta(days=30)


def holidays_of(country: str | None, today: date) -> Callable[[date], bool]:
    """Whether a day is a public holiday in `country` (ISO 3166); without a known one none is.

    Covers the year before `today` and the eleven after it; kept in the user's cache where there is one.
    """
    if not country:
        return lambda _: False
    place = cache_file(country)
    days = cached(place, today) if place else None
    if days is None:
        days = looked_up(country, today)
        if place:
            keep(place, days, today)
    return days.__contains__


class Kept(Struct, frozen=True, kw_only=True):
    """What the library said on the day `made`."""

    made: date
    days: list[date]


def cache_file(country: str) -> Path | None:
    """Where this user's programs keep what they can make again; nowhere without a home."""
    home = Path(os.environ.get("HOME") or "nowhere")
    folder = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    usable = folder.is_absolute() and folder.parent.is_dir()
    return folder / "agentco" / f"holidays-{country}.json" if usable else None


def cached(place: Path, today: date) -> frozenset[date] | None:
    """What was looked up within a month, or None."""
    try:
        found = json.decode(place.read_bytes(), type=Kept)
    except (OSError, ValueError):
        return None
    return frozenset(found.days) if found.made <= today < found.made + FRESH else None


def looked_up(country: str, today: date) -> frozenset[date]:
    """The library's answer; nothing for a country it does not know."""
    import holidays

    try:
        known = holidays.country_holidays(
            country, years=range(today.year - 1, today.year + YEARS - 1)
        )
    except NotImplementedError:
        return frozenset()
    return frozenset(known)


def keep(place: Path, days: frozenset[date], today: date) -> None:
    """Keep the answer for the next time; a cache that is half written or not at all is no loss."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(json.encode(Kept(made=today, days=sorted(days))))
