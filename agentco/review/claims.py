"""What a company may promise: a watched phrase is proved, or worded as a plan or a belief.

Only claims that the founder wrote prove anything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from agentco.kernel import package_data
from agentco.memory.graph import MemoryGraph, merge_entity
from agentco.memory.lines import is_untrusted
from agentco.review.findings import Finding, TextRule
from agentco.review.rendered_text import (
    TextView,
    VisibleText,
    comparison_key,
    read_visible_text,
)
from agentco.review.standards import Standards


class _PlanMarkers(Struct, frozen=True, kw_only=True):
    """`alone` mark a plan where nothing follows that they could belong to: `(planned)`; `done` undo the others."""

    planned: tuple[str, ...]
    alone: tuple[str, ...]
    done: tuple[str, ...]


_MARKERS = package_data.load_table(__name__, _PlanMarkers)
_STANDS_ALONE = re.compile(r"[ \t*`]*(?:[|:;.)\]!?\n]|\Z)")
# A short line that the next does not go on with in small letters is a sentence, as posts are written.
_SENTENCE_END = re.compile(
    r"""[.!?](?=["')\]*]*\s) | \n\s*\n | \n(?=[ \t>]*(?:[-+*\#|•]|\d{1,3}[.)])\s)
      | (?P<line>(?<![^\n]{60})\n[ \t>]*(?=\S))""",
    re.VERBOSE,
)
PLAN_HINT = "word the sentence as a plan or a belief"


class Claim(Struct, frozen=True, kw_only=True):
    """What the founder claims of a product: how far it is true, in which words, and what proves it."""

    name: str
    product: str
    level: str
    words: TextView
    evidence: str


def founder_claims(graph: MemoryGraph) -> tuple[Claim, ...]:
    """The claims of a memory, of the founder's own lines alone."""
    return tuple(
        claim
        for name in graph.types.get("claim", ())
        if (claim := _read_claim(graph, name))
    )


def _read_claim(graph: MemoryGraph, name: str) -> Claim | None:
    own = [
        x
        for x in graph.lines_of(name)
        if x.by in {"founder", "runtime"} and not is_untrusted(x)
    ]
    if not own:
        return None
    entity, product = merge_entity(own), name.split(":")[1:2]
    words = read_visible_text(", ".join(entity.values_of("Words"))).seen
    level, evidence = (
        (entity.last_value("Level") or "").upper(),
        entity.last_value("Evidence") or "",
    )
    return Claim(
        name=name,
        product=comparison_key("".join(product)),
        level=level,
        words=words,
        evidence=evidence,
    )


def find_unproved_claims(page: VisibleText, against: Standards) -> Iterator[Finding]:
    """Every watched phrase that nothing backs, in a sentence that states it as a fact."""
    claims, named = founder_claims(against.graph), against.products_named(page)
    for view in page.views:
        found = {
            phrase: places
            for phrase in against.watched
            if (places := [*view.find_matches(phrase)])
        }
        ends = _sentence_ends(view, page.text) if found else []
        plans = _planned_sentences(view, ends) if found else set[int]()
        for phrase, places in found.items():
            stated = [
                place
                for place in places
                if bisect_right(ends, place.start()) not in plans
            ]
            if stated and (hint := _why_unproved(phrase, claims, named)):
                yield from (
                    page.make_finding(TextRule.CLAIMS, *view.source_span(place), hint)
                    for place in stated
                )


def _sentence_ends(view: TextView, text: str) -> list[int]:
    """Where the sentences of a text end."""
    found = [
        (end.end(), end["line"] is None) for end in _SENTENCE_END.finditer(view.folded)
    ]
    return [
        end
        for end, sure in found
        if sure
        or not re.match(r"[^\W_]", new := text[view.origin[end]])
        or new.isupper()
    ]


def _planned_sentences(view: TextView, ends: list[int]) -> set[int]:
    """Which sentences are worded as a plan or a belief."""
    alone = (match for word in _MARKERS.alone for match in view.find_matches(word))
    marks = [
        *view.find_starts(*_MARKERS.planned),
        *(m.start() for m in alone if _STANDS_ALONE.match(view.folded, m.end())),
    ]
    plans = {bisect_right(ends, mark) for mark in view.outside_links(marks)}
    return plans - {
        bisect_right(ends, mark) for mark in view.find_starts(*_MARKERS.done)
    }


def _why_unproved(phrase: str, claims: tuple[Claim, ...], named: frozenset[str]) -> str:
    """Why no claim backs a phrase, and what to do; nothing when one does."""
    close = [claim for claim in claims if claim.words.find_starts(phrase)]
    if not close:
        return f"no claim backs it: {PLAN_HINT}, or let the founder add a claim at LIVE with its evidence"
    of = [claim for claim in close if not named or claim.product in named]
    if not of:
        return f"{close[0].name} is about another product: {PLAN_HINT}, or leave it out"
    live = [claim for claim in of if claim.level == "LIVE"]
    if not live:
        return f"{of[0].name} stands at {of[0].level or 'no level'}: {PLAN_HINT}"
    return (
        ""
        if any(claim.evidence for claim in live)
        else f"{live[0].name} names no evidence: {PLAN_HINT}"
    )
