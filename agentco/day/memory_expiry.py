"""What the memory no longer keeps, by the rules of the settings."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import assert_never

from agentco.company.amounts import Retention, RetentionKind
from agentco.memory.graph import MemoryGraph
from agentco.memory.retention import (
    ExpiringEntity,
    date_in_name,
    expired_beyond_latest,
    expires_after,
    last_mentioned,
    parse_date,
)


def upcoming_expiries(
    graph: MemoryGraph, rules: Mapping[str, Retention], today: date
) -> list[ExpiringEntity]:
    """All that goes some day unless it is renewed, the first first."""
    every = (
        found
        for type_, rule in rules.items()
        for found in expiries_of_type(graph, type_, rule, today)
    )
    return sorted(every, key=lambda g: (g.when, g.name))


def expired_today(
    graph: MemoryGraph, rules: Mapping[str, Retention], today: date
) -> list[ExpiringEntity]:
    """What goes today."""
    return [
        found for found in upcoming_expiries(graph, rules, today) if found.when <= today
    ]


def expiries_of_type(
    graph: MemoryGraph, type_: str, rule: Retention, today: date
) -> Iterable[ExpiringEntity]:
    """What one rule lets go, and when."""
    match rule.keep:
        case RetentionKind.DAYS | RetentionKind.DAYS_AFTER_COMPLETED:
            return expiries_by_day(graph, type_, rule)
        case RetentionKind.LAST:
            return expired_beyond_latest(graph, type_, rule.count, today)
        case RetentionKind.FOREVER:
            return ()
        case _:
            assert_never(rule.keep)


def expiries_by_day(
    graph: MemoryGraph, type_: str, rule: Retention
) -> Iterator[ExpiringEntity]:
    """The names of a type that count from a day: their own, or the one on which they were completed."""
    for name in graph.types.get(type_, ()):
        if rule.keep is RetentionKind.DAYS:
            day = date_in_name(name) or last_mentioned(graph.lines_of(name))
        else:
            entity = graph.find_entity(name)
            day = parse_date(((entity and entity.last_value("Completed")) or "")[:10])
        yield from expires_after(day, rule.count, name, type_)
