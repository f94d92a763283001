"""Figures, dates and amounts in a text, and whether others have said them before.

English and Portuguese forms come to the same: `1,234.50`, `1.234,50` and `1 234,50`; `2026-11-25`,
`25/11/2026` and `25 de novembro de 2026`; `€12` and `12 EUR`. What could be a group of thousands is one:
`1.234` is 1234.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.characters import INVISIBLE

_WORDS = package_data.load_table(__name__, dict[str, dict[str, tuple[str, ...]]])
_MONTH = "|".join(_WORDS["months"]["forms"])
_BEGINNINGS = (
    "jan|feb fev|mar|apr abr|may mai|jun|jul|aug ago|sep set|oct out|nov|dec dez"
)
_UNITS = {word: unit for unit, words in _WORDS["units"].items() for word in words}
_ZEROS = {
    word: int(zeros) for zeros, words in _WORDS["zeros"].items() for word in words
}


def _one_of(words: Iterable[str]) -> str:
    longest = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(word) + (r"(?![^\W\d_])" if word[-1].isalpha() else "")
        for word in longest
    )


_OF, _TH = r"(?:,|[ ]de|[ ]of)?[ ]", r"(?:st|nd|rd|th|o|\.)?"
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
    """Every figure, date and amount of a text: `1234.5`, `2026-11-25`, `--11-25`, `2026-11`, `12 EUR`, `5 %`.

    A word that holds digits, such as `q3`, is one as it stands.
    """
    return frozenset(map(_canonical_form, _FIGURE.finditer(_normalize_text(text))))


def locate_figures(text: str) -> Iterator[FigurePlace]:
    """Every figure of a text with its place, in order; none runs over the end of a line."""
    start = 0
    for line in text.split("\n"):
        plain = _normalize_text(line)
        origin = (
            range(len(line))
            if len(plain) == len(line)
            else _char_origins(line, len(plain))
        )
        for match in _FIGURE.finditer(plain):
            first, last = origin[match.start()], origin[match.end() - 1]
            yield FigurePlace(
                figure=_canonical_form(match), start=start + first, end=start + last + 1
            )
        start += len(line) + 1


def _normalize_text(text: str) -> str:
    """A text as figures are read in it: no invisible sign, one width, one case, one kind of digits."""
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold()
    return (
        plain
        if plain.isascii()
        else re.sub(r"\d", lambda digit: str(int(digit[0])), plain)
    )


def _char_origins(line: str, length: int) -> Sequence[int]:
    """For each of so many characters of a plain line, which one it was; signs that melted into one shift it."""
    origin = [i for i, sign in enumerate(line) for _ in _normalize_text(sign)]
    return [*origin, *[len(line) - 1] * (length - len(origin))]


def figures_in_sources(sources: Iterable[str]) -> frozenset[str]:
    """The figures of several texts, and what each says besides: an amount its number, a date its year."""
    return frozenset(
        form
        for text in sources
        for figure in find_figures(text)
        for form in _figure_forms(figure)
    )


def ungrounded_figures(text: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The figures of a text that none of the sources says."""
    return tuple(sorted(find_figures(text) - figures_in_sources(sources)))


def _figure_forms(figure: str) -> Iterator[str]:
    yield from (figure, figure.partition(" ")[0])
    if match := re.fullmatch(r"((\d{4})-\d\d)(-\d\d)?", figure):
        yield from (match[1], match[2], f"-{figure[4:]}")


def _canonical_form(match: re.Match[str]) -> str:
    if said := match["date"]:
        return _parse_date(said) or said
    if not match["number"]:
        return match[0]
    number, zeros = match["number"], match["zeros"] or ""
    value = _parse_number(number, _ZEROS.get(zeros, 0)) or number + zeros
    unit = match["before"] or match["after"]
    return f"{value} {_UNITS[unit]}" if unit else value


def _parse_date(said: str) -> str | None:
    """A date, or what is said of one, in ISO form; the day goes before the month unless that is no date."""
    *_, year = [0, *map(int, re.findall(r"\d{4}", said))]
    rest = [int(n) for n in re.findall(r"(?<!\d)\d\d?(?!\d)", said)]
    if name := re.search(_MONTH, said):
        rest.append(_BEGINNINGS.partition(name[0][:3])[0].count("|") + 1)
    day, month = (1, *rest)[-2:] if not re.match(r"\d{4}", said) else rest[::-1]
    for d, m in ((day, month), (month, day)):
        try:
            iso = date(year or 2000, m, d).isoformat()
        except ValueError:
            continue
        return f"-{iso[4:]}" if not year else iso if len(rest) > 1 else iso[:7]
    return None


def _parse_number(number: str, zeros: int) -> str | None:
    """A number with a point for decimals and nothing else; None when it is written like no number."""
    parts, marks = re.split("[ .,']", number), re.findall("[ .,']", number)
    after = "" if len({*marks}) < 2 and _is_grouped(parts) else parts.pop()  # noqa: PLR2004  two kinds of marks
    if after and (
        marks[-1] in " '"
        or (len(parts) > 1 and (len({*marks[:-1]}) > 1 or not _is_grouped(parts)))
    ):
        return None
    after = after.ljust(zeros, "0")
    units, decimals = (
        "".join((*parts, after[:zeros])).lstrip("0") or "0",
        after[zeros:].rstrip("0"),
    )
    return f"{units}.{decimals}" if decimals else units


def _is_grouped(parts: list[str]) -> bool:
    """Whether parts of a number are groups of thousands, or one number."""
    first, *rest = parts
    return not rest or (
        len(first) <= 3 and first[0] != "0" and all(len(part) == 3 for part in rest)  # noqa: PLR2004
    )
