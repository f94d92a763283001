"""Time and chance as they are."""

import os
import secrets
from datetime import UTC, datetime
from time import monotonic

NAME_LETTERS = "abcdefghjkmnpqrstvwxyz23456789"


class RealClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only go forward, since some moment."""
        return monotonic()

    def random_fraction(self) -> float:
        """Somewhere from 0 to 1."""
        return secrets.randbelow(1 << 20) / (1 << 20)

    def new_name(self) -> str:
        """Six letters and digits that nobody mistakes for one another."""
        return "".join(
            NAME_LETTERS[n % len(NAME_LETTERS)] for n in secrets.token_bytes(6)
        )

    async def pause(self, seconds: float) -> None:
        """Wait."""
        import asyncio

        await asyncio.sleep(seconds)


def local_timezone() -> str:
    """The IANA name of this machine's time zone, else UTC."""
    from agentco.file_formats.amounts import find_time_zone

    localtime = os.path.realpath("/etc/localtime")
    zone = os.environ.get("TZ") or localtime.partition("zoneinfo/")[2]
    return zone if find_time_zone(zone) else "UTC"
