"""How we came to know what we know about a name: line by line, by time."""

from collections.abc import Iterator

import msgspec

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
        texts = dict.fromkeys(line.observations)
        yield msgspec.structs.replace(
            msgspec.convert(line, StoryLine, from_attributes=True),
            trust=TrustLevel.UNTRUSTED if is_untrusted(line) else TrustLevel.TRUSTED,
            added=tuple(text for text in texts if text not in known),
            again=tuple(text for text in texts if text in known),
        )
        known.update(texts)
