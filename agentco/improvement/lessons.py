"""Lessons as they stand in the memory (appendix B): no secrets, and a name of their own."""

from datetime import date
from itertools import count

from msgspec.structs import asdict, astuple

from agentco.file_formats.api_keys import require_no_key
from agentco.kernel.names import slug
from agentco.memory.graph import MemoryGraph
from agentco.memory.lines import EntityLine
from agentco.runs.actions import Entity, Lesson, Memory, MemoryAct

MAX_SLUG_CHARS = 40
MAX_DETAIL = 1900
"""Of a lesson: an observation is at most 2,000 characters."""
MAX_SUMMARY = 200


def lesson_line(
    graph: MemoryGraph, lesson: Lesson, *, agent: str, today: date, at: str, source: str
) -> tuple[str, EntityLine | None]:
    """The lesson's name, and its line; None if this source already recorded it.

    `source` is the effect or feedback it comes from. Raises WrongUsage if it holds
    what looks like a key.
    """
    require_no_key(astuple(lesson))
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


def lesson_from_answer(agent: str, title: str, answer: str, *, name: str) -> Memory:
    """An improver's answer to a gap of an agent, as an entity to be created."""
    fields = {
        "Agent": agent,
        "Category": "process",
        "Summary": title[:MAX_SUMMARY],
        "Detail": answer[:MAX_DETAIL],
        "Status": "open",
    }
    lesson = Entity(
        name=name,
        entity_type="lesson",
        observations=tuple(
            f"{key}: {' '.join(value.split())}" for key, value in fields.items()
        ),
    )
    return Memory(operation=MemoryAct.CREATE_ENTITIES, entities=(lesson,))
