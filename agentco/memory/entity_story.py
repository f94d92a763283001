"""How we came to know what we know of a name: line by line, by time."""

from collections.abc import Iterator

import msgspec

from agentco.memory.graph import Graph, moment
from agentco.memory.lines import Provenance, Trust, untrusted


class Told(Provenance, frozen=True, kw_only=True, omit_defaults=False):
    """One line: what it added, and what it only said again. `trust` is always there."""

    added: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


def story(graph: Graph, name: str) -> Iterator[Told]:
    """The lines of a name, the earliest first; those without a time come before all others."""
    known = set[str]()
    for line in sorted(graph.said(name), key=lambda line: moment(line.at)):
        texts = dict.fromkeys(line.observations)
        added, again = (
            tuple(t for t in texts if (t in known) is before)
            for before in (False, True)
        )
        told = msgspec.convert(line, Told, from_attributes=True)
        trust = Trust.UNTRUSTED if untrusted(line) else Trust.TRUSTED
        yield msgspec.structs.replace(told, trust=trust, added=added, again=again)
        known.update(texts)
