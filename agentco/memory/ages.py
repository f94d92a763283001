"""How old a fact is: the day it was last known to be true."""

from collections.abc import Callable
from datetime import date

from agentco.memory import retention
from agentco.memory.graph import Observation


def verified_day(
    observation: Observation, day_of: Callable[[str], date | None]
) -> date | None:
    """The day an observation was verified, else written, else what its `(as of DATE)` says."""
    for stamp in (observation.verified, observation.at):
        if stamp and (day := day_of(stamp)):
            return day
    head, _, tail = observation.text.rstrip().rpartition("(as of ")
    return retention.parse_date(tail.removesuffix(")")) if head else None
