"""A figure as a text states it: between which values it lies, of what, in which period."""

import re
from decimal import Decimal

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.comparison import any_of, plain_letters
from agentco.kernel.computed_figures import Term, paragraph_around, read_term
from agentco.kernel.figures import FigurePlace

_TABLE = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_ANY = {kind: any_of(words) for kind, words in _TABLE.items()}
_PERIODS = ("day", "week", "month", "year", "h", "min", "s")
SECONDS = {
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "day": Decimal(86_400),
    "week": Decimal(604_800),
    "month": Decimal(2_628_000),
    "year": Decimal(31_536_000),
}
AROUND = 40
_EXACT, ROUNDED = Decimal("0.0005"), Decimal("0.045")
_WIDE, _ROUND = Decimal("0.35"), Decimal("0.08")
"""How far what is said as `about` may be off: a half or a third, a round number."""
_WHOLE = Decimal(100)
_STEM = 5
_SHORTEST = 4
_END = re.compile(r"[.!?](?=\s)|\n")


_ROOM = {
    kind: re.compile(rf"(?<![^\W_])(?:{_ANY[kind]})[ ]?\Z")
    for kind in ("near", "under", "over")
}
PERIODS = {
    period: re.compile(
        rf"""[^\d.!?;\n]{{0,20}}?(?:an?|per|por|each|every|/|ao|à)[ ]?
          (?:{_ANY[period]})(?![^\W_])""",
        re.VERBOSE,
    )
    for period in _PERIODS
}


class Result(Struct, frozen=True, kw_only=True):
    """A figure that may follow from others; its value may lie between two bounds."""

    term: Term
    low: Decimal
    high: Decimal
    words: frozenset[str]
    stems: frozenset[str]
    next_stem: str
    is_rounded: bool
    period: str

    def fits(self, value: Decimal) -> bool:
        """Whether a value is the figure, as exactly as it is said."""
        return self.low <= value <= self.high

    @property
    def is_in_words(self) -> bool:
        """Whether it is said as `half`, `twice`, `a third of`."""
        return not self.term.unit and not re.search(r"\d", self.term.said)

    @property
    def is_share(self) -> bool:
        """Whether it is a part of a whole, as a percentage or a fraction."""
        return self.term.unit in {"%", ""} and self.term.value <= _WHOLE


def read_result(place: FigurePlace, text: str) -> Result | None:
    """A figure as it is stated where it stands; None for a date or a name."""
    term = read_term(place, text)
    if term is None or not term.value:
        return None
    start, end = paragraph_around(text, place.start)
    said = plain_letters(text[start:end])
    ahead = plain_letters(text[max(start, place.start - AROUND) : place.start])
    behind = plain_letters(text[place.end : place.end + AROUND])
    low, high = _bounds(term, ahead)
    sentence = _END.split(text[start : place.start])[-1]
    sentence += _END.split(text[place.end : end])[0]
    return Result(
        term=term,
        low=low,
        high=high,
        words=frozenset(re.findall(r"[^\W_]+|\u00d7", said)),
        stems=stems_of(sentence),
        next_stem=next_stem(text, place.end),
        is_rounded=any(form.search(ahead) for form in _ROOM.values()),
        period=next((name for name, per in PERIODS.items() if per.match(behind)), ""),
    )


def stems_of(text: str) -> frozenset[str]:
    """The beginnings of the longer words of a text."""
    words: list[str] = re.findall(r"[^\W\d_]+", plain_letters(text))
    return frozenset(word[:_STEM] for word in words if len(word) >= _SHORTEST)


def next_stem(text: str, end: int) -> str:
    """The beginning of what is counted behind a figure."""
    word = re.match(r"[ -]([^\W\d_]+)", text[end : end + AROUND])
    return plain_letters(word[1])[:_STEM] if word else ""


def _bounds(term: Term, ahead: str) -> tuple[Decimal, Decimal]:
    """Between which values a figure lies, by the word before it."""
    value = term.value
    in_words = not re.search(r"\d", term.said)
    wide = _WIDE if in_words and value < 1 else ROUNDED * 3
    for kind, form in _ROOM.items():
        if form.search(ahead):
            low = value * (1 - wide) if kind == "under" else value
            high = value * (1 + wide) if kind == "over" else value
            if kind == "near":
                is_round = len(f"{value.normalize():f}".strip("0.")) == 1
                near = _ROUND if is_round else ROUNDED
                low, high = value * (1 - near), value * (1 + near)
            return low, high
    room = ROUNDED if in_words and value < 1 else _EXACT
    return value * (1 - room), value * (1 + room)
