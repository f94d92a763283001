"""One step of arithmetic that a careful reader takes: a share, a rate, a difference of times."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec.structs import replace

from agentco.kernel.comparison import plain_letters
from agentco.kernel.computed_figures import Term, has_cue, paragraph_around
from agentco.kernel.figures import FigurePlace
from agentco.kernel.number_words import spelt_numbers
from agentco.kernel.stated_figure import AROUND, PERIODS, SECONDS, Result

_USUAL = {
    ("month", "day"): 30,
    ("month", "week"): 4,
    ("year", "week"): 52,
    ("year", "month"): 12,
}
_TIMES, _MINUS, _BY = "\u00d7", "\u2212", "\u00f7"
_WHOLE = Decimal(100)
_LONGEST_LIST = 30
_CLOCK = re.compile(r"(?<![\d:.,])([01]?\d|2[0-3])[:h]([0-5]\d)(?![\d:])")
_YEAR = re.compile(r"(?<![\w.,])(?:19|20)\d\d(?![\w]|[.,]\d)")
_LIST = re.compile(r"(?m)(?:^|[.;!?] +|- )([^\W\d_]+)[^:.\n]{0,30}:[ ]*([^.;\n]+)")
_ITEMS = re.compile(r",|;| and | or | e | ou ")
_DOUBLE = re.compile(
    r"(?i)(?:twice|double|triple|quadrup|o dobro|o triplo|duplic|triplic|duas vezes)"
)
_OF_MANY = r"[ ](?:in|out of|of|of every|in every|em cada|em|de cada)[ ]"
_SHARE_AHEAD = re.compile(rf"(?<![^\W_])([^\W_]+){_OF_MANY}\Z")
_SHARE_BEHIND = re.compile(rf"{_OF_MANY}([^\W_]+)(?![^\W_])")
_ONE_IN = re.compile(
    r"(?<![^\W_])(?:one|um|uma|1)[ ](?:[a-z]+[ ])?"
    r"(?:in|out of|em cada|em|de cada)[ ](?:every[ ])?\Z"
)
_NO = r"(?<![^\W_])(?:no|none|never|without|sem|nenhum|nenhuma|n[aã]o houve)"
_FREE = re.compile(r"(?<![^\W_])(?:free|no charge|gr[aá]tis|gratuit[oa]s?)(?![^\W_])")
_NOUN = 5
Pair = tuple[Term, Term]


def values_of_pair(pair: Pair, result: Result) -> Iterator[tuple[Decimal, str]]:
    """What two terms give, either way round."""
    one, other = pair
    if one.unit and not other.unit:
        other = replace(other, unit=one.unit)
    elif other.unit and not one.unit and result.term.unit == other.unit:
        one = replace(one, unit=other.unit)
    for first, second in ((one, other), (other, one)):
        if first.unit == second.unit:
            yield from _of_alike(first, second, result)
    for first, second in (pair, pair[::-1]):
        yield from _of_unlike(first, second, result)


def _of_alike(one: Term, other: Term, result: Result) -> Iterator[tuple[Decimal, str]]:
    """Differences and shares of two terms of one kind, of which the first is the larger."""
    if one.value <= other.value or not one.value:
        return
    difference = one.value - other.value
    if result.term.unit == one.unit and has_cue("difference", result.words):
        yield difference, f"{one.said} {_MINUS} {other.said}"
    if not result.is_share:
        return
    share = other.value / one.value
    if result.term.unit == "%":
        yield Decimal(round(share * _WHOLE)), f"{other.said} {_BY} {one.said}"
        if has_cue("fall", result.words):
            yield (
                Decimal(round(_WHOLE - share * _WHOLE)),
                f"1 {_MINUS} {other.said} {_BY} {one.said}",
            )
    elif result.term.value < 1:
        yield share, f"{other.said} {_BY} {one.said}"
        if has_cue("fall", result.words):
            yield 1 - share, f"1 {_MINUS} {other.said} {_BY} {one.said}"
    elif other.value and (
        _DOUBLE.match(result.term.said) or has_cue("times", result.words)
    ):
        yield one.value / other.value, f"{one.said} {_BY} {other.said}"


def _of_unlike(one: Term, other: Term, result: Result) -> Iterator[tuple[Decimal, str]]:
    """A product with a time, and a rate: `58 of 30 min`, `1,840 ÷ 4 hours`."""
    unit = result.term.unit
    if other.unit in SECONDS and not one.unit:
        is_all = has_cue("each", result.words) or has_cue("total", result.words)
        if unit in SECONDS and is_all:
            seconds = one.value * other.value * SECONDS[other.unit]
            yield seconds / SECONDS[unit], f"{one.said} {_TIMES} {other.said}"
        if result.period and not unit and other.value:
            lasted = other.value * SECONDS[other.unit] / SECONDS[result.period]
            yield one.value / lasted, f"{one.said} {_BY} {other.said}"
    is_each = has_cue("each", result.words) and not result.period
    if is_each and other.value and not other.unit and one.unit == unit:
        yield one.value / other.value, f"{one.said} {_BY} {other.said}"


def values_of_rates(
    result: Result, terms: Sequence[Term], text: str
) -> Iterator[tuple[Decimal, str]]:
    """The same rate in another period: `€1 a day` is about €30 a month."""
    if not result.period:
        return
    for term in terms:
        end = term.start + len(term.said)
        behind = plain_letters(text[end : end + AROUND])
        period = next((name for name, per in PERIODS.items() if per.match(behind)), "")
        if period and period != result.period and term.unit == result.term.unit:
            factor = _factor(result.period, period)
            yield term.value * factor, f"{term.said} {_TIMES} {round(factor, 2):f}"


def _factor(period: str, other: str) -> Decimal:
    """How many of another period are in one, as people count: 30 days, 52 weeks."""
    usual = _USUAL.get((period, other))
    if usual is not None:
        return Decimal(usual)
    return SECONDS[period] / SECONDS[other]


def clock_spans(
    result: Result, text: str, sources: Sequence[str]
) -> Iterator[tuple[Decimal, str]]:
    """How long it is from one time of day to the next that the sources say too."""
    unit = result.term.unit
    if unit not in {"s", "min", "h"}:
        return
    start, end = paragraph_around(text, result.term.start)
    said = {_minutes(match) for one in sources for match in _CLOCK.finditer(one)}
    times = [
        match for match in _CLOCK.finditer(text, start, end) if _minutes(match) in said
    ]
    for one in times:
        for other in times:
            apart = _minutes(other) - _minutes(one)
            if apart > 0:
                yield apart * 60 / SECONDS[unit], f"{other[0]} {_MINUS} {one[0]}"


def _minutes(clock: re.Match[str]) -> int:
    return int(clock[1]) * 60 + int(clock[2])


def is_one_in(text: str, place: FigurePlace) -> bool:
    """Whether `one in` stands before a figure, as in `one in sixteen`."""
    ahead = plain_letters(text[max(place.start - AROUND, 0) : place.start])
    return bool(_ONE_IN.search(ahead))


def share_said(result: Result, text: str, place: FigurePlace) -> Decimal | None:
    """The share that a figure and the number beside it say: `nine in ten`; None for no share."""
    ahead = plain_letters(text[max(place.start - AROUND, 0) : place.start])
    behind = plain_letters(text[place.end : place.end + AROUND])
    value = result.term.value
    before, after = _SHARE_AHEAD.search(ahead), _SHARE_BEHIND.match(behind)
    small = _read_number(before[1]) if before else value
    large = _read_number(after[1]) if after else value
    if (before is None) == (after is None) or small is None or large is None:
        return None
    return small / large if 0 < small < large else None


def _read_number(word: str) -> Decimal | None:
    """A number in digits or in one word."""
    if word.isdigit():
        return Decimal(word[:9])
    spelt = next(spelt_numbers(f"{word} days", every=True), None)
    return Decimal(spelt.digits) if spelt and spelt.digits.isdigit() else None


def in_one(pairs: Sequence[Pair]) -> Iterator[tuple[Decimal, str]]:
    """How many there are for each of a part, of two figures."""
    for one, other in pairs:
        small, large = sorted((one, other), key=value_of)
        if small.value:
            share = large.value / small.value
            yield Decimal(round(share)), f"{large.said} {_BY} {small.said}"


def years_since(
    result: Result, sources: Sequence[str]
) -> Iterator[tuple[Decimal, str]]:
    """How many years it is from a year that a source says to the last one it says."""
    if result.term.unit != "year" and not result.next_stem.startswith(("year", "ano")):
        return
    years = [int(year[0]) for one in sources for year in _YEAR.finditer(one)]
    for one in years:
        for other in years:
            if other > one:
                yield Decimal(other - one), f"{other} {_MINUS} {one}"


def listed(
    result: Result, place: FigurePlace, text: str, sources: Sequence[str]
) -> Iterator[tuple[Decimal, str]]:
    """How many things a list has: `three languages: English, Welsh, Polish`."""
    if result.term.unit or not result.next_stem or result.term.value > _LONGEST_LIST:
        return
    behind = re.match(rf"[ -][^.:\n]{{1,{AROUND}}}:[ ]*([^.\n]+)", text[place.end :])
    lists = [behind[1]] if behind else []
    for one in sources:
        lists += [
            match[2]
            for match in _LIST.finditer(one)
            if plain_letters(match[1]).startswith(result.next_stem)
        ]
    for one in lists:
        items = [item for item in _ITEMS.split(one) if item.strip()]
        if len(items) > 1:
            yield Decimal(len(items)), ", ".join(item.strip() for item in items)


def value_of(term: Term) -> Decimal:
    """The value of a term, to order terms by."""
    return term.value


def is_none_said(place: FigurePlace, text: str, sources: Sequence[str]) -> bool:
    """Whether a figure is 0 and a source says so in a word: `no errors`, `free`, `sem falhas`."""
    number, _, unit = place.figure.partition(" ")
    if number.strip("0.") or not number:
        return False
    if unit:
        return any(_FREE.search(plain_letters(one)) for one in sources)
    counted = re.match(r"[ -]([^\W\d_]{4,})", text[place.end : place.end + AROUND])
    if counted is None:
        return False
    noun = re.escape(plain_letters(counted[1])[:_NOUN])
    none = re.compile(rf"{_NO}[ ](?:[a-z]+[ ]){{0,2}}?{noun}")
    return any(none.search(plain_letters(one)) for one in sources)
