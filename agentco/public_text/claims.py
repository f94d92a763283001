"""What a company may promise: a watched phrase is proved, or worded as a plan or a belief.

A denial, a question, a goal and another's product promise nothing. Only claims that the founder
wrote prove anything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import comparison_key
from agentco.memory.graph import MemoryGraph, merge_entity
from agentco.memory.lines import TRUSTED_AUTHORS, is_untrusted
from agentco.public_text.clauses import (
    SentenceWords,
    Span,
    any_word,
    read_sentence,
    sentence_ends,
)
from agentco.public_text.disclaimed import is_disclaimed
from agentco.public_text.findings import Finding, TextRule
from agentco.public_text.names import Names
from agentco.public_text.praise import find_praise
from agentco.public_text.rendered_text import TextView, VisibleText, read_visible_text
from agentco.public_text.standards import Standards
from agentco.public_text.surroundings import read_surroundings
from agentco.public_text.unmade_claims import find_unmade


class _PlanMarkers(Struct, frozen=True, kw_only=True):
    """Words that mark a plan; those `alone` only where nothing follows that they could belong to.

    `(planned)` is one of these. What is `done` undoes the others.
    """

    planned: tuple[str, ...]
    alone: tuple[str, ...]
    done: tuple[str, ...]


_MARKERS = package_data.load_table(__name__, _PlanMarkers)
_STANDS_ALONE = re.compile(r"[ \t*`]*(?:[|:;.)\]!?\n]|\Z)")
_LONGEST_ANSWER = 200
_LONGEST_SPEAKER = 6
_MOST_READ = 200
PLAN_HINT = "reword it as a plan or a belief"


class Claim(Struct, frozen=True, kw_only=True):
    """What the founder claims of a product: how far it is true, in which words, and its proof."""

    name: str
    product: str
    level: str
    words: TextView
    said: tuple[str, ...]
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
        if line.by in TRUSTED_AUTHORS and not is_untrusted(line)
    ]
    if not lines:
        return None
    entity = merge_entity(lines)
    _, _, after_type = name.partition(":")
    product, _, _ = after_type.partition(":")
    words = entity.values_of("Words")
    return Claim(
        name=name,
        product=comparison_key(product),
        level=(entity.last_value("Level") or "").upper(),
        words=read_visible_text(", ".join(words)).seen,
        said=tuple(", ".join(words).split(",")),
        evidence=entity.last_value("Evidence") or "",
    )


def find_unproved_claims(page: VisibleText, standards: Standards) -> Iterator[Finding]:
    """Every watched phrase that nothing backs, in a sentence that states it as a fact."""
    claims = founder_claims(standards.graph)
    products = standards.products_named(page)
    for view in page.views:
        for phrase, places in _stated_phrases(view, page.text, standards, claims):
            hint = _why_unproved(phrase, claims, products)
            if hint:
                for place in places:
                    start, end = view.source_span(place)
                    yield page.make_finding(TextRule.CLAIMS, start, end, hint)


def _stated_phrases(
    view: TextView, text: str, standards: Standards, claims: Sequence[Claim]
) -> Iterator[tuple[str, list[re.Match[str]]]]:
    """Phrases with their places in clauses that state them of us, as facts."""
    matches_of: dict[str, list[re.Match[str]]] = {}
    for phrase in standards.watched:
        matches = list(view.find_matches(phrase))
        if matches:
            matches_of[phrase] = matches
    for phrase, match in find_praise(view, text, standards.names):
        matches_of.setdefault(phrase, []).append(match)
    ends = sentence_ends(view, text)
    for claim in claims:
        for phrase in claim.said if claim.level != "LIVE" else ():
            for match in find_unmade(view, ends, phrase):
                matches_of.setdefault(match[0], []).append(match)
    if not matches_of:
        return
    places = [match.span() for matches in matches_of.values() for match in matches]
    stated = _stated_places(view, text, places, standards.names)
    for phrase, matches in matches_of.items():
        claimed = [match for match in matches if match.span() in stated]
        if claimed:
            yield phrase, claimed


def _stated_places(
    view: TextView, text: str, places: Sequence[Span], names: Names
) -> frozenset[Span]:
    """The places of watched phrases in clauses that are no plan, denial, question or the like."""
    ends = sentence_ends(view, text)
    by_sentence: dict[int, list[Span]] = {}
    for place in sorted({*places}):
        by_sentence.setdefault(bisect_right(ends, place[0]), []).append(place)
    marks, done = (
        _plan_marks(view),
        _sentences_of(view.find_starts(*_MARKERS.done), ends),
    )
    bounds = [0, *ends, len(view.folded)]
    around = read_surroundings(view, text)
    stated: set[Span] = set()
    for number, spans in by_sentence.items():
        sentence = read_sentence(
            view, text, (bounds[number], bounds[number + 1]), spans
        )
        following = _next_sentence(view, text, bounds[number + 1 : number + 6])
        plans = (
            [] if number in done else _planned_clauses(sentence, marks, ends, number)
        )
        stated.update(spans[_MOST_READ:])
        for span in spans[:_MOST_READ]:
            word = sentence.place_of(span[0])
            planned = any(start <= word < end for start, end in plans)
            if planned or is_disclaimed(sentence, word, following, names):
                continue
            if not around.disclaim(span[0], sentence, names):
                stated.add(span)
    return frozenset(stated)


def _next_sentence(
    view: TextView, text: str, bounds: Sequence[int]
) -> SentenceWords | None:
    """The first sentence with words between bounds, as far as it could answer; or None."""
    for start, end in pairwise(bounds):
        last = min(end, start + _LONGEST_ANSWER)
        sentence = read_sentence(view, text, (start, last), ())
        words = sentence.texts(0, len(sentence.words))
        names_speaker = len(words) <= _LONGEST_SPEAKER and any_word(words, "speech")
        if any(map(str.isalnum, words)) and not names_speaker:
            return sentence
    return None


def _sentences_of(starts: Sequence[int], ends: Sequence[int]) -> frozenset[int]:
    return frozenset(bisect_right(ends, start) for start in starts)


def _plan_marks(view: TextView) -> list[int]:
    """Where a plan or a belief is marked as one."""
    marks = view.find_starts(*_MARKERS.planned)
    for word in _MARKERS.alone:
        for match in view.find_matches(word):
            if _STANDS_ALONE.match(view.folded, match.end()):
                marks.append(match.start())
    return sorted(view.outside_links(marks))


def _planned_clauses(
    sentence: SentenceWords, marks: Sequence[int], ends: Sequence[int], number: int
) -> list[Span]:
    """The clauses of a sentence that a mark words as a plan or a belief."""
    clauses: list[Span] = []
    first = bisect_right(marks, ends[number - 1] - 1) if number else 0
    for mark in marks[first:]:
        if bisect_right(ends, mark) != number:
            break
        place = sentence.place_of(mark)
        if not any(start <= place < end for start, end in clauses):
            clauses.append(sentence.clause_of(place, wide=True))
    return clauses


def _why_unproved(
    phrase: str, claims: tuple[Claim, ...], products: frozenset[str]
) -> str:
    """Why no claim backs a phrase, and what to do; empty when one does."""
    close = [claim for claim in claims if claim.words.find_starts(phrase)]
    if not close:
        founder = "have the founder add a LIVE claim with evidence"
        return f"no recorded claim supports this: {PLAN_HINT}, or {founder}"
    about = [claim for claim in close if not products or claim.product in products]
    if not about:
        return f"{close[0].name} is about another product: {PLAN_HINT}, or leave it out"
    live = [claim for claim in about if claim.level == "LIVE"]
    if not live:
        level = about[0].level or "no level"
        return f"{about[0].name} is at {level}: {PLAN_HINT}"
    if not any(claim.evidence for claim in live):
        return f"{live[0].name} has no evidence: {PLAN_HINT}"
    return ""
