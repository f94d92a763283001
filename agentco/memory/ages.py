"""How old a fact is: the day it was last known to be true."""

from collections.abc import Callable
from datetime import date

from agentco.kernel.dates import parse_iso_date
from agentco.memory.graph import Observation


def verified_day(
    observation: Observation, day_of: Callable[[str], date | None]
) -> date | None:
    """The day an observation was verified, else written, else what its `(as of DATE)` says."""
    for stamp in (observation.verified, observation.at):
        day = day_of(stamp) if stamp else None
        if day:
            return day
    text, _, as_of = observation.text.rstrip().rpartition("(as of ")
    return parse_iso_date(as_of.removesuffix(")")) if text else None
