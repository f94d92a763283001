"""What is old enough to go, and when: by the date in a name, else by when a name was last spoken of.

A name or a run of which nobody knows the date stays.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from agentco.memory import rewrite
from agentco.memory.graph import LONG_AGO, MemoryEntity, MemoryGraph, parse_time
from agentco.memory.lines import EntityLine

DATED_NAME = re.compile(r"[\w-]+:(\d{4}-\d\d-\d\d)(?::|$)", re.ASCII)
RUN_PREFIX = "Run:"


class ExpiringEntity(Struct, frozen=True, kw_only=True):
    """An entity that goes on a day; with `texts` only these of its observations."""

    when: date
    name: str
    type: str
    texts: tuple[str, ...] = ()


def remove_expired(going: Iterable[ExpiringEntity]) -> rewrite.RecordRewrite:
    """What takes all of it away."""
    every = tuple(going)
    return rewrite.remove_entities(
        {g.name for g in every if not g.texts},
        {g.name: g.texts for g in every if g.texts},
    )


def expires_after(
    day: date | None, days: int, name: str, type_: str
) -> Iterator[ExpiringEntity]:
    """A name kept for some days after one; without a day it stays."""
    if day:
        when = day + timedelta(days=min(days + 1, (date.max - day).days))
        yield ExpiringEntity(when=when, name=name, type=type_)


def expired_beyond_latest(
    graph: MemoryGraph, type_: str, count: int, today: date
) -> Iterator[ExpiringEntity]:
    """What goes today when the latest `count` stay: of dated names, and of the runs of each other name."""
    names = graph.types.get(type_, ())
    days = sorted((day, name) for name in names if (day := date_in_name(name)))
    yield from (
        ExpiringEntity(when=today, name=name, type=type_)
        for _, name in days[: max(0, len(days) - count)]
    )
    for entity in (graph.find_entity(name) for name in names if not date_in_name(name)):
        if entity and (texts := outdated_runs(entity, count)):
            yield ExpiringEntity(when=today, name=entity.name, type=type_, texts=texts)


def outdated_runs(entity: MemoryEntity, count: int) -> tuple[str, ...]:
    """All runs of a tracker but the latest, and but the latest that was ok: its slots count from there."""
    told = (
        (text.removeprefix(RUN_PREFIX).split(), text)
        for text in entity.said
        if text.startswith(RUN_PREFIX)
    )
    runs = sorted(
        (time, text)
        for words, text in told
        if words and (time := parse_time(words[0])) > LONG_AGO
    )
    served = [text for _, text in runs if text.endswith(" ok")][-1:]
    return tuple(
        text for _, text in runs[: max(0, len(runs) - count)] if text not in served
    )


def last_mentioned(lines: Sequence[EntityLine]) -> date | None:
    """The day on which a name was last spoken of; None when one of its lines does not say when it was."""
    times = [parse_time(line.verified or line.at) for line in lines]
    return None if LONG_AGO in times else max(times).date()


def date_in_name(name: str) -> date | None:
    """The date in a name, or None when there is none that exists."""
    match = DATED_NAME.match(name)
    return parse_date(match[1]) if match else None


def parse_date(text: str) -> date | None:
    """An ISO date, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
