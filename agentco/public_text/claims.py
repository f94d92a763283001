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
from agentco.public_text.judged_claims import (
    StatedPlace,
    explain_claim,
    find_worded_claims,
    is_claim,
)
from agentco.public_text.praise import find_praise
from agentco.public_text.rendered_text import TextView, VisibleText, read_visible_text
from agentco.public_text.sentence_marks import SentencePlace, source_stems
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
WORDED_HINT = (
    f"reads as a promise or praise that nothing backs: {PLAN_HINT}, or leave it out"
)


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
    looked_at: list[Span] = []
    for view in page.views:
        matches_of = claim_candidates(view, page.text, standards)
        if view is page.seen:
            looked_at += [one.span() for some in matches_of.values() for one in some]
            looked_at += _live_places(view, page.text, claims)
        stated = _stated_phrases(matches_of, view, page.text, standards, claims)
        for phrase, places in stated:
            if view is page.seen:
                looked_at += [place.span() for place, _ in places]
            hint = why_unproved(phrase, claims, products)
            if hint:
                for place, judged in places:
                    why = explain_claim(judged, view, page.text) if judged else ""
                    start, end = view.source_span(place.span())
                    yield page.make_finding(TextRule.CLAIMS, start, end, hint, why)
    said = said_stems(standards, claims)
    for span, why in find_worded_claims(
        page.seen, page.text, said, standards.names, looked_at
    ):
        start, end = page.seen.source_span(span)
        yield page.make_finding(TextRule.CLAIMS, start, end, WORDED_HINT, why)


def _live_places(view: TextView, text: str, claims: Sequence[Claim]) -> Iterator[Span]:
    """Where a sentence says what a live claim says, in any form."""
    ends = sentence_ends(view, text)
    live = [claim for claim in claims if claim.level == "LIVE"]
    for claim in live:
        for phrase in claim.said:
            matches = find_unmade(view, ends, phrase)
            for match in matches:
                yield match.span()


def said_stems(standards: Standards, claims: Sequence[Claim]) -> frozenset[str]:
    """The beginnings of the words that the sources and the founder's live claims say."""
    live = (claim.words.folded for claim in claims if claim.level == "LIVE")
    return source_stems((*standards.words, *live))


def _stated_phrases(
    matches_of: dict[str, list[re.Match[str]]],
    view: TextView,
    text: str,
    standards: Standards,
    claims: Sequence[Claim],
) -> Iterator[tuple[str, list[tuple[re.Match[str], StatedPlace | None]]]]:
    """Phrases with their places in clauses that state them of us, as facts.

    Each place has what a model judged of it; None where a rule alone holds it.
    """
    kept = {
        match.span()
        for phrase in standards.own_words
        for match in matches_of.get(phrase, ())
    }
    ends = sentence_ends(view, text)
    for claim in claims:
        for phrase in claim.said if claim.level != "LIVE" else ():
            for match in find_unmade(view, ends, phrase):
                matches_of.setdefault(match[0], []).append(match)
                kept.add(match.span())
    if not matches_of:
        return
    places = [match.span() for matches in matches_of.values() for match in matches]
    said = said_stems(standards, claims)
    stated = stated_places(view, text, places, standards, said)
    found = {
        one.span: None if one.span in kept else one
        for one in stated
        if one.span in kept or is_claim(one)
    }
    for phrase, matches in matches_of.items():
        claimed = [
            (match, found[match.span()]) for match in matches if match.span() in found
        ]
        if claimed:
            yield phrase, claimed


def claim_candidates(
    view: TextView, text: str, standards: Standards
) -> dict[str, list[re.Match[str]]]:
    """Where watched phrases and praise stand, stated or not."""
    matches_of: dict[str, list[re.Match[str]]] = {}
    for phrase in standards.watched:
        matches = list(view.find_matches(phrase))
        if matches:
            matches_of[phrase] = matches
    for phrase, match in find_praise(view, text, standards.names):
        matches_of.setdefault(phrase, []).append(match)
    return matches_of


def stated_places(
    view: TextView,
    text: str,
    places: Sequence[Span],
    standards: Standards,
    said: frozenset[str],
) -> list[StatedPlace]:
    """The places of watched phrases in clauses that are no plan, denial, question or the like.

    `said` are the stems of what sources and claims say.
    """
    names = standards.names
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
    stated: list[StatedPlace] = []
    for number, spans in by_sentence.items():
        sentence = read_sentence(
            view, text, (bounds[number], bounds[number + 1]), spans
        )
        following = _next_sentence(view, text, bounds[number + 1 : number + 6])
        plans = (
            [] if number in done else _planned_clauses(sentence, marks, ends, number)
        )
        for at, span in enumerate(spans):
            word = sentence.place_of(span[0])
            planned = any(start <= word < end for start, end in plans)
            is_read = at < _MOST_READ
            if is_read and (planned or is_disclaimed(sentence, word, following, names)):
                continue
            if is_read and around.disclaim(span[0], sentence, names):
                continue
            read = SentencePlace(
                sentence=sentence,
                following=following,
                marks=around.marks_at(span[0], sentence),
                said=said,
                names=names,
            )
            stated.append(StatedPlace(span=span, read=read, word=word))
    return stated


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


def why_unproved(
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
