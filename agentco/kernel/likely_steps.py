"""Figures that hardly any chance explains: `the other seven`, where the sources say 38 and 31.

A step of arithmetic is believed when the figure says more than it costs to name the step. Both are
counted in bits: a figure of three digits says about ten; one pair of twenty numbers costs eight, a
step that no word beside the figure speaks of costs more. So a figure that was made up fits with a
chance that is known, however many numbers the sources have.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice, permutations, takewhile
from math import log2
from typing import TypeAlias

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import plain_letters
from agentco.kernel.computed_figures import Term, paragraph_around, read_term
from agentco.kernel.figures import FigurePlace, locate_figures, spelt_in_digits
from agentco.kernel.stated_figure import Result, read_result, stems_of

_CUES = package_data.load_table(__name__, dict[str, frozenset[str]])
_ENOUGH = 3.6
"""Bits that must be left: a figure that was made up passes about once in eleven such chances."""
_NEAR, _SAID, _UNSAID = -2.5, 0.0, 3.0
"""What a step costs with a word for it beside the figure, in its sentence, nowhere."""
_STRANGE_UNIT, _NO_UNIT = 1.5, 1.0
_MIXED = 1.0
_MOST_TERMS, _MOST_SENTENCES, _LONGEST_SOURCE = 8, 60, 40_000
_ROUNDED_BITS = 3.5
_FACTORS = {"month": (12,), "day": (30, 7), "week": (52, 4), "twice": (2,), "h": (24,)}
_WHOLE = Decimal(100)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n")
_WORD = re.compile(r"[^\W\d_]+|[+%\u2212-]")
_BESIDE, _REACH = 3, 400
_TIMES, _MINUS, _BY = "\u00d7", "\u2212", "\u00f7"


class LikelyStep(Struct, frozen=True, kw_only=True):
    """How a figure follows, what it says in bits, and what naming the step takes of them."""

    how: str
    bits: float
    taken: float

    @property
    def left(self) -> float:
        """The bits that chance does not explain."""
        return self.bits - self.taken

    @property
    def explained(self) -> str:
        """Why it is no chance, in words."""
        told = f"the figure says {self.bits:.1f} bits, naming the step takes {self.taken:.1f}"
        return f"{told}: {self.left:.1f} left, enough from {_ENOUGH}"


_Told: TypeAlias = tuple[tuple[Term, ...], frozenset[str]]


class _Group(Struct, frozen=True):
    """Terms that stand together, and what it costs to look at them."""

    terms: tuple[Term, ...]
    cost: float


class _Step(Struct, frozen=True):
    """What follows from terms, how, by which kind of word, and from which units."""

    value: Decimal
    how: tuple[str, ...]
    cue: str
    units: frozenset[str]


class _Spoken(Struct, frozen=True):
    """The words of the sentence of a figure, and those beside it."""

    words: frozenset[str]
    beside: frozenset[str]

    def cost(self, cue: str) -> float:
        """What a step costs of which words of a kind speak; none is needed for the same figure."""
        if cue == "same":
            return _SAID
        if not _CUES[cue].isdisjoint(self.beside):
            return _NEAR
        return _UNSAID if _CUES[cue].isdisjoint(self.words) else _SAID


def likely_step(
    place: FigurePlace, known: Sequence[FigurePlace], text: str, sources: Sequence[str]
) -> LikelyStep | None:
    """How a figure follows from known ones and from what sources say, if that is no chance."""
    result = read_result(place, text)
    if result is None:
        return None
    bits = _bits(result)
    start, end = _sentence_around(text, place)
    spoken = _Spoken(
        words=_words(text[start:end]),
        beside=_words(" ".join(text[start : place.start].split()[-_BESIDE:]))
        | _words(" ".join(text[place.end : end].split()[:_BESIDE])),
    )
    best: LikelyStep | None = None
    for group in _groups(place, known, text, sources):
        if bits - group.cost - _NEAR < _ENOUGH:
            continue
        for step, cost in _steps_of(group, result):
            if not result.fits(step.value):
                continue
            unit = _unit_cost(step, result)
            if unit is None:
                continue
            gained = bits if step.value == result.term.value else _rounded(bits)
            likely = LikelyStep(
                how=f"{result.term.said} = {' '.join(step.how)}",
                bits=gained,
                taken=cost + unit + spoken.cost(step.cue),
            )
            if likely.left >= _ENOUGH and (best is None or likely.left > best.left):
                best = likely
    return best


def _bits(result: Result) -> float:
    """How much a figure says: its digits, zeros at the end by half; little for a word."""
    if result.is_in_words:
        return _ROUNDED_BITS + 1
    digits = f"{result.term.value.normalize():f}".replace(".", "").lstrip("0")
    told = digits.rstrip("0") or "0"
    zeros = len(digits) - len(told)
    return log2(9) + log2(10) * (len(told) - 1 + zeros / 2)


def _rounded(bits: float) -> float:
    return min(bits, _ROUNDED_BITS + 1)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(plain_letters(text)))


def _sentence_around(text: str, place: FigurePlace) -> tuple[int, int]:
    """Where the sentence of a figure begins and ends, as far as it can matter."""
    start, last = max(place.start - _REACH, 0), min(place.end + _REACH, len(text))
    for gap in _SENTENCE.finditer(text, start, last):
        if gap.start() >= place.end:
            return start, gap.start()
        if gap.end() <= place.start:
            start = gap.end()
    return start, last


def _groups(
    place: FigurePlace, known: Sequence[FigurePlace], text: str, sources: Sequence[str]
) -> Iterator[_Group]:
    """The figures beside a figure, those of each sentence of the sources, and both together."""
    start, end = _sentence_around(text, place)
    before = max(start - _REACH, paragraph_around(text, place.start)[0])
    for gap in _SENTENCE.finditer(text, before, max(start - 1, 0)):
        before = gap.end()
    first = bisect_left(known, before, key=_start)
    near_by = takewhile(lambda one: one.start < end, islice(known, first, None))
    places = [*islice(near_by, 2 * _MOST_TERMS)]
    here = _terms([one for one in places if one.start >= start], text)
    near = _terms(places, text)
    yield _Group(here, 0)
    if len(near) > len(here):
        yield _Group(near, 0.5)
    stems = stems_of(text[start:end])
    values = {term.value for term in near}
    ranked = sorted(_read_sources(tuple(sources)), key=_by_relation(stems, values))
    for rank, (terms, said) in enumerate(ranked[:_MOST_SENTENCES]):
        related = bool(stems & said) or bool(values & {term.value for term in terms})
        if not related:
            continue
        cost = log2(1 + rank)
        yield _Group(terms, cost)
        yield _Group((*terms, *here), cost + _MIXED)


def _start(place: FigurePlace) -> int:
    return place.start


def _by_relation(stems: frozenset[str], values: set[Decimal]) -> Callable[[_Told], int]:
    def unrelated(read: _Told) -> int:
        terms, said = read
        return -len(stems & said) - 2 * len(values & {term.value for term in terms})

    return unrelated


@lru_cache(maxsize=16)
def _read_sources(sources: tuple[str, ...]) -> list[_Told]:
    """The sentences of sources that say figures, with the beginnings of their words."""
    told: list[_Told] = []
    for source in sources:
        for sentence in _SENTENCE.split(source[:_LONGEST_SOURCE]):
            said = spelt_in_digits(sentence)
            terms = _terms([*locate_figures(said)], said)
            if terms:
                told.append((terms, stems_of(sentence)))
    return told


def _terms(places: Sequence[FigurePlace], text: str) -> tuple[Term, ...]:
    read = [read_term(place, text) for place in places[:_MOST_TERMS]]
    return tuple(term for term in read if term is not None and term.value)


def _unit_cost(step: _Step, result: Result) -> float | None:
    """What it costs that units are left out or different; None where they cannot fit."""
    unit = result.term.unit
    if unit in step.units or (not unit and not step.units):
        return 0
    if not unit:
        return _NO_UNIT
    return None if step.units - {"%"} else _STRANGE_UNIT


def _steps_of(group: _Group, result: Result) -> Iterator[tuple[_Step, float]]:
    """The steps from a group of terms, each with what it costs to name its terms."""
    count = len(group.terms)
    for term in group.terms:
        for step in _of_one(term, result):
            yield step, group.cost + log2(count) + (step.cue != "same")
    pairs = count * (count - 1) / 2
    for one, other in permutations(group.terms, 2):
        for step in _of_two(one, other, result):
            yield step, group.cost + log2(pairs)
    if count > len(("one", "other")) and not result.is_in_words:
        for step in _of_all(group.terms):
            yield step, group.cost


def _of_one(term: Term, result: Result) -> Iterator[_Step]:
    units = _units(term)
    if result.is_in_words and result.term.value < 1:
        if term.unit == "%":
            yield _Step(term.value / _WHOLE, (term.said,), "same", frozenset())
        return
    if result.is_rounded and term.unit == result.term.unit:
        yield _Step(term.value, (term.said,), "same", units)
    for cue, factors in _FACTORS.items():
        for factor in factors:
            yield _Step(
                term.value * factor, (term.said, _TIMES, f"{factor}"), cue, units
            )
            yield _Step(term.value / factor, (term.said, _BY, f"{factor}"), cue, units)
    if term.unit == result.term.unit == "%" and term.value < _WHOLE:
        yield _Step(_WHOLE - term.value, ("100", _MINUS, term.said), "share", units)


def _of_two(one: Term, other: Term, result: Result) -> Iterator[_Step]:
    """Sum, difference, product, quotient and shares of two terms, in this order."""
    if result.is_in_words:
        return
    units = _units(one, other)
    alike = len(units) < len(("a", "b"))
    larger = one.value > other.value
    if alike and larger:
        yield _Step(
            one.value - other.value, (one.said, _MINUS, other.said), "difference", units
        )
        yield _Step(one.value + other.value, (one.said, "+", other.said), "sum", units)
    if not one.unit or not other.unit:
        if larger:
            how = (one.said, _TIMES, other.said)
            yield _Step(one.value * other.value, how, "product", units)
        how = (one.said, _BY, other.said)
        yield _Step(one.value / other.value, how, "each", _units(one))
    if result.term.unit == "%":
        yield from _shares(one, other)
    if other.unit == "%" and one.unit != "%":
        part = one.value * other.value / _WHOLE
        how = (other.said, _TIMES, one.said)
        yield _Step(part, how, "share", _units(one))
        yield _Step(
            one.value - part, (one.said, _MINUS, other.said), "sum", _units(one)
        )


def _shares(one: Term, other: Term) -> Iterator[_Step]:
    """The share of one term in another, and the rise or fall from the one to the other."""
    if one.unit != other.unit:
        return
    percent = frozenset({"%"})
    share = one.value / other.value * _WHOLE
    how = (one.said, _BY, other.said)
    yield _Step(_whole(share), how, "share", percent)
    change = "rise" if one.value > other.value else "fall"
    yield _Step(_whole(abs(_WHOLE - share)), ("1", _MINUS, *how), change, percent)


def _whole(value: Decimal) -> Decimal:
    return Decimal(round(value))


def _of_all(terms: Sequence[Term]) -> Iterator[_Step]:
    """The sum of all terms, and the largest without all others."""
    units = _units(*terms)
    if len(units) > 1:
        return
    total = sum((term.value for term in terms), Decimal(0))
    how = tuple(part for term in terms for part in ("+", term.said))[1:]
    yield _Step(total, how, "sum", units)
    largest = max(term.value for term in terms)
    yield _Step(
        2 * largest - total, (f"{largest}", _MINUS, "the others"), "difference", units
    )


def _units(*terms: Term) -> frozenset[str]:
    return frozenset(term.unit for term in terms if term.unit)
