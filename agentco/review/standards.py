"""What a public text is held against: the settings, the memory, and the words that count as sources."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.company.settings import Settings, Voice
from agentco.kernel import package_data
from agentco.memory.graph import MemoryGraph
from agentco.review.rendered_text import VisibleText, comparison_key

_WATCHED_PHRASES = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""Phrases about security, compliance, guarantees and what a product can do, in English and Portuguese."""


class Standards(Struct, frozen=True, kw_only=True):
    """`words` are the texts that count as sources besides the memory; `links` holds names as `key` makes them.

    `hint` tells the platform: words of the task, the path of the file.
    """

    watched: tuple[str, ...]
    links: Mapping[str, Mapping[str, str]]
    voice: Voice
    graph: MemoryGraph
    words: tuple[str, ...]
    today: date
    zone: ZoneInfo
    max_age_days: Mapping[str, int]
    hint: str

    def products_named(self, page: VisibleText) -> frozenset[str]:
        """The products that a text names in its words, not only in an address."""
        known, seen = (
            {*map(comparison_key, self.graph.types.get("product", ())), *self.links},
            page.seen,
        )
        return frozenset(
            name for name in known if seen.outside_links(seen.find_starts(name))
        )


def build_standards(
    settings: Settings,
    graph: MemoryGraph,
    *,
    words: tuple[str, ...],
    today: date,
    hint: str,
) -> Standards:
    """What a text of this company is held against today."""
    watched = dict.fromkeys(
        (
            *settings.claims.watch,
            *(phrase for some in _WATCHED_PHRASES.values() for phrase in some),
        )
    )
    return Standards(
        watched=tuple(watched),
        links={
            comparison_key(product): hosts
            for product, hosts in settings.links.items()
            if hosts
        },
        voice=settings.voice,
        graph=graph,
        words=words,
        today=today,
        zone=settings.time_zone,
        max_age_days=settings.max_age_days(),
        hint=hint,
    )
