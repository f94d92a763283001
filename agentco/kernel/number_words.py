"""Numbers in words, as digits: `nine hundred` is 900, `vinte e um` 21, `half an hour` 30 min.

Small numbers count only before what is measured: `two customers`, not `two ways`. `one` and `um`
alone are no figures.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import any_of

_TABLE = package_data.load_table(__name__, dict[str, dict[str, tuple[str, ...]]])
_LARGEST_SMALL = 12
_TWENTY, _HUNDRED, _THOUSAND = 20, 100, 1000
_LARGEST = 10**15


def _values(table: str) -> dict[str, int]:
    values: dict[str, int] = {}
    for value, words in _TABLE[table].items():
        values |= dict.fromkeys(words, int(value))
    return values


def _phrases(table: str) -> dict[str, str]:
    phrases: dict[str, str] = {}
    for meaning, words in _TABLE[table].items():
        phrases |= dict.fromkeys(words, meaning)
    return phrases


_NUMBERS, _SCALES = _values("numbers"), _values("scales")
_PHRASES = _phrases("phrases")
_WORD = rf"(?:{any_of([*_NUMBERS, *_SCALES])})(?![^\W_])"
_HALF = r"(?:[ ]and[ ]a[ ]half|[ ]e[ ]mei[ao])"
_NUMBER = re.compile(
    rf"""(?<![^\W_])(?:
      (?P<idiom>{any_of(_phrases("no_phrases"))})
    | (?<!\d[ ])(?P<phrase>{any_of(_PHRASES)})(?![^\W_])
    | (?<!\d[ ])(?P<words>(?:an?[ ](?=hundred|thousand|million|billion|dozen))?
        {_WORD}(?:(?:[ ]and[ ]|[ ]e[ ]|[ -]){_WORD})*)(?P<half>{_HALF}(?![^\W_]))?
    )""",
    re.VERBOSE,
)
_ADJECTIVE = (
    rf"(?!(?:{any_of(_phrases('no_adjectives'))})(?![^\W_]))[^\W\d_][^\W\d_'-]*"
)
MEASURED_WORDS = any_of(_phrases("measured"))
"""What a number before it measures or counts, as a pattern."""
_MEASURED = re.compile(
    rf"""(?:[ -]{_ADJECTIVE}){{0,2}}?[ -](?:{MEASURED_WORDS})(?![^\W_])
      | [ ](?:in|out[ ]of|em[ ]cada)[ ](?:{any_of(_NUMBERS)}|\d+)(?![^\W_])
      | [ ](?:times|vezes)[ ](?:{any_of(_phrases("compared"))})(?![^\W_]) | [ ]?[%x€$£]""",
    re.VERBOSE,
)
# `1 h 10`, `1h30`, `2 hours and 5 minutes`; of a number of people behind it nothing is taken
_HOURS = re.compile(
    r"""(?<![\w.,:])(\d{1,3})[ ]?(?:h|hours?|horas?)(?:[ ]?|[ ](?:and|e)[ ])
      ([0-5]?\d)(?:[ ]?(?:m|min|mins|minutes?|minutos?))?(?![\w:]|[.,]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
# `2 horas e meia`, `an hour and 20 minutes`, once numbers are in digits
_HALF_BEHIND = re.compile(
    r"""(?<![\w.,])(\d{1,4})[ ](hours?|days?|weeks?|months?|years?|minutes?|horas?|dias?|semanas?
      |m[eê]s(?:es)?|anos?|minutos?|quilos?|kilos?|litros?|litres?)
      [ ](?:and[ ]a[ ]half|e[ ]mei[ao])(?!\w|[ ](?:dozen|d[uú]zia|hora|ano))""",
    re.VERBOSE,
)
_ONE_HOUR = re.compile(
    r"""(?<!\w)(?:an|one|uma)[ ](?:hour|hora)[ ](?:and[ ]|e[ ])?([0-5]?\d)
      (?:[ ]?(?:m|min|mins|minutes?|minutos?))?(?![\w:]|[.,]\d)""",
    re.VERBOSE,
)
_ROMAN = re.compile(
    r"(?<![^\W_])(?=[MDCLXVI]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)"
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_SIGNS = re.compile("[\u2160-\u216f\u2170-\u217f]+")
_FRACTION = re.compile("(?<!\\d)(\\d*+)([\u00bc-\u00be\u2153\u2154\u215b-\u215e])")
_FRACTIONS = {
    "\u00bc": "25", "\u00bd": "5", "\u00be": "75", "\u2153": "3333", "\u2154": "6667",
    "\u215b": "125", "\u215c": "375", "\u215d": "625", "\u215e": "875",
}  # fmt: skip


class Spelt(Struct, frozen=True):
    """A part of a text that is a number, and that number in digits."""

    start: int
    end: int
    digits: str


def is_measured(text: str, place: int) -> bool:
    """Whether what is counted from a place on is a figure of something: people, time, money."""
    return _MEASURED.match(text, place) is not None


def spelt_numbers(plain: str, *, every: bool = False) -> Iterator[Spelt]:
    """The numbers in words of a text in small letters; of a source `every` one."""
    for match in _NUMBER.finditer(plain):
        if match["phrase"]:
            yield Spelt(match.start(), match.end(), _PHRASES[match["phrase"]])
        elif match["words"]:
            yield from _numbers_of(plain, match, every=every)


def _numbers_of(plain: str, match: re.Match[str], *, every: bool) -> Iterator[Spelt]:
    start, end = match.span("words")
    places = [*re.finditer(_WORD, plain[start:end])]
    numbers = [*_split_numbers([place[0] for place in places])]
    first = 0
    for number, value in enumerate(numbers):
        count, amount = value
        last = first + count - 1
        begin = start if first == 0 else start + places[first].start()
        finish = start + places[last].end()
        is_last = number == len(numbers) - 1
        half = ".5" if is_last and match["half"] else ""
        behind = match.end() if half else finish
        measured = is_measured(plain, behind)
        counts = amount > _LARGEST_SMALL or measured or every
        alone = amount == 1 and not half and not (every and measured)
        if counts and not alone:
            yield Spelt(begin, behind, f"{amount}{half}")
        first = last + 1


def _split_numbers(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """How many words each number of a row has, and its value: `two three` are two."""
    total = current = count = 0
    smallest = _THOUSAND
    for word in words:
        scale = _SCALES.get(word)
        if scale and (current >= _HUNDRED > scale or total + current > _LARGEST):
            yield count, total + current
            total = current = count = 0
        if scale == _HUNDRED and current > _HUNDRED:
            yield count - 1, total + current - smallest
            total, current, count = 0, smallest, 1
        if scale:
            current = max(current, 1) * scale
            if scale >= _THOUSAND:
                total, current = total + current, 0
            smallest = min(scale, _THOUSAND)
        else:
            value = _NUMBERS[word]
            if count and value >= _room_below(smallest):
                yield count, total + current
                total = current = count = 0
            current += value
            smallest = value
        count += 1
    if count:
        yield count, total + current


def _room_below(smallest: int) -> int:
    """What may still be added to a number whose last part is this large: less than the answer."""
    if smallest >= _HUNDRED:
        return smallest
    if smallest >= _TWENTY:
        return 10
    return 0


def sign_numbers(text: str) -> Iterator[Spelt]:
    """The numbers of a text as it stands in Roman digits, and fractions in one sign."""
    for match in _HOURS.finditer(text):
        if match[0][-1].isalpha() or not is_measured(text, match.end()):
            minutes = int(match[1]) * 60 + int(match[2])
            yield Spelt(match.start(), match.end(), f"{minutes} min")
    for match in _FRACTION.finditer(text):
        whole = match[1] or "0"
        yield Spelt(match.start(), match.end(), f"{whole}.{_FRACTIONS[match[2]]}")
    for match in _ROMAN_SIGNS.finditer(text):
        letters = match[0].translate(_ROMAN_LETTERS)
        yield Spelt(match.start(), match.end(), f"{_roman_value(letters)}")
    for match in _ROMAN.finditer(text):
        value = _roman_value(match[0])
        is_year = value > _THOUSAND and match[0].startswith("MM")
        if is_year or is_measured(text, match.end()):
            yield Spelt(match.start(), match.end(), f"{value}")


def joined_numbers(plain: str) -> Iterator[Spelt]:
    """Quantities of two parts in a plain text with its numbers in digits: `2 horas e meia`."""
    for match in _HALF_BEHIND.finditer(plain):
        yield Spelt(match.start(), match.end(), f"{match[1]}.5 {match[2]}")
    for match in _ONE_HOUR.finditer(plain):
        if match[0][-1].isalpha() or not is_measured(plain, match.end()):
            yield Spelt(match.start(), match.end(), f"{60 + int(match[1])} min")


def _roman_value(letters: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in letters]
    total = 0
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < following else value
    return total


_ROMAN_NAMES = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"),
    *("L", "C", "D", "M"),
)
_ROMAN_LETTERS = {
    start + number: name
    for start in (0x2160, 0x2170)
    for number, name in enumerate(_ROMAN_NAMES)
}


def words_pattern(figures: Iterable[str]) -> str:
    """What a text has in it that says one of the figures in words."""
    digits = frozenset(figure.lstrip("-0.")[:1] for figure in figures)
    return _words_with(digits)


@lru_cache(maxsize=64)
def _words_with(digits: frozenset[str]) -> str:
    """The words for numbers that begin with one of these digits, and what stands for others."""
    words = [
        word
        for word, value in (_NUMBERS | _SCALES).items()
        if value > 1 and f"{value}"[0] in digits
    ]
    said = any_of([*words, *_PHRASES, *_values_of_dozens()])
    return rf"\b(?:{said})\b|{_FRACTION.pattern}|{_ROMAN_SIGNS.pattern}"


def _values_of_dozens() -> Iterable[str]:
    return _TABLE["scales"][f"{_LARGEST_SMALL}"]
