"""What a public text is held against: settings, memory, and words that count as sources."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.company.settings import Settings, Voice
from agentco.kernel import package_data
from agentco.kernel.comparison import comparison_key
from agentco.memory.graph import MemoryGraph
from agentco.public_text.names import Names
from agentco.public_text.rendered_text import VisibleText

_WATCHED_PHRASES = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""Phrases about security, compliance, guarantees and abilities, English and Portuguese."""


OTHERS_TYPES = ("competitor", "supplier", "vendor", "provider", "partner", "client")
"""Types of the memory whose names are somebody else's."""


class Standards(Struct, frozen=True, kw_only=True):
    """What a text is held against.

    `own_words` are those of the watched that the founder wrote. `words` are the texts that count as
    sources besides the memory; `links` has products by their comparison key; `hint` tells the
    platform: words of the task, the path of the file.
    """

    watched: tuple[str, ...]
    own_words: frozenset[str]
    links: Mapping[str, Mapping[str, str]]
    voice: Voice
    graph: MemoryGraph
    words: tuple[str, ...]
    today: date
    zone: ZoneInfo
    max_age_days: Mapping[str, int]
    hint: str

    @property
    def names(self) -> Names:
        """How a text may call our products, and others that the memory knows."""
        kinds = self.graph.types
        others = (name for kind in OTHERS_TYPES for name in kinds.get(kind, ()))
        products = (*kinds.get("product", ()), *self.links)
        return Names(ours=_single_words(products), others=_single_words(others))

    def products_named(self, page: VisibleText) -> frozenset[str]:
        """The products that a text names in its words, not only in an address."""
        in_memory = map(comparison_key, self.graph.types.get("product", ()))
        known = {*in_memory, *self.links}
        view = page.seen
        return frozenset(
            name for name in known if view.outside_links(view.find_starts(name))
        )


def _single_words(names: Iterable[str]) -> frozenset[str]:
    """The words of names, in the letters in which they are compared."""
    return frozenset(word for name in names for word in comparison_key(name).split("-"))


def build_standards(
    settings: Settings,
    graph: MemoryGraph,
    *,
    words: tuple[str, ...],
    today: date,
    hint: str,
) -> Standards:
    """What a text of this company is held against today."""
    watched = dict.fromkeys(settings.claims.watch)
    for phrases in _WATCHED_PHRASES.values():
        watched |= dict.fromkeys(phrases)
    links = {
        comparison_key(product): hosts
        for product, hosts in settings.links.items()
        if hosts
    }
    return Standards(
        watched=tuple(watched),
        own_words=frozenset(settings.claims.watch),
        links=links,
        voice=settings.voice,
        graph=graph,
        words=words,
        today=today,
        zone=settings.time_zone,
        max_age_days=settings.max_age_days(),
        hint=hint,
    )
