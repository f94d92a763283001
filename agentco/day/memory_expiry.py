"""What the memory no longer keeps, by the rules of the settings."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import assert_never

from agentco.file_formats.amounts import Retention, RetentionKind
from agentco.kernel.dates import parse_iso_date
from agentco.memory.graph import MemoryGraph
from agentco.memory.retention import (
    ExpiringEntity,
    date_in_name,
    expired_beyond_latest,
    expires_after,
    last_mentioned,
)


def upcoming_expiries(
    graph: MemoryGraph, rules: Mapping[str, Retention], today: date
) -> list[ExpiringEntity]:
    """All that goes some day unless it is renewed, the first first."""
    expiries: list[ExpiringEntity] = []
    for type_, rule in rules.items():
        expiries += expiries_of_type(graph, type_, rule, today)
    return sorted(expiries, key=lambda expiry: (expiry.when, expiry.name))


def expired_today(
    graph: MemoryGraph, rules: Mapping[str, Retention], today: date
) -> list[ExpiringEntity]:
    """What goes today."""
    expiries = upcoming_expiries(graph, rules, today)
    return [expiry for expiry in expiries if expiry.when <= today]


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
    """The names of a type that count from a day: their own, or that of their completion."""
    for name in graph.types.get(type_, ()):
        if rule.keep is RetentionKind.DAYS:
            day = date_in_name(name) or last_mentioned(graph.lines_of(name))
        else:
            day = _completion_day(graph, name)
        yield from expires_after(day, rule.count, name, type_)


def _completion_day(graph: MemoryGraph, name: str) -> date | None:
    entity = graph.find_entity(name)
    completed = entity.last_value("Completed") if entity else None
    return parse_iso_date((completed or "")[:10])
