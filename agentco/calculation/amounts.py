"""Numbers as people and their programs write them: `1.234,56 €`, `USD 1,234.56`, `(12.00)`, `23 %`.

`1.234` alone can be either of two numbers, and is refused: a wrong guess is off by a thousand.
Where other numbers beside it show how decimals are written, it is read as they are.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from agentco.kernel.errors import WrongUsage

PERCENT = "%"
CURRENCIES = {"€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "R$": "BRL", "¥": "JPY"}
MOST_DIGITS = 30
MOST_SHOWN = 40
GROUP_MARKS = re.compile("(?<=\\d)[ \u00a0\u2007\u2009\u202f'\u2019](?=\\d{3}(?!\\d))")
"""What stands between thousands and nowhere else."""
MINUS_SIGNS = re.compile("^[-\u2212\u2013]")
AMOUNT = re.compile(
    r"(?P<before>[A-Z]{2,3}\$?|[A-Z]{0,2}[€$£¥])?\s*(?P<number>\d[\d.,]*|[.,]\d+)"
    r"\s*(?P<after>[A-Z]{3}|[€$£¥]|%)?"
)
BOTH_MARKS = re.compile(r"\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:,\d{3})+\.\d*")
GROUPS_ONLY = re.compile(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:,\d{3}){2,}")
ONE_MARK = re.compile(r"\d*[.,]\d*")
UNCLEAR = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


class Amount(Struct, frozen=True, kw_only=True):
    """A number, its unit (a currency's three letters, `%` or nothing), and how it was written."""

    value: Decimal
    unit: str = ""
    said: str


class _Written(Struct, frozen=True, kw_only=True):
    """A number taken apart, before it is known what its dots and commas mean."""

    said: str
    digits: str
    unit: str
    is_negative: bool


def read_amounts(texts: Sequence[str]) -> tuple[Amount, ...]:
    """Read numbers that stand together. Raises WrongUsage for what is not a number, or unclear."""
    parts = [_take_apart(text) for text in texts]
    mark = decimal_mark(part.digits for part in parts)
    return tuple(_read_amount(part, mark) for part in parts)


def decimal_mark(numbers: Iterable[str]) -> str:
    """The mark before decimals, `.` or `,`, as one of the numbers shows it; empty if none does.

    Raises WrongUsage where they contradict each other.
    """
    shown = {mark for number in numbers if (mark := _mark_shown(number))}
    if len(shown) > 1:
        what = "some of these numbers have decimals after a dot, others after a comma"
        raise WrongUsage(what, hint="write all of them like 1234.56")
    return "".join(shown)


def _mark_shown(number: str) -> str:
    if BOTH_MARKS.fullmatch(number):
        return max(".,", key=number.rfind)
    if GROUPS_ONLY.fullmatch(number):
        return "," if "." in number else "."
    if ONE_MARK.fullmatch(number) and not UNCLEAR.fullmatch(number):
        return "." if "." in number else ","
    return ""


def _take_apart(text: str) -> _Written:
    said = " ".join(text.split())
    inner = GROUP_MARKS.sub("", text.strip())
    is_negative = inner.startswith("(") and inner.endswith(")")
    inner = inner[1:-1].strip() if is_negative else inner
    unsigned = MINUS_SIGNS.sub("", inner).strip()
    is_negative = is_negative or unsigned != inner
    found = AMOUNT.fullmatch(unsigned.removeprefix("+"))
    if not found or sum(map(str.isdigit, found["number"])) > MOST_DIGITS:
        what = f"{said[:MOST_SHOWN]!r} is not a number"
        raise WrongUsage(what, hint="write it like 1234.56, 1234.56 EUR or 23 %")
    units = {
        CURRENCIES.get(unit, unit) for unit in (found["before"], found["after"]) if unit
    }
    if len(units) > 1:
        what = f"{said[:MOST_SHOWN]!r} has two units"
        raise WrongUsage(what, hint="give each number one unit")
    return _Written(
        said=said, digits=found["number"], unit="".join(units), is_negative=is_negative
    )


def _read_amount(part: _Written, mark: str) -> Amount:
    if not mark and UNCLEAR.fullmatch(part.digits):
        plain = re.sub("[.,]", "", part.digits)
        exact = part.digits.replace(",", ".")
        what = f"{part.said[:MOST_SHOWN]!r} can be {plain} or {exact}0"
        raise WrongUsage(what, hint=f"write {plain} or {exact}0")
    group = {".": ",", ",": "."}.get(mark, ",")
    whole, *decimals = part.digits.replace(group, "").split(mark or ".")
    has_groups = group in part.digits
    if len(decimals) > 1 or (has_groups and not _is_grouped(part.digits, group, mark)):
        what = f"{part.said[:MOST_SHOWN]!r} is not a number"
        raise WrongUsage(what, hint="write it like 1234.56")
    value = Decimal(".".join([whole or "0", *decimals]).rstrip("."))
    sign = -1 if part.is_negative else 1
    return Amount(value=sign * value, unit=part.unit, said=part.said)


def _is_grouped(number: str, group: str, mark: str) -> bool:
    whole = number.split(mark, maxsplit=1)[0] if mark else number
    pattern = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+"
    return re.fullmatch(pattern, whole) is not None
