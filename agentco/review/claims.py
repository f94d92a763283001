"""What a company may promise: a watched phrase is proved, or worded as a plan or a belief.

Only claims that the founder wrote prove anything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import comparison_key
from agentco.memory.graph import MemoryGraph, merge_entity
from agentco.memory.lines import is_untrusted
from agentco.review.findings import Finding, TextRule
from agentco.review.rendered_text import TextView, VisibleText, read_visible_text
from agentco.review.standards import Standards


class _PlanMarkers(Struct, frozen=True, kw_only=True):
    """Words that mark a plan; those `alone` only where nothing follows that they could belong to.

    `(planned)` is one of these. What is `done` undoes the others.
    """

    planned: tuple[str, ...]
    alone: tuple[str, ...]
    done: tuple[str, ...]


_MARKERS = package_data.load_table(__name__, _PlanMarkers)
_STANDS_ALONE = re.compile(r"[ \t*`]*(?:[|:;.)\]!?\n]|\Z)")
# A short line that the next does not continue in small letters is a sentence, as in posts.
_SENTENCE_END = re.compile(
    r"""[.!?](?=["')\]*]*\s) | \n\s*\n | \n(?=[ \t>]*(?:[-+*\#|•]|\d{1,3}[.)])\s)
      | (?P<line>(?<![^\n]{60})\n[ \t>]*(?=\S))""",
    re.VERBOSE,
)
PLAN_HINT = "word the sentence as a plan or a belief"


class Claim(Struct, frozen=True, kw_only=True):
    """What the founder claims of a product: how far it is true, in which words, and its proof."""

    name: str
    product: str
    level: str
    words: TextView
    evidence: str


def founder_claims(graph: MemoryGraph) -> tuple[Claim, ...]:
    """The claims of a memory, from the founder's own lines alone."""
    claims: list[Claim] = []
    for name in graph.types.get("claim", ()):
        claim = _read_claim(graph, name)
        if claim is not None:
            claims.append(claim)
    return tuple(claims)


def _read_claim(graph: MemoryGraph, name: str) -> Claim | None:
    lines = [
        line
        for line in graph.lines_of(name)
        if line.by in {"founder", "runtime"} and not is_untrusted(line)
    ]
    if not lines:
        return None
    entity = merge_entity(lines)
    _, _, after_type = name.partition(":")
    product, _, _ = after_type.partition(":")
    return Claim(
        name=name,
        product=comparison_key(product),
        level=(entity.last_value("Level") or "").upper(),
        words=read_visible_text(", ".join(entity.values_of("Words"))).seen,
        evidence=entity.last_value("Evidence") or "",
    )


def find_unproved_claims(page: VisibleText, standards: Standards) -> Iterator[Finding]:
    """Every watched phrase that nothing backs, in a sentence that states it as a fact."""
    claims = founder_claims(standards.graph)
    products = standards.products_named(page)
    for view in page.views:
        for phrase, places in _stated_phrases(view, page.text, standards.watched):
            hint = _why_unproved(phrase, claims, products)
            if hint:
                for place in places:
                    start, end = view.source_span(place)
                    yield page.make_finding(TextRule.CLAIMS, start, end, hint)


def _stated_phrases(
    view: TextView, text: str, phrases: Sequence[str]
) -> Iterator[tuple[str, list[re.Match[str]]]]:
    """Phrases with their places in sentences that are not worded as a plan or a belief."""
    matches_of: dict[str, list[re.Match[str]]] = {}
    for phrase in phrases:
        matches = list(view.find_matches(phrase))
        if matches:
            matches_of[phrase] = matches
    if not matches_of:
        return
    ends = _sentence_ends(view, text)
    plans = _planned_sentences(view, ends)
    for phrase, matches in matches_of.items():
        stated: list[re.Match[str]] = []
        for match in matches:
            sentence = bisect_right(ends, match.start())
            if sentence not in plans:
                stated.append(match)
        if stated:
            yield phrase, stated


def _sentence_ends(view: TextView, text: str) -> list[int]:
    """Where the sentences of a text end."""
    ends: list[int] = []
    for match in _SENTENCE_END.finditer(view.folded):
        end = match.end()
        if match["line"] is None or _begins_sentence(text[view.origin[end]]):
            ends.append(end)
    return ends


def _begins_sentence(sign: str) -> bool:
    """Whether a line that begins with this sign does not continue the one before."""
    return not re.match(r"[^\W_]", sign) or sign.isupper()


def _planned_sentences(view: TextView, ends: list[int]) -> set[int]:
    """Which sentences are worded as a plan or a belief."""
    marks = view.find_starts(*_MARKERS.planned)
    for word in _MARKERS.alone:
        for match in view.find_matches(word):
            if _STANDS_ALONE.match(view.folded, match.end()):
                marks.append(match.start())
    plans = {bisect_right(ends, mark) for mark in view.outside_links(marks)}
    done = {bisect_right(ends, mark) for mark in view.find_starts(*_MARKERS.done)}
    return plans - done


def _why_unproved(
    phrase: str, claims: tuple[Claim, ...], products: frozenset[str]
) -> str:
    """Why no claim backs a phrase, and what to do; empty when one does."""
    close = [claim for claim in claims if claim.words.find_starts(phrase)]
    if not close:
        founder = "let the founder add a claim at LIVE with its evidence"
        return f"no claim backs it: {PLAN_HINT}, or {founder}"
    about = [claim for claim in close if not products or claim.product in products]
    if not about:
        return f"{close[0].name} is about another product: {PLAN_HINT}, or leave it out"
    live = [claim for claim in about if claim.level == "LIVE"]
    if not live:
        level = about[0].level or "no level"
        return f"{about[0].name} stands at {level}: {PLAN_HINT}"
    if not any(claim.evidence for claim in live):
        return f"{live[0].name} names no evidence: {PLAN_HINT}"
    return ""
