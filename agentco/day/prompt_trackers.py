"""Since when the slots of a scheduled prompt count, by its entity in the memory."""

from datetime import datetime

from agentco.kernel.dates import EARLIEST, LATEST
from agentco.memory.graph import MemoryEntity, parse_time


def slots_count_from(tracker: MemoryEntity | None) -> datetime | None:
    """Since when the slots of a prompt count: its last good run, else when it was first seen."""
    return last_good_run(tracker) or parse_moment(tracker.at if tracker else None)


def last_good_run(tracker: MemoryEntity | None) -> datetime | None:
    """The latest `Run: TIME ok`; `failed` and `no-result` served nothing."""
    moments: list[datetime] = []
    for run in tracker.values_of("Run") if tracker else ():
        words = run.split()
        moment = parse_moment(words[0]) if words[1:] == ["ok"] else None
        if moment:
            moments.append(moment)
    return max(moments, default=None)


def parse_moment(text: str | None) -> datetime | None:
    """A time that can be moved between zones, so not at the ends of the calendar; else None."""
    moment = parse_time(text)
    return moment if EARLIEST <= moment.year <= LATEST else None
