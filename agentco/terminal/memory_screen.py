"""What the company knows, on the screen: an entity, or its story line by line."""

from typing import TYPE_CHECKING

from agentco.terminal import screen

if TYPE_CHECKING:
    from agentco.desk.memory import MemoryView
    from agentco.memory.entity_story import StoryLine
    from agentco.memory.graph import MemoryEntity


def print_entity(entity: "MemoryEntity") -> None:
    """Print what is known of an entity, since when, from whom."""
    screen.print_text(f"{entity.name} ({entity.type})")
    for fact in entity.observations:
        day = (fact.verified or fact.at or "")[:10]
        source = ", ".join(filter(None, (fact.by, day)))
        line = f"  - {fact.text}"
        screen.print_text(f"{line}  [{source}]" if source else line)


def print_story(view: "MemoryView") -> None:
    """Print how an entity came to be known: `+` is new with a line, `=` was known before."""
    entity = view.entities[0]
    screen.print_text(f"{entity.name} ({entity.type})")
    for line in view.story or ():
        screen.print_text(f"  {story_heading(line)}")
        for sign, texts in (("+", line.added), ("=", line.again)):
            for text in texts:
                screen.print_text(f"    {sign} {text}")
    for tie in view.relations:
        screen.print_text(f"  {tie.from_} {tie.type} {tie.to}")


def story_heading(line: "StoryLine") -> str:
    """When a line was written, by whom, and how sure it is."""
    words = [format_minute(line.at), line.by or "by nobody we know"]
    if line.run:
        words.append(f"run {line.run}")
    if line.trust:
        words.append(line.trust)
    if line.verified:
        words.append(f"verified {format_minute(line.verified)}")
    return ", ".join(words)


def format_minute(stamp: str | None) -> str:
    """A time of the memory without its seconds and zone."""
    return stamp[:16].replace("T", " ") if stamp else "at an unknown time"
