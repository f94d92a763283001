"""How we came to know what we know of a name: line by line, by time."""

from collections.abc import Iterator

import msgspec

from agentco.memory.graph import MemoryGraph, parse_time
from agentco.memory.lines import Provenance, TrustLevel, is_untrusted


class StoryLine(Provenance, frozen=True, kw_only=True, omit_defaults=False):
    """One line: what it added, and what it only said again. `trust` is always there."""

    added: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def entity_story(graph: MemoryGraph, name: str) -> Iterator[StoryLine]:
    """The lines of a name, the earliest first; those without a time come before all others."""
    known = set[str]()
    for line in sorted(graph.lines_of(name), key=lambda line: parse_time(line.at)):
        texts = dict.fromkeys(line.observations)
        added, again = (
            tuple(t for t in texts if (t in known) is before)
            for before in (False, True)
        )
        told = msgspec.convert(line, StoryLine, from_attributes=True)
        trust = TrustLevel.UNTRUSTED if is_untrusted(line) else TrustLevel.TRUSTED
        yield msgspec.structs.replace(told, trust=trust, added=added, again=again)
        known.update(texts)
