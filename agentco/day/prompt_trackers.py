"""Since when the slots of a scheduled prompt count, by its entity in the memory."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from agentco.kernel.dates import EARLIEST, LATEST
from agentco.memory.graph import MemoryEntity, parse_time
from agentco.memory.lines import EntityLine

ADOPTED = "Adopted"
"""Says when a company was begun with a prompt: what its tracker tells from before is a sample."""
FIRST_HOUR = timedelta(hours=1)
"""How long a new company runs nothing by itself."""


def slots_count_from(tracker: MemoryEntity | None) -> datetime | None:
    """Since when the slots of a prompt count: its last good run, else when it was first seen."""
    return last_good_run(tracker) or parse_moment(tracker.at if tracker else None)


def slots_run_from(tracker: MemoryEntity | None) -> datetime | None:
    """Since when slots are run without being asked: as they count, after the first hour."""
    since = slots_count_from(tracker)
    adopted = map(parse_moment, tracker.values_of(ADOPTED)) if tracker else ()
    quiet = [moment + FIRST_HOUR for moment in adopted if moment]
    return max([since, *quiet]) if since else None


def adopted_trackers(prompts: Iterable[str], at: datetime) -> list[EntityLine]:
    """What a new company remembers of its scheduled prompts beside what they did before."""
    stamp = at.isoformat(timespec="seconds")
    return [
        EntityLine(
            name=f"prompt-run:{prompt}",
            type="prompt-run",
            observations=(f"{ADOPTED}: {stamp}",),
            at=stamp,
            by="runtime",
        )
        for prompt in prompts
    ]


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
