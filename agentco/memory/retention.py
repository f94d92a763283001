"""What is old enough to go, and when: by the date in a name, else by when it was last mentioned.

A name or a run without a known date stays.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from agentco.kernel.dates import parse_iso_date
from agentco.memory import rewrite
from agentco.memory.graph import LONG_AGO, MemoryEntity, MemoryGraph, parse_time
from agentco.memory.lines import EntityLine

DATED_NAME = re.compile(r"[\w-]+:(\d{4}-\d\d-\d\d)(?::|$)", re.ASCII)
RUN_PREFIX = "Run:"


class ExpiringEntity(Struct, frozen=True, kw_only=True):
    """An entity that goes on a day; with `texts` only these of its observations go."""

    when: date
    name: str
    type: str
    texts: tuple[str, ...] = ()


def remove_expired(expired: Iterable[ExpiringEntity]) -> rewrite.RecordRewrite:
    """A cut that takes all of it away."""
    names: set[str] = set()
    texts: dict[str, tuple[str, ...]] = {}
    for entity in expired:
        if entity.texts:
            texts[entity.name] = entity.texts
        else:
            names.add(entity.name)
    return rewrite.remove_entities(names, texts)


def expires_after(
    day: date | None, days: int, name: str, type_: str
) -> Iterator[ExpiringEntity]:
    """A name kept for some days after a day; without a day it stays."""
    if day:
        when = day + timedelta(days=min(days + 1, (date.max - day).days))
        yield ExpiringEntity(when=when, name=name, type=type_)


def expired_beyond_latest(
    graph: MemoryGraph, type_: str, count: int, today: date
) -> Iterator[ExpiringEntity]:
    """What goes today if the latest `count` stay: dated names, or the runs of any other name."""
    dated: list[tuple[date, str]] = []
    undated: list[str] = []
    for name in graph.types.get(type_, ()):
        day = date_in_name(name)
        if day:
            dated.append((day, name))
        else:
            undated.append(name)
    outdated_count = max(0, len(dated) - count)
    for _, name in sorted(dated)[:outdated_count]:
        yield ExpiringEntity(when=today, name=name, type=type_)
    for entity in graph.find_entities(undated):
        texts = outdated_runs(entity, count)
        if texts:
            yield ExpiringEntity(when=today, name=entity.name, type=type_, texts=texts)


def outdated_runs(entity: MemoryEntity, count: int) -> tuple[str, ...]:
    """A tracker's runs before its latest `count`, without the latest that was ok.

    The slots of a prompt count from its latest run that was ok.
    """
    runs: list[tuple[datetime, str]] = []
    for text in entity.said:
        time = run_time(text)
        if time > LONG_AGO:
            runs.append((time, text))
    runs.sort()
    texts = [text for _, text in runs]
    latest_ok = ""
    for text in texts:
        if text.endswith(" ok"):
            latest_ok = text
    outdated_count = max(0, len(texts) - count)
    outdated = texts[:outdated_count]
    return tuple(text for text in outdated if text != latest_ok)


def run_time(text: str) -> datetime:
    """When a run of a tracker was; LONG_AGO for any other observation."""
    if not text.startswith(RUN_PREFIX):
        return LONG_AGO
    words = text.removeprefix(RUN_PREFIX).split()
    if not words:
        return LONG_AGO
    return parse_time(words[0])


def last_mentioned(lines: Sequence[EntityLine]) -> date | None:
    """The day on which a name was last mentioned; None if one of its lines has no time."""
    times = [parse_time(line.verified or line.at) for line in lines]
    return None if LONG_AGO in times else max(times).date()


def date_in_name(name: str) -> date | None:
    """The date in a name, or None if there is none that exists."""
    match = DATED_NAME.match(name)
    return parse_iso_date(match[1]) if match else None
