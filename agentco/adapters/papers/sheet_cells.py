"""A cell as people read it: with the currency, the per cent or the date that its format shows."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from msgspec import Struct

from agentco.calculation.amounts import UNCLEAR

CellValue = str | float | bool | datetime | date | time | timedelta | None
DIGITS = 15
"""How many digits of a number a spreadsheet keeps."""
MOST_DECIMALS = 15
GENERAL = "General"
LONGEST_FORMAT = 255
"""A spreadsheet writes no longer ones."""
_WIDE = Context(prec=2 * DIGITS + 10)
_LOCALE = re.compile(r"\[\$([^\]-]*+)[^\]]*+\]")
_REMARK = re.compile(r"\[[^\]]*\]|_.|\*.")
"""Colours and conditions, and the width of a sign or its repetition."""
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_NUMBER = re.compile(r"[#0?][#0?,. ]*")
_CURRENCY = re.compile(
    r"[€$£¥₹₽₺₩₪₫₴₱]|\b(?:US|R|A|C|HK|NZ)\$|\b[A-Z]{3}\b|\b(?:kr|zł|Kč|Ft|lei|лв)\b\.?"
)


class NumberFormat(Struct, frozen=True, kw_only=True):
    """What a format adds to a number; `decimals` is None where all are shown."""

    decimals: int | None = None
    least_digits: int = 0
    is_percent: bool = False
    before: str = ""
    after: str = ""


@lru_cache(maxsize=256)
def read_format(code: str) -> NumberFormat:
    """What the first part of a format says, such as `#,##0.00 [$€-407]`."""
    if len(code) > LONGEST_FORMAT:
        return NumberFormat()
    plain = _LOCALE.sub(r'"\1"', code.split(";", maxsplit=1)[0])
    plain = _LITERAL.sub(
        lambda match: match[1] or match[2] or "", _REMARK.sub("", plain)
    )
    number = _NUMBER.search(plain)
    is_scaled = number and number[0].rstrip().endswith(",")
    if number is None or is_scaled or re.search(r"[eE][+-]|/", plain):
        return NumberFormat()
    digits = number[0].strip()
    whole, dot, decimals = digits.partition(".")
    before, after = plain[: number.start()], plain[number.end() :]
    front, back = _CURRENCY.search(before), _CURRENCY.search(after)
    return NumberFormat(
        decimals=min(len(re.findall("[0#?]", decimals)), MOST_DECIMALS) if dot else 0,
        least_digits=whole.count("0") if "," not in whole else 0,
        is_percent="%" in plain,
        before=front[0] if front else "",
        after=back[0] if back and not front else "",
    )


def cell_text(value: CellValue, number_format: str = GENERAL) -> str:
    """A value in one line, numbers without marks between thousands."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return _number_text(value, number_format)
        case str():
            return " ".join(value.split())
        case _:
            return _time_text(value)


def _time_text(value: datetime | date | time | timedelta) -> str:
    match value:
        case datetime():
            return _moment_text(value)
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case timedelta():
            whole = round(value.total_seconds())
            minutes, seconds = divmod(abs(whole), 60)
            sign = "-" if whole < 0 else ""
            return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _moment_text(moment: datetime) -> str:
    """A day, with its time unless that is midnight."""
    if moment.time() == time():
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def _number_text(value: float, number_format: str) -> str:
    exact = _decimal_of(value)
    if not exact.is_finite():
        return str(value)
    shown = read_format(number_format)
    if shown.is_percent:
        exact *= 100
    if shown.decimals is not None:
        step = Decimal(1).scaleb(-shown.decimals)
        is_whole = exact.adjusted() > DIGITS
        rounded = exact if is_whole else exact.quantize(step, ROUND_HALF_UP, _WIDE)
        exact = abs(rounded) if rounded.is_zero() else rounded
    digits = _plain_digits(exact)
    sign = "-" if digits.startswith("-") else ""
    digits = digits.removeprefix("-")
    if "." not in digits:
        digits = digits.zfill(min(shown.least_digits, DIGITS))
    # `1.234` alone can be two numbers, `1.2340` only one
    if UNCLEAR.fullmatch(digits):
        digits += "0"
    percent = " %" if shown.is_percent else ""
    after = f" {shown.after}" if shown.after and not percent else ""
    return f"{sign}{shown.before}{digits}{percent}{after}"


def _decimal_of(value: float) -> Decimal:
    """A number with as many digits as a spreadsheet keeps; one too large for that as it is."""
    try:
        return Decimal(format(value, f".{DIGITS}g"))
    except OverflowError:
        return Decimal(value)


def _plain_digits(number: Decimal) -> str:
    """A number without an exponent, unless it is very large or very small."""
    if -DIGITS <= number.adjusted() <= 2 * DIGITS:
        return format(number, "f")
    return str(number)
