"""Figures, dates and amounts in a text, and whether others have said them before.

English and Portuguese forms come to the same: `1,234.50`, `1.234,50` and `1 234,50`;
`2026-11-25`, `25/11/2026` and `25 de novembro de 2026`; `€12` and `12 EUR`. What could be a
group of thousands is one: `1.234` is 1234.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import plain_letters

_WORDS = package_data.load_table(__name__, dict[str, dict[str, tuple[str, ...]]])
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


_UNITS = _by_word(_WORDS["units"])
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
# A run of letters and digits is taken whole or not at all, so that no digit is ever passed over.
_FIGURE = re.compile(
    rf"""(?<!\w)(?:
      (?P<date>\d{{4}}[-/]\d\d?[-/]\d\d? | \d\d?[-/.]\d\d?[-/.]\d{{4}}
        | \d\d?{_TH}{_OF}(?:{_MONTH})(?:\.?{_OF}\d{{4}}|(?<=may)|(?<=[a-zç]{{4}}))(?![^\W\d_])
        | (?:{_MONTH})(?:(?<=may)|(?<=[a-zç]{{4}}))[ ]\d\d?{_TH}(?!\d)(?:,?[ ]\d{{4}})?
        | (?:{_MONTH})\.?{_OF}(?:\d\d?{_TH},?[ ])?\d{{4}}
      )(?:t\d[\d:.]*(?:z|[+-]\d[\d:]*)?)?
    | (?:(?P<before>{_one_of(_UNITS)})[ ]?)?
      (?P<number>\d{{1,3}}(?:[ ]\d{{3}}(?!\d))++(?:[.,]\d++)?|\d++(?:[.,']\d++)*+)
      (?:[ ]?(?P<zeros>{_one_of(_ZEROS)}))?
      (?:(?:[ ]|[ ]de[ ])?(?P<after>{_one_of(_UNITS)}))?
    | \w*\d\w*
    )(?!\w*\d)""",
    re.VERBOSE,
)


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
    return frozenset(map(_canonical_form, _FIGURE.finditer(_normalize_text(text))))


def locate_figures(text: str) -> Iterator[FigurePlace]:
    """Every figure of a text with its place, in order; none runs over the end of a line."""
    line_start = 0
    for line in text.split("\n"):
        plain = _normalize_text(line)
        origins = _char_origins(line, plain)
        for match in _FIGURE.finditer(plain):
            start = line_start + origins[match.start()]
            end = line_start + origins[match.end() - 1] + 1
            yield FigurePlace(figure=_canonical_form(match), start=start, end=end)
        line_start += len(line) + 1


def _normalize_text(text: str) -> str:
    """A text as figures are read in it: nothing invisible, one width, one case, ASCII digits."""
    plain = plain_letters(text)
    if plain.isascii():
        return plain
    return re.sub(r"\d", lambda digit: str(int(digit[0])), plain)


def _char_origins(line: str, plain: str) -> Sequence[int]:
    """For each character of a plain line, which one it was; signs that melted into one shift it."""
    if len(plain) == len(line):
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
        for figure in find_figures(text):
            figures.update(_figure_forms(figure))
    return frozenset(figures)


def ungrounded_figures(text: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The figures of a text that none of the sources says."""
    return tuple(sorted(find_figures(text) - figures_in_sources(sources)))


def _figure_forms(figure: str) -> Iterator[str]:
    yield figure
    yield figure.partition(" ")[0]
    date_forms = re.fullmatch(r"((\d{4})-\d\d)(-\d\d)?", figure)
    if date_forms:
        yield from (date_forms[1], date_forms[2], f"-{figure[4:]}")


def _canonical_form(match: re.Match[str]) -> str:
    """A figure in the one form that all its ways to be written share."""
    if match["date"]:
        return _normalize_date(match["date"]) or match["date"]
    number = match["number"]
    if not number:
        return match[0]
    zeros = match["zeros"] or ""
    value = _parse_number(number, int(_ZEROS.get(zeros, 0))) or number + zeros
    unit = match["before"] or match["after"]
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
