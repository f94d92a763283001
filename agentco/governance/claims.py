"""What a company may promise: a watched phrase is proved, or worded as a plan or a belief.

Only claims that the founder wrote prove anything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from agentco.company import beside
from agentco.governance.seen import Page, hits, key, page_of, phrases, phrases_of, without_addresses
from agentco.governance.standards import Standards
from agentco.memory.graph import Graph, merged
from agentco.memory.lines import Trust
from agentco.work.findings import Finding, Rule

_MARKERS = beside.table(__name__, dict[str, tuple[str, ...]])
_PLANNED, _DONE = phrases(_MARKERS["planned"]), phrases(_MARKERS["done"])
# One word alone marks a plan where nothing follows that it could belong to: `(planned)`, `Roadmap: …`.
_ALONE = re.compile(rf"(?:{phrases(_MARKERS['ends']).pattern})\s*(?=[|:;,.)\]!?]|\Z)")
# Digits are seen as the letters they look like: 1 is l, 0 is o.
_END = re.compile(r"[.!?](?=[\"')\]]*\s)|\n\s*\n|\n(?=[ \t>]*(?:[-+#|•]|[\dlo]{1,3}[.)]\s))")
PLAN = "word the sentence as a plan or a belief"


class Claim(Struct, frozen=True, kw_only=True):
    """What the founder claims of a product: how far it is true, in which words, and what proves it."""

    name: str
    product: str
    level: str
    words: str
    evidence: str


def claims_of(graph: Graph) -> tuple[Claim, ...]:
    """The claims of a memory, of the founder's own lines alone."""
    return tuple(claim for name in graph.types.get("claim", ()) if (claim := _claim(graph, name)))


def _claim(graph: Graph, name: str) -> Claim | None:
    own = [x for x in graph.said(name) if x.by in {"founder", "runtime"} and x.trust is not Trust.UNTRUSTED]
    if not own:
        return None
    entity, product = merged(own), name.split(":")[1:2]
    words = page_of(", ".join(entity.values("Words"))).seen
    level, evidence = (entity.value("Level") or "").upper(), entity.value("Evidence") or ""
    return Claim(name=name, product=key("".join(product)), level=level, words=words, evidence=evidence)


def unproved(page: Page, against: Standards) -> Iterator[Finding]:
    """Every watched phrase that nothing backs, in a sentence that states it as a fact."""
    found = {phrase: places for phrase in against.watched if (places := [*hits(phrase, page.seen)])}
    if not found:
        return
    claims, named, ends = claims_of(against.graph), against.named(page), [m.end() for m in _END.finditer(page.seen)]

    @cache
    def planned(sentence: int) -> bool:
        start, end = [0, *ends][sentence], [*ends, len(page.seen)][sentence]
        words = without_addresses(page.seen[start:end])
        return bool(_PLANNED.search(words) or _ALONE.search(words)) and not _DONE.search(words)

    for phrase, places in found.items():
        if hint := _doubt(phrase, claims, named):
            stated = (place for place in places if not planned(bisect_right(ends, place.start())))
            yield from (page.finding(Rule.CLAIMS, *page.span(place), hint) for place in stated)


def _doubt(phrase: str, claims: tuple[Claim, ...], named: frozenset[str]) -> str:
    """Why no claim backs a phrase, and what to do; nothing when one does."""
    close = [claim for claim in claims if phrases_of(phrase).search(claim.words)]
    if not close:
        return f"no claim backs it: {PLAN}, or let the founder add a claim at LIVE with its evidence"
    of = [claim for claim in close if not named or claim.product in named]
    if not of:
        return f"{close[0].name} is about another product: {PLAN}, or leave it out"
    live = [claim for claim in of if claim.level == "LIVE"]
    if not live:
        return f"{of[0].name} stands at {of[0].level or 'no level'}: {PLAN}"
    return "" if any(claim.evidence for claim in live) else f"{live[0].name} names no evidence: {PLAN}"
