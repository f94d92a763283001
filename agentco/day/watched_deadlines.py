"""The deadlines that somebody is reminded of, and a problem for each date that nobody would be."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from agentco.day.deadlines import (
    DeadlineFact,
    DeadlineProblem,
    open_deadline,
    parse_observation_date,
    skipped_months,
)
from agentco.kernel import words
from agentco.kernel.dates import IsHoliday, parse_iso_date
from agentco.kernel.errors import Diagnostic, Severity
from agentco.kernel.names import slug
from agentco.memory.graph import MEMORY_FILE as MEMORY, MemoryEntity, MemoryGraph

DAYS_AHEAD = 30
DAYS_BEHIND = 7
SAID_DUE = re.compile(
    r"\b(?:due|deadline|expir\w+|renew\w*|pay(?:able)? by|file by)\b[^.;\n]{0,40}?"
    r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})\b",
    re.IGNORECASE,
)
"""A day by which something has to be done, as a sentence says it."""
WATCHED_ELSEWHERE = frozenset(
    {"deadline", "prompt-run", "standup", "trend-scan", "lesson"}
)
"""Types that code reads, and notes that repeat what others say."""


def open_deadlines(
    graph: MemoryGraph, today: date, is_holiday: IsHoliday
) -> Iterator[DeadlineFact | Diagnostic]:
    """Every open deadline, and a problem for each that nobody would be reminded of."""
    for entity in graph.entities("deadline"):
        try:
            deadline = open_deadline(entity, today, is_holiday)
        except DeadlineProblem as problem:
            yield memory_problem(entity.name, str(problem))
            continue
        yield from _skipped_occurrences(entity)
        if deadline:
            yield deadline


def undeclared_deadlines(
    graph: MemoryGraph, facts: Iterable[DeadlineFact | Diagnostic], today: date
) -> Iterator[Diagnostic]:
    """What the memory calls due soon in words, and what is no deadline that anybody watches.

    Where a deadline falls on the same day, that is taken for the one that is meant.
    """
    watched = {fact.due for fact in facts if isinstance(fact, DeadlineFact)}
    for entity in graph.entities():
        if entity.type.casefold() in WATCHED_ELSEWHERE:
            continue
        for observation in entity.observations:
            match = SAID_DUE.search(observation.text)
            day = parse_iso_date(match[1]) if match else None
            if day is None or day in watched:
                continue
            if -DAYS_BEHIND <= (day - today).days <= DAYS_AHEAD:
                what = f"says that something is due on {day}, but is not a deadline"
                name = words.shell_quote(f"deadline:{slug(entity.name)}")
                yield Diagnostic(
                    file=MEMORY,
                    level=Severity.WARNING,
                    code="undeclared-deadline",
                    message=f"{entity.name}: {what}, so nobody is reminded",
                    hint=f"agentco memory add {name} --type deadline 'Due: {day}'",
                )


def _skipped_occurrences(entity: MemoryEntity) -> Iterator[Diagnostic]:
    """A warning for a rule that passes over the months without its day."""
    due, recurs = entity.last_value("Due"), entity.last_value("Recurs")
    if due and recurs:
        skipped = skipped_months(parse_observation_date("Due", due), recurs)
        if skipped:
            what = f"Due: {due} with Recurs: {recurs} {skipped}"
            yield memory_problem(entity.name, what)


def memory_problem(name: str, what: str) -> Diagnostic:
    """An entity that code reads and cannot."""
    return Diagnostic(
        file=MEMORY,
        level=Severity.WARNING,
        code="unreadable-entity",
        message=f"{name}: {what}",
        hint=f"agentco memory show {words.shell_quote(name)}",
    )
