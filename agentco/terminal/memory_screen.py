"""What the company knows, on the screen: an entity, or its story line by line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agentco.terminal import screen
from agentco.terminal.local_time import local_day, local_minute, zone_line
from agentco.terminal.screen import Style

if TYPE_CHECKING:
    from agentco.desk.memory import MemoryView
    from agentco.memory.entity_story import StoryLine
    from agentco.memory.graph import MemoryEntity


def print_entities(entities: "Sequence[MemoryEntity]", zone: ZoneInfo) -> None:
    """Print what is known of each, since when, from whom."""
    for entity in entities:
        print_entity(entity, zone)
    if entities:
        screen.print_text(zone_line(zone), Style.DIM)


def print_entity(entity: "MemoryEntity", zone: ZoneInfo) -> None:
    """Print what is known of an entity, since when, from whom."""
    screen.print_text(f"{entity.name} ({entity.type})")
    for fact in entity.observations:
        day = local_day(fact.verified or fact.at, zone)
        source = ", ".join(filter(None, (fact.by, day)))
        line = f"{fact.text}  [{source}]" if source else fact.text
        screen.print_item("  - ", line)


def print_story(view: "MemoryView", zone: ZoneInfo) -> None:
    """Print how an entity came to be known: `+` is new with a line, `=` was known before."""
    entity = view.entities[0]
    screen.print_text(f"{entity.name} ({entity.type})")
    for line in view.story or ():
        screen.print_item("  ", story_heading(line, zone))
        for sign, texts in (("+", line.added), ("=", line.again)):
            for text in texts:
                screen.print_item(f"    {sign} ", text)
    for tie in view.relations:
        screen.print_text(f"  {tie.from_} {tie.type} {tie.to}")
    screen.print_text(zone_line(zone), Style.DIM)


def story_heading(line: "StoryLine", zone: ZoneInfo) -> str:
    """When a line was written, by whom, and how sure it is."""
    words = [local_minute(line.at, zone), line.by or "by an unknown writer"]
    if line.run:
        words.append(f"run {line.run}")
    if line.trust:
        words.append(line.trust)
    if line.verified:
        words.append(f"verified {local_minute(line.verified, zone)}")
    return ", ".join(words)
