"""A lesson as a line of the memory (appendix B): no secrets, and a name of its own."""

from datetime import date
from itertools import count

from msgspec.structs import asdict

from agentco.kernel.errors import WrongUsage
from agentco.kernel.names import slug
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine
from agentco.rules.memory_proposals import iter_strings
from agentco.rules.memory_rights import find_secret_vendor
from agentco.runs.actions import Lesson

MAX_SLUG_CHARS = 40


def lesson_line(
    graph: MemoryGraph, lesson: Lesson, *, agent: str, today: date, at: str, source: str
) -> tuple[str, EntityLine | None]:
    """The lesson's name, and its line; None if this source already recorded it.

    `source` is the effect or feedback it comes from. Raises WrongUsage if it holds
    what looks like a key.
    """
    vendor = find_secret_vendor(iter_strings(lesson))
    if vendor:
        raise WrongUsage(
            f"it contains what looks like an API key ({vendor})",
            hint="secrets are never written down",
        )
    name = _free_name(graph, lesson, today, source)
    if graph.find_entity(name):
        return name, None
    observations = [f"Agent: {agent}"]
    for key, text in asdict(lesson).items():
        observations.append(f"{key.capitalize()}: {text}")
    observations.append("Status: open")
    line = EntityLine(
        name=name,
        type="lesson",
        observations=tuple(observations),
        at=at,
        by="runtime",
        run=source,
    )
    return name, line


def _free_name(graph: MemoryGraph, lesson: Lesson, today: date, source: str) -> str:
    """The first name that no lesson of another source has."""
    short = slug(lesson.summary)[:MAX_SLUG_CHARS].strip("-") or "lesson"
    stem = f"lesson:{today}:{short}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(
        name
        for name in names
        if all(line.run == source for line in graph.lines_about(name))
    )
