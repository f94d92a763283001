"""How we came to know what we know about a name: line by line, by time."""

from collections.abc import Iterator

from agentco.memory.graph import MemoryGraph, parse_time
from agentco.memory.lines import Provenance, TrustLevel, is_untrusted


class StoryLine(Provenance, frozen=True, kw_only=True, omit_defaults=False):
    """One line: what it added, and what it only repeated. `trust` is always set."""

    added: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def entity_story(graph: MemoryGraph, name: str) -> Iterator[StoryLine]:
    """The lines of a name, earliest first; those without a time precede all others."""
    known: set[str] = set()
    for line in sorted(graph.lines_of(name), key=lambda line: parse_time(line.at)):
        added: list[str] = []
        again: list[str] = []
        for text in dict.fromkeys(line.observations):
            if text in known:
                again.append(text)
            else:
                added.append(text)
        yield StoryLine(
            at=line.at,
            by=line.by,
            run=line.run,
            trust=TrustLevel.UNTRUSTED if is_untrusted(line) else TrustLevel.TRUSTED,
            verified=line.verified,
            added=tuple(added),
            again=tuple(again),
        )
        known.update(added)
