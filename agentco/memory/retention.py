"""What is old enough to go. Only what a name dates, never what a text says."""

import re
from datetime import date, timedelta

from agentco.memory.graph import Graph

DATED = re.compile(r"[\w-]+:(\d{4}-\d\d-\d\d)(?::|$)", re.ASCII)


def expired(graph: Graph, today: date, days: int, *, type_: str = "standup") -> list[str]:
    """The names `TYPE:DATE` that lie more than `days` days before today."""
    last = today - timedelta(days=min(days, today.toordinal() - 1))
    return [name for name in graph.types.get(type_, ()) if (day := dated(name)) and day < last]


def dated(name: str) -> date | None:
    """The date in a name, or None when there is none that exists."""
    match = DATED.match(name)
    return day_of(match[1]) if match else None


def day_of(text: str) -> date | None:
    """An ISO date, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
