"""Figures that a careful reader works out: `nine in ten` from `27 of 30`, `about 460 an hour`.

One step from two figures that stand side by side, in the text or in a line of a source that also
says one of the text's own; `about`, `almost` and fractions in words leave room for rounding.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from agentco.figures.figure_steps import (
    Pair,
    clock_spans,
    in_one,
    is_none_said,
    is_one_in,
    listed,
    share_said,
    value_of,
    values_of_pair,
    values_of_rates,
    years_since,
)
from agentco.kernel.comparison import plain_letters
from agentco.kernel.computed_figures import Term, paragraph_around, read_term
from agentco.kernel.figures import FigurePlace, locate_figures
from agentco.kernel.likely_steps import likely_step
from agentco.kernel.stated_figure import (
    ROUNDED,
    Result,
    next_stem,
    read_result,
    stems_of,
)

_MOST_TERMS = 4
_MOST_PAIRS = 200
_LONGEST_SOURCE = 100_000
_RATIO = re.compile(
    r"[ ](?:in|out of|of|of every|in every|em cada|em|de cada|dos|das)[ ]\Z"
)


_BY = "\u00f7"
_NONE = "none, as a source says"


class _Given(Struct, frozen=True, kw_only=True):
    """What a line of the sources says side by side: figures with the words among them."""

    terms: tuple[Term, ...]
    line: str
    stems: frozenset[str]

    @property
    def pairs(self) -> Iterator[Pair]:
        """The figures that stand next to each other."""
        return iter(pairwise(self.terms))


class FollowedFigure(Struct, frozen=True, kw_only=True):
    """How a figure follows, and why that is no chance where that was weighed."""

    how: str
    weighed: str = ""


def followed_figures(
    unknown: Sequence[FigurePlace],
    known: Sequence[FigurePlace],
    text: str,
    sources: Sequence[str],
) -> dict[FigurePlace, FollowedFigure]:
    """Those of the unknown figures that follow from what is known, with how."""
    given = [*_read_sources(sources)] if unknown else []
    found: dict[FigurePlace, FollowedFigure] = {}
    for place in unknown:
        how = _follow(place, known, text, given, sources)
        if how is not None:
            found[place] = FollowedFigure(how=how)
    for one, other in pairwise(unknown):
        how = _follow_ratio(one, other, known, text, given)
        if how is not None:
            found[one] = found[other] = FollowedFigure(how=how)
    said = sorted([*known, *found], key=_start)
    for place in unknown:
        if is_none_said(place, text, sources):
            how = f"{text[place.start : place.end]} = {_NONE}"
            found[place] = FollowedFigure(how=how)
        if place in found:
            continue
        step = likely_step(place, said, text, sources)
        if step is not None:
            found[place] = FollowedFigure(how=step.how, weighed=step.explained)
    return found


def _read_sources(sources: Sequence[str]) -> Iterator[_Given]:
    """The lines of the sources that say figures, as far as they are looked at."""
    count = 0
    for source in sources:
        for line in source[:_LONGEST_SOURCE].split("\n"):
            read = [read_term(place, line) for place in locate_figures(line)]
            terms = tuple(term for term in read if term is not None)
            if terms:
                yield _Given(terms=terms, line=line, stems=stems_of(line))
            count += len(terms)
            if count >= _MOST_PAIRS:
                return


def _follow(
    place: FigurePlace,
    known: Sequence[FigurePlace],
    text: str,
    given: Sequence[_Given],
    sources: Sequence[str],
) -> str | None:
    """How one figure follows, if it does."""
    result = read_result(place, text)
    if result is None:
        return None
    spans = clock_spans(result, text, sources)
    terms = _terms_near(place, known, text)
    pairs = [*_pairs_of(result, terms), *_pairs_said(terms, given)]
    is_part = is_one_in(text, place)
    share = share_said(result, text, place)
    if result.is_in_words or is_part or share:
        pairs += _pairs_about(result, given)
    values = [value for pair in pairs for value in values_of_pair(pair, result)]
    if is_part:
        values += in_one(pairs)
    values += [*years_since(result, sources), *listed(result, place, text, sources)]
    rates = values_of_rates(result, terms, text)
    shared = _of_share(share, pairs) if share is not None else None
    if shared is not None:
        return f"{result.term.said} = {shared}"
    for value, how in [*spans, *values, *rates, *_rounded(result, given)]:
        if result.fits(value):
            return f"{result.term.said} = {how}"
    return None


def _terms_near(
    place: FigurePlace, known: Sequence[FigurePlace], text: str
) -> list[Term]:
    """The known figures of its paragraph that stand nearest, in their order."""
    start, end = paragraph_around(text, place.start)
    near = [one for one in known if start <= one.start < end]
    if not near and not re.search(r"\d", text[place.start : place.end]):
        start, _ = paragraph_around(text, max(start - 2, 0))
        near = [one for one in known if start <= one.start < end]

    def distance(one: FigurePlace) -> int:
        return abs(one.start - place.start)

    nearest = sorted(near, key=distance)[:_MOST_TERMS]
    terms = [read_term(one, text) for one in sorted(nearest, key=_start)]
    return [term for term in terms if term is not None]


def _start(place: FigurePlace) -> int:
    return place.start


def _pairs_of(result: Result, terms: Sequence[Term]) -> Iterator[Pair]:
    """The terms of a text that are taken together: neighbours; for a fraction any two."""
    if result.term.unit == "" and result.term.value < 1:
        for at, one in enumerate(terms):
            for other in terms[at + 1 :]:
                yield one, other
        return
    yield from pairwise(terms)


def _pairs_about(result: Result, given: Sequence[_Given]) -> Iterator[Pair]:
    """The pairs of source lines that speak of what the sentence of a figure does."""
    for one in given:
        if result.stems & one.stems:
            yield from one.pairs


def _rounded(result: Result, given: Sequence[_Given]) -> Iterator[tuple[Decimal, str]]:
    """What a source says exactly, and the text as `over 2,000`."""
    for one in given if result.is_rounded else ():
        for term in one.terms:
            counted = next_stem(one.line, term.start + len(term.said))
            is_same = bool(term.unit) or (counted and counted in result.stems)
            if term.unit == result.term.unit and is_same:
                yield term.value, term.said


def _pairs_said(terms: Sequence[Term], given: Sequence[_Given]) -> Iterator[Pair]:
    """The pairs of sources of which the text says one figure itself."""
    said = {(term.value, term.unit) for term in terms}
    values = {term.value for term in terms}
    for one, other in (pair for line in given for pair in line.pairs):
        keys = {(one.value, one.unit), (other.value, other.unit)}
        if said & keys or (not one.unit and one.value in values):
            yield one, other


def _follow_ratio(
    one: FigurePlace,
    other: FigurePlace,
    known: Sequence[FigurePlace],
    text: str,
    given: Sequence[_Given],
) -> str | None:
    """How `nine in ten` follows from two figures whose share it is."""
    first, second = read_term(one, text), read_term(other, text)
    between = plain_letters(text[one.end : other.start])
    if first is None or second is None or not _RATIO.match(between):
        return None
    if not 0 < first.value < second.value:
        return None
    terms = _terms_near(one, known, text)
    share = first.value / second.value
    for some, more in [*pairwise(terms), *_pairs_said(terms, given)]:
        small, large = sorted((some, more), key=value_of)
        if large.value and abs(small.value / large.value - share) <= share * ROUNDED:
            how = f"{small.said} {_BY} {large.said}"
            return f"{first.said} in {second.said} = {how}"
    return None


def _of_share(share: Decimal, pairs: Sequence[Pair]) -> str | None:
    """Which two figures have a share, about."""
    for small, large in map(_in_order, pairs):
        if large.value and abs(small.value / large.value - share) <= share * ROUNDED:
            return f"{small.said} {_BY} {large.said}"
    return None


def _in_order(pair: Pair) -> Pair:
    """The smaller of two terms, and the larger."""
    small, large = sorted(pair, key=value_of)
    return small, large
