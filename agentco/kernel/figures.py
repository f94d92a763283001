"""Figures, dates and amounts in a text, and whether others have said them before.

English and Portuguese forms come to the same: `1,234.50`, `1.234,50` and `1 234,50`;
`2026-11-25`, `25/11/2026` and `25 de novembro de 2026`; `€12` and `12 EUR`; `nine hundred` and
900; `400 ms` and `0.4 s`. What could be a group of thousands is one: `1.234` is 1234.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import plain_letters
from agentco.kernel.number_words import (
    MEASURED_WORDS,
    Spelt,
    joined_numbers,
    sign_numbers,
    spelt_numbers,
)

_WORDS = package_data.load_table(__name__, dict[str, dict[str, tuple[str, ...]]])
COUNTED = " #"
"""Ends a figure that counts people or things: no time and no amount of a source backs it."""
_GROUP_SIZE = 3
_MONTH = "|".join(_WORDS["months"]["forms"])
_MONTH_BEGINNINGS = (
    "jan|feb fev|mar|apr abr|may mai|jun|jul|aug ago|sep set|oct out|nov|dec dez"
)


def _by_word(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What each word of a table of words stands for."""
    meanings: dict[str, str] = {}
    for meaning, words in table.items():
        meanings |= dict.fromkeys(words, meaning)
    return meanings


_MONEY = _by_word(_WORDS["units"])
_MEASURES = _by_word(_WORDS["measures"])
_UNITS = _MONEY | _MEASURES
_ZEROS = _by_word(_WORDS["zeros"])


def _one_of(words: Iterable[str]) -> str:
    """Any of the words, the longest first, as whole words."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(map(_whole_word, longest_first))


def _whole_word(word: str) -> str:
    end = r"(?![^\W\d_])" if word[-1].isalpha() else ""
    return re.escape(word) + end


_OF = r"(?:,|[ ]de|[ ]of)?[ ]"
_TH = r"(?:st|nd|rd|th|o|\.)?"
# `October 40 people` is no day, and neither is `October 12 people`.
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_LONGEST_NUMBER = 20
_BASES = {
    unit: (base, Decimal(factor))
    for base, factors in _WORDS["bases"].items()
    for factor, unit in (text.split(" ") for text in factors)
}
# A run of letters and digits is taken whole or not at all, so that no digit is ever passed over.
_FIGURE = re.compile(
    rf"""(?<!\w)(?:
      (?P<date>\d{{4}}[-/]\d\d?[-/]\d\d? | \d\d?[-/.]\d\d?[-/.]\d{{4}}
        | \d\d?{_TH}{_OF}(?:{_MONTH})(?:\.?{_OF}\d{{4}}|(?<=may)|(?<=[a-zç]{{4}}))(?![^\W\d_])
        | (?:{_MONTH})(?:(?<=may)|(?<=[a-zç]{{4}}))[ ]{_DAY}{_TH}(?!\d)
          (?:,?[ ]\d{{4}}|(?![ ](?:{MEASURED_WORDS})(?![^\W_])))
        | (?:{_MONTH})\.?{_OF}(?:\d\d?{_TH},?[ ])?\d{{4}}
      )(?:t\d[\d:.]*(?:z|[+-]\d[\d:]*)?)?
    | (?:(?P<before>{_one_of(_MONEY)})[ ]?)?
      (?P<number>\d{{1,3}}(?:[ ]\d{{3}}(?!\d))++(?:[.,]\d++)?|\d++(?:[.,']\d++)*+)
      (?:[ ]?(?P<zeros>{_one_of(_ZEROS)}))?
      (?:(?:[ ]|[ ]de[ ])?(?P<after>{_one_of(_MONEY)})|[ -]?(?P<measure>{_one_of(_MEASURES)}))?
    | \w*\d\w*
    )(?!\w*\d)""",
    re.VERBOSE,
)


_CALENDAR = frozenset({"day", "week", "month", "year"})
# of a source only, which then says both: `20 m` may be metres or millions
_METRES = re.compile(r"(?<![\w.,€$£])(\d+(?:[.,]\d+)?) m(?![\w\u00b2\u00b3])")


class FigurePlace(Struct, frozen=True, kw_only=True):
    """Where a figure stands in a text, from and up to which character."""

    figure: str
    start: int
    end: int


@lru_cache(maxsize=64)
def find_figures(text: str) -> frozenset[str]:
    """Every figure, date and amount of a text: `1234.5`, `2026-11-25`, `--11-25`, `12 EUR`, `5 %`.

    A word that holds digits, such as `q3`, is one as it stands.
    """
    return _figures_of(text, every=False)


def _figures_of(text: str, *, every: bool) -> frozenset[str]:
    """The figures of a text, with `every` number in words that a source may say."""
    plain = _normalize_text(_in_digits(text, sign_numbers(text)))
    plain = _in_digits(plain, spelt_numbers(plain, every=every))
    plain = _in_digits(plain, joined_numbers(plain))
    figures = frozenset(map(_canonical_form, _FIGURE.finditer(plain)))
    if every and _METRES.search(plain):
        in_metres = _METRES.sub(r"\1 metres", plain)
        figures |= frozenset(map(_canonical_form, _FIGURE.finditer(in_metres)))
    return figures


def spelt_in_digits(text: str) -> str:
    """A text with every number in words that a source may say in digits."""
    return _in_digits(text, spelt_numbers(text, every=True))


def _in_digits(text: str, numbers: Iterable[Spelt]) -> str:
    """A text with numbers in digits that it has in words or other signs."""
    pieces: list[str] = []
    last = 0
    for number in sorted(numbers, key=attrgetter("start")):
        if number.start >= last:
            pieces += [text[last : number.start], number.digits]
            last = number.end
    return "".join([*pieces, text[last:]])


def locate_figures(text: str) -> Iterator[FigurePlace]:
    """Every figure of a text with its place, in order; none runs over the end of a line."""
    line_start = 0
    for line in text.split("\n"):
        read = read_line(line)
        for match in _FIGURE.finditer(read.plain):
            start = line_start + read.starts[match.start()]
            end = line_start + read.ends[match.end() - 1]
            yield FigurePlace(figure=_canonical_form(match), start=start, end=end)
        line_start += len(line) + 1


class _LineRead(Struct, frozen=True):
    """A line as figures are read in it, and where each sign begins and ends in it as it stands."""

    plain: str
    starts: Sequence[int]
    ends: Sequence[int]

    def with_digits(self, numbers: Iterable[Spelt]) -> "_LineRead":
        """The same line with numbers in digits."""
        replaced = [*numbers]
        if not replaced:
            return self
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for number in sorted(replaced, key=attrgetter("start")):
            if number.start < last:
                continue
            size = len(number.digits)
            starts += [*self.starts[last : number.start]]
            starts += [self.starts[number.start]] * size
            ends += [*self.ends[last : number.start]]
            ends += [self.ends[number.end - 1]] * size
            last = number.end
        plain = _in_digits(self.plain, replaced)
        return _LineRead(
            plain, [*starts, *self.starts[last:]], [*ends, *self.ends[last:]]
        )


def read_line(line: str) -> _LineRead:
    """A line as figures are read in it: plain signs, digits for words."""
    size = len(line)
    read = _LineRead(line, range(size), range(1, size + 1)).with_digits(
        sign_numbers(line)
    )
    plain = _normalize_text(read.plain)
    if plain != read.plain:
        origins = _char_origins(read.plain, plain)
        starts = [read.starts[origin] for origin in origins]
        ends = [read.ends[origin] for origin in origins]
        read = _LineRead(plain, starts, ends)
    read = read.with_digits(spelt_numbers(read.plain))
    return read.with_digits(joined_numbers(read.plain))


def _normalize_text(text: str) -> str:
    """A text as figures are read in it: nothing invisible, one width, one case, ASCII digits."""
    plain = plain_letters(text)
    if plain.isascii():
        return plain
    return re.sub(r"\d", lambda digit: str(int(digit[0])), plain)


def _char_origins(line: str, plain: str) -> Sequence[int]:
    """For each character of a plain line, which one it was; signs that melted into one shift it."""
    if line.isascii():
        return range(len(line))
    origins: list[int] = []
    for place, sign in enumerate(line):
        origins += [place] * len(_normalize_text(sign))
    melted = len(plain) - len(origins)
    return origins + [len(line) - 1] * melted


def figures_in_sources(sources: Iterable[str]) -> frozenset[str]:
    """The figures of several texts with their forms: an amount's number, a date's year."""
    figures: set[str] = set()
    for text in sources:
        for figure in _figures_of(text, every=True):
            figures.update(_said_forms(figure))
    return frozenset(figures)


def ungrounded_figures(text: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The figures of a text that none of the sources says."""
    return unsaid_figures(find_figures(text), figures_in_sources(sources))


def unsaid_figures(figures: Iterable[str], said: Collection[str]) -> tuple[str, ...]:
    """Those of the figures that sources do not say in any form of theirs."""
    return tuple(
        sorted(figure for figure in figures if backing_forms(figure).isdisjoint(said))
    )


def backing_forms(figure: str) -> frozenset[str]:
    """What a source may say for a figure: the same quantity, or its number without a unit."""
    forms = {figure, *_base_quantity(figure)}
    number, _, unit = figure.partition(" ")
    if unit in _WORDS["measures"]:
        forms.add(f"{number} *")
    forms |= {*_of_hundred_cents(number, unit), *_by_calendar(number, unit)}
    return frozenset(forms)


def _by_calendar(number: str, unit: str) -> Iterator[str]:
    """The months of so many days or weeks, and the other way round, as people count them."""
    if unit not in _CALENDAR or not re.fullmatch(r"\d{1,4}", number):
        return
    count = int(number)
    for months, days, weeks in ((1, 30, 4), (3, 90, 12), (3, 90, 13), (6, 180, 26)):
        said = {"month": months, "day": days, "week": weeks}
        if said.get(unit) == count:
            yield f"={months} month"
            yield f"={days * 86_400} s"
            yield f"={weeks * 604_800} s"
    year = {"day": 365, "week": 52, "year": 1, "month": 12}
    if year[unit] == count:
        yield from ("=12 month", f"={365 * 86_400} s", f"={52 * 604_800} s")
    if unit == "day" and count % 30 == 0:
        yield f"={count // 30} month"
    if unit == "month":
        yield f"={count * 30 * 86_400} s"


def measure_pattern(figure: str) -> str:
    """What a source has in it that says a quantity in another unit; nothing for other figures."""
    _, _, unit = figure.partition(" ")
    base = _BASES[unit][0] if unit in _BASES else ""
    kin = [word for word, name in _UNITS.items() if _BASES.get(name, ("-",))[0] == base]
    return rf"(?<![^\W\d_])(?:{_one_of(kin)})" if kin else ""


def _said_forms(figure: str) -> Iterator[str]:
    """What a figure of a source says besides itself."""
    number, _, unit = figure.partition(" ")
    yield figure
    yield number
    yield from _base_quantity(figure)
    yield from _of_hundred_cents(number, unit)
    if not unit:
        yield f"{number} *"
        yield f"{number}{COUNTED}"
    date_forms = re.fullmatch(r"((\d{4})-\d\d)(-\d\d)?", figure)
    if date_forms:
        yield from (date_forms[1], date_forms[2], f"-{figure[4:]}")


def _of_hundred_cents(number: str, unit: str) -> Iterator[str]:
    """An amount of cents as one of the currencies that have them."""
    if unit == "cent" and re.fullmatch(r"\d{1,9}", number):
        amount = (Decimal(number) / 100).normalize()
        yield from (f"{amount:f} {currency}" for currency in ("EUR", "USD", "GBP"))


def _base_quantity(figure: str) -> Iterator[str]:
    """A quantity in the one unit that all of its kind share; a share of the whole is one too."""
    number, _, unit = figure.partition(" ")
    if len(number) > _LONGEST_NUMBER or not re.fullmatch(r"\d+(?:\.\d+)?", number):
        return
    if unit in _BASES:
        base, factor = _BASES[unit]
        yield f"={(Decimal(number) * factor).normalize():f} {base}"
    elif not unit and number.startswith("0."):
        yield f"={Decimal(number).normalize():f} x"


def _canonical_form(match: re.Match[str]) -> str:
    """A figure in the one form that all its ways to be written share."""
    if match["date"]:
        return _normalize_date(match["date"]) or match["date"]
    number = match["number"]
    if not number:
        return match[0]
    zeros = match["zeros"] or ""
    value = _parse_number(number, int(_ZEROS.get(zeros, 0))) or number + zeros
    unit = match["before"] or match["after"] or match["measure"]
    return f"{value} {_UNITS[unit]}" if unit else value


def _normalize_date(text: str) -> str | None:
    """A date, or what is said of one, in ISO form; the day goes first unless that is no date."""
    years = re.findall(r"\d{4}", text)
    year = int(years[-1]) if years else 0
    rest = [int(number) for number in re.findall(r"(?<!\d)\d\d?(?!\d)", text)]
    month_name = re.search(_MONTH, text)
    if month_name:
        before, _, _ = _MONTH_BEGINNINGS.partition(month_name[0][:3])
        rest.append(before.count("|") + 1)
    year_first = re.match(r"\d{4}", text)
    day, month = reversed(rest) if year_first and len(rest) > 1 else (1, *rest)[-2:]
    iso = _iso_date(year, month, day) or _iso_date(year, day, month)
    if iso is None:
        return None
    if not year:
        return f"-{iso[4:]}"
    return iso if len(rest) > 1 else iso[:7]


def _iso_date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year or 2000, month, day).isoformat()
    except ValueError:
        return None


def _parse_number(number: str, zeros: int) -> str | None:
    """A number with a point for decimals and no other mark; None when it is written like none."""
    parts = re.split("[ .,']", number)
    marks = re.findall("[ .,']", number)
    one_mark = len({*marks}) <= 1
    if one_mark and _is_grouped(parts):
        return _join_number(parts, "", zeros)
    *groups, decimals = parts
    *group_marks, last_mark = marks
    several_kinds = len({*group_marks}) > 1
    if last_mark in " '" or (
        len(groups) > 1 and (several_kinds or not _is_grouped(groups))
    ):
        return None
    return _join_number(groups, decimals, zeros)


def _join_number(groups: Sequence[str], decimals: str, zeros: int) -> str:
    """The number of these digits, with its point moved to the right by so many zeros."""
    decimals = decimals.ljust(zeros, "0")
    units = "".join((*groups, decimals[:zeros])).lstrip("0") or "0"
    left = decimals[zeros:].rstrip("0")
    return f"{units}.{left}" if left else units


def _is_grouped(parts: Sequence[str]) -> bool:
    """Whether parts of a number are groups of thousands, or one number."""
    first, *rest = parts
    if not rest:
        return True
    if len(first) > _GROUP_SIZE or first[0] == "0":
        return False
    return all(len(part) == _GROUP_SIZE for part in rest)
