"""What a company may promise: a watched phrase is proved, or worded as a plan or a belief.

Only claims that the founder wrote prove anything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from agentco.kernel import package_data
from agentco.memory.graph import Graph, merged
from agentco.memory.lines import untrusted
from agentco.review.findings import Finding, Rule
from agentco.review.rendered_text import Page, View, key, page_of
from agentco.review.standards import Standards


class _Markers(Struct, frozen=True, kw_only=True):
    """`alone` mark a plan where nothing follows that they could belong to: `(planned)`; `done` undo the others."""

    planned: tuple[str, ...]
    alone: tuple[str, ...]
    done: tuple[str, ...]


_MARKERS = package_data.table(__name__, _Markers)
_ALONE = re.compile(r"[ \t*`]*(?:[|:;.)\]!?\n]|\Z)")
# A short line that the next does not go on with in small letters is a sentence, as posts are written.
_END = re.compile(
    r"""[.!?](?=["')\]*]*\s) | \n\s*\n | \n(?=[ \t>]*(?:[-+*\#|•]|\d{1,3}[.)])\s)
      | (?P<line>(?<![^\n]{60})\n[ \t>]*(?=\S))""",
    re.VERBOSE,
)
PLAN = "word the sentence as a plan or a belief"


class Claim(Struct, frozen=True, kw_only=True):
    """What the founder claims of a product: how far it is true, in which words, and what proves it."""

    name: str
    product: str
    level: str
    words: View
    evidence: str


def claims_of(graph: Graph) -> tuple[Claim, ...]:
    """The claims of a memory, of the founder's own lines alone."""
    return tuple(
        claim for name in graph.types.get("claim", ()) if (claim := _claim(graph, name))
    )


def _claim(graph: Graph, name: str) -> Claim | None:
    own = [
        x
        for x in graph.said(name)
        if x.by in {"founder", "runtime"} and not untrusted(x)
    ]
    if not own:
        return None
    entity, product = merged(own), name.split(":")[1:2]
    words = page_of(", ".join(entity.values("Words"))).seen
    level, evidence = (
        (entity.value("Level") or "").upper(),
        entity.value("Evidence") or "",
    )
    return Claim(
        name=name,
        product=key("".join(product)),
        level=level,
        words=words,
        evidence=evidence,
    )


def unproved(page: Page, against: Standards) -> Iterator[Finding]:
    """Every watched phrase that nothing backs, in a sentence that states it as a fact."""
    claims, named = claims_of(against.graph), against.named(page)
    for view in page.views:
        found = {
            phrase: places
            for phrase in against.watched
            if (places := [*view.matches(phrase)])
        }
        ends = _ends(view, page.text) if found else []
        plans = _plans(view, ends) if found else set[int]()
        for phrase, places in found.items():
            stated = [
                place
                for place in places
                if bisect_right(ends, place.start()) not in plans
            ]
            if stated and (hint := _doubt(phrase, claims, named)):
                yield from (
                    page.finding(Rule.CLAIMS, *view.span(place), hint)
                    for place in stated
                )


def _ends(view: View, text: str) -> list[int]:
    """Where the sentences of a text end."""
    found = [(end.end(), end["line"] is None) for end in _END.finditer(view.folded)]
    return [
        end
        for end, sure in found
        if sure
        or not re.match(r"[^\W_]", new := text[view.origin[end]])
        or new.isupper()
    ]


def _plans(view: View, ends: list[int]) -> set[int]:
    """Which sentences are worded as a plan or a belief."""
    alone = (match for word in _MARKERS.alone for match in view.matches(word))
    marks = [
        *view.places(*_MARKERS.planned),
        *(m.start() for m in alone if _ALONE.match(view.folded, m.end())),
    ]
    plans = {bisect_right(ends, mark) for mark in view.in_words(marks)}
    return plans - {bisect_right(ends, mark) for mark in view.places(*_MARKERS.done)}


def _doubt(phrase: str, claims: tuple[Claim, ...], named: frozenset[str]) -> str:
    """Why no claim backs a phrase, and what to do; nothing when one does."""
    close = [claim for claim in claims if claim.words.places(phrase)]
    if not close:
        return f"no claim backs it: {PLAN}, or let the founder add a claim at LIVE with its evidence"
    of = [claim for claim in close if not named or claim.product in named]
    if not of:
        return f"{close[0].name} is about another product: {PLAN}, or leave it out"
    live = [claim for claim in of if claim.level == "LIVE"]
    if not live:
        return f"{of[0].name} stands at {of[0].level or 'no level'}: {PLAN}"
    return (
        ""
        if any(claim.evidence for claim in live)
        else f"{live[0].name} names no evidence: {PLAN}"
    )
