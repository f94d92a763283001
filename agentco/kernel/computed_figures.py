"""Figures that follow from others beside them: `€228 a year` from `€19 a month`.

One step of arithmetic from figures of the sources that stand in the same paragraph, of units that
fit, where a word says what is computed: `in total`, `a year`, `on average`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import plain_letters
from agentco.kernel.figures import FigurePlace

_CUES = package_data.load_table(__name__, dict[str, frozenset[str]])
_MOST_OPERANDS = 4
_LONGEST_NUMBER = 15
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_TIMES, _MINUS, _BY = "\u00d7", "\u2212", "\u00f7"
_MONTHS = Decimal(12)
_WHOLE = Decimal(100)
_YEARS = range(1900, 2200)


class Term(Struct, frozen=True, kw_only=True):
    """A figure with its value, its unit and how it stands in the text."""

    value: Decimal
    unit: str
    said: str
    start: int


def read_term(place: FigurePlace, text: str) -> Term | None:
    """A figure as a number with a unit; None for a date or a name."""
    number, _, unit = place.figure.partition(" ")
    if len(number) > _LONGEST_NUMBER or not _NUMBER.fullmatch(number):
        return None
    said = " ".join(text[place.start : place.end].split())
    return Term(value=Decimal(number), unit=unit, said=said, start=place.start)


def derive(figure: FigurePlace, known: Sequence[FigurePlace], text: str) -> str | None:
    """How a figure follows from known ones of its paragraph; None if it does not."""
    result = read_term(figure, text)
    if result is None:
        return None
    start, end = paragraph_around(text, figure.start)
    words = frozenset(re.findall(rf"[^\W_]+|{_TIMES}", plain_letters(text[start:end])))
    terms: list[Term] = []
    for place in known:
        term = read_term(place, text) if start <= place.start < end else None
        if term is not None and term.start != result.start:
            terms.append(term)

    def distance(term: Term) -> int:
        return abs(term.start - result.start)

    nearest = sorted(terms, key=distance)[:_MOST_OPERANDS]
    nearest.sort(key=_start)
    for value, how in _values(result, nearest, words):
        if _rounds_to(value, result):
            return f"{result.said} = {how}"
    return None


def _start(term: Term) -> int:
    return term.start


def paragraph_around(text: str, place: int) -> tuple[int, int]:
    """Where the paragraph of a place begins and ends."""
    start = 0
    for end in _PARAGRAPH_END.finditer(text):
        if end.start() >= place:
            return start, end.start()
        start = end.end()
    return start, len(text)


def _rounds_to(value: Decimal, result: Term) -> bool:
    """Whether a value is the result, as exactly as that is said."""
    exponent = result.value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if result.unit == "%" or value != value.to_integral_value():
        return round(value, places) == result.value
    return value == result.value


def _values(
    result: Term, terms: Sequence[Term], words: frozenset[str]
) -> Iterator[tuple[Decimal, str]]:
    """What follows in one step from terms, with how it does."""
    for term in terms:
        if term.unit == result.unit and result.unit not in {"%", "month", "year"}:
            yield from _periods(term, words)
    for one, other in pairwise(terms):
        yield from _of_pair(one, other, result, words)
        yield from _of_pair(other, one, result, words)
    alike = [term for term in terms if term.unit == result.unit]
    yield from _of_all(alike, words)


def has_cue(kind: str, words: frozenset[str]) -> bool:
    """Whether a word says what is computed: a `total`, a `difference`, a `share`."""
    return not _CUES[kind].isdisjoint(words)


def _periods(term: Term, words: frozenset[str]) -> Iterator[tuple[Decimal, str]]:
    """A year of months, and a month of a year."""
    if not has_cue("year", words):
        return
    yield term.value * _MONTHS, f"{term.said} {_TIMES} 12"
    if has_cue("month", words):
        yield term.value / _MONTHS, f"{term.said} {_BY} 12"


def _of_all(
    terms: Sequence[Term], words: frozenset[str]
) -> Iterator[tuple[Decimal, str]]:
    """The sum and the average of all terms of one unit, and of two that stand side by side."""
    groups = [terms, *pairwise(terms)] if len(terms) > 1 else []
    for group in groups:
        total = sum((term.value for term in group), Decimal(0))
        how = " + ".join(term.said for term in group)
        if has_cue("total", words):
            yield total, how
        if has_cue("average", words):
            yield total / len(group), f"({how}) {_BY} {len(group)}"


def _of_pair(
    one: Term, other: Term, result: Term, words: frozenset[str]
) -> Iterator[tuple[Decimal, str]]:
    """What two terms give, in this order."""
    if one.unit == other.unit:
        yield from _of_alike(one, other, result, words)
    if other.unit == "%" and one.unit == result.unit and result.unit != "%":
        part = one.value * other.value / _WHOLE
        yield part, f"{other.said} {_TIMES} {one.said}"
        yield one.value - part, f"{one.said} {_MINUS} {other.said}"
        yield one.value + part, f"{one.said} + {other.said}"
    counted = one.unit == result.unit != "%" and other.unit in {"", "month", "year"}
    if counted and (one.unit or has_cue("times", words) or has_cue("each", words)):
        yield one.value * other.value, f"{one.said} {_TIMES} {other.said}"
    if counted and one.unit and has_cue("each", words) and other.value:
        yield one.value / other.value, f"{one.said} {_BY} {other.said}"


def _of_alike(
    one: Term, other: Term, result: Term, words: frozenset[str]
) -> Iterator[tuple[Decimal, str]]:
    """What two terms of one unit give: difference, share, growth, ratio, years between."""
    larger = one.value > other.value
    if result.unit == one.unit and larger and has_cue("difference", words):
        yield one.value - other.value, f"{one.said} {_MINUS} {other.said}"
    if not other.value:
        return
    if not result.unit and not larger and result.value < 1 and has_cue("share", words):
        yield one.value / other.value, f"{one.said} {_BY} {other.said}"
    percent = one.value / other.value * _WHOLE
    if result.unit == "%" and one.unit != "%":
        change = "rise" if larger else "fall"
        if has_cue(change, words):
            how = f"({one.said} {_MINUS} {other.said}) {_BY} {other.said}"
            yield abs(percent - _WHOLE), how
        elif not larger and has_cue("share", words) and not has_cue("rise", words):
            yield percent, f"{one.said} {_BY} {other.said}"
    if not result.unit and larger and has_cue("times", words):
        yield one.value / other.value, f"{one.said} {_BY} {other.said}"
    if result.unit == "year" and larger and {one.value, other.value} <= {*_YEARS}:
        yield one.value - other.value, f"{one.said} {_MINUS} {other.said}"


def derived_figures(
    unknown: Iterable[FigurePlace], known: Sequence[FigurePlace], text: str
) -> dict[FigurePlace, str]:
    """Those of the unknown figures that follow from known ones, with how."""
    found: dict[FigurePlace, str] = {}
    for place in unknown:
        how = derive(place, known, text)
        if how is not None:
            found[place] = how
    return found
