"""Dates as they are written, and the years that the calendar of a company can bear."""

from datetime import date

EARLIEST = 1900
LATEST = 2199


def parse_iso_date(text: str) -> date | None:
    """The date that ISO 8601 text names, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
