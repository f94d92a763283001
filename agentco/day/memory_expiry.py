"""What the memory no longer keeps, by the rules of the settings."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import assert_never

from agentco.company.amounts import Keep, Retention
from agentco.memory.graph import Graph
from agentco.memory.retention import Going, after, dated, day_of, last_said, latest


def going(graph: Graph, rules: Mapping[str, Retention], today: date) -> list[Going]:
    """All that goes some day unless it is renewed, the first first."""
    every = (
        found
        for type_, rule in rules.items()
        for found in of_type(graph, type_, rule, today)
    )
    return sorted(every, key=lambda g: (g.when, g.name))


def expired(graph: Graph, rules: Mapping[str, Retention], today: date) -> list[Going]:
    """What goes today."""
    return [found for found in going(graph, rules, today) if found.when <= today]


def of_type(graph: Graph, type_: str, rule: Retention, today: date) -> Iterable[Going]:
    """What one rule lets go, and when."""
    match rule.keep:
        case Keep.DAYS | Keep.DAYS_AFTER_COMPLETED:
            return by_day(graph, type_, rule)
        case Keep.LAST:
            return latest(graph, type_, rule.count, today)
        case Keep.FOREVER:
            return ()
        case _:
            assert_never(rule.keep)


def by_day(graph: Graph, type_: str, rule: Retention) -> Iterator[Going]:
    """The names of a type that count from a day: their own, or the one on which they were completed."""
    for name in graph.types.get(type_, ()):
        if rule.keep is Keep.DAYS:
            day = dated(name) or last_said(graph.said(name))
        else:
            entity = graph.entity(name)
            day = day_of(((entity and entity.value("Completed")) or "")[:10])
        yield from after(day, rule.count, name, type_)
