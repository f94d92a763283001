"""Sums, differences, products and shares in exact decimals, each with its calculation in signs."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, Inexact, localcontext

from msgspec import Struct

from agentco.calculation.amounts import MOST_DIGITS, PERCENT, Amount
from agentco.calculation.operations import OF_MANY, ComputeAct
from agentco.kernel.errors import WrongUsage

DIGITS = 100
SHOWN_DIGITS = 12
"""Digits of a quotient that never ends."""
MOST_TERMS_SHOWN = 12
PLUS, MINUS, TIMES, BY = " + ", " \u2212 ", " \u00d7 ", " \u00f7 "
HUNDRED = Decimal(100)
PAIR = 2


DIVISIONS = frozenset(
    {ComputeAct.AVERAGE, ComputeAct.QUOTIENT, ComputeAct.SHARE, ComputeAct.CHANGE}
)
"""Whose results have as many decimals as they need."""


class Calculated(Struct, frozen=True, kw_only=True):
    """A result and how it came about, such as `19 EUR + 2 EUR = 21 EUR`."""

    result: str
    calculation: str

    def __str__(self) -> str:
        """The calculation with its result."""
        return f"{self.calculation} = {self.result}"


def calculate(
    kind: ComputeAct, amounts: Sequence[Amount], decimals: int | None = None
) -> Calculated:
    """Calculate from amounts, rounded half up to `decimals` where these are given.

    Raises WrongUsage for too few or too many numbers, units that do not fit, and a division by 0.
    """
    count = len(amounts)
    takes_many = kind in OF_MANY
    if not count or not (takes_many or count == PAIR):
        wanted = "at least one number" if takes_many else "two numbers"
        what = f"{kind} takes {wanted}, and there are {count}"
        raise WrongUsage(what, hint="give them in `numbers`")
    with localcontext(prec=DIGITS) as context:
        context.clear_flags()  # it begins with those of whoever calculated before
        value, unit, how = _result(kind, amounts)
        exact = not context.flags[Inexact]
        if value and value.adjusted() > MOST_DIGITS:
            raise WrongUsage("the result is too large", hint="check the numbers")
        if decimals is not None:
            rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            exact, value = exact and rounded == value, rounded
        if decimals is None and kind in DIVISIONS:
            value = value.normalize()
    number = f"{value:f}" if exact or decimals is not None else _shorten(value)
    result = f"{number} {unit}".strip()
    return Calculated(
        result=result if exact else f"{result} (rounded)", calculation=how
    )


def _result(kind: ComputeAct, amounts: Sequence[Amount]) -> tuple[Decimal, str, str]:
    values = [amount.value for amount in amounts]
    match kind:
        case ComputeAct.SUM:
            return sum(values, Decimal(0)), common_unit(amounts), _join(amounts, PLUS)
        case ComputeAct.AVERAGE:
            how = f"({_join(amounts, PLUS)}){BY}{len(amounts)}"
            mean = sum(values, Decimal(0)) / len(values)
            return mean, common_unit(amounts), how
        case ComputeAct.PRODUCT:
            return _product(amounts)
        case _:
            return _of_two(kind, *amounts)


def _product(amounts: Sequence[Amount]) -> tuple[Decimal, str, str]:
    """The product of amounts of which at most one has a currency; `23 %` is 0.23."""
    units = [a.unit for a in amounts if a.unit and a.unit != PERCENT]
    if len(units) > 1:
        what = f"{' and '.join(units)} cannot be multiplied with each other"
        raise WrongUsage(what, hint="leave the currency at one of the numbers")
    value = Decimal(1)
    for amount in amounts:
        value *= amount.value / HUNDRED if amount.unit == PERCENT else amount.value
    return value, "".join(units), _join(amounts, TIMES)


def _of_two(kind: ComputeAct, one: Amount, other: Amount) -> tuple[Decimal, str, str]:
    """What the first of two amounts is with, without or beside the second."""
    first, second = one.said, other.said
    if kind is ComputeAct.DIFFERENCE:
        unit = common_unit((one, other))
        return one.value - other.value, unit, f"{first}{MINUS}{second}"
    if kind is ComputeAct.PERCENT_OF:
        if one.unit not in {PERCENT, ""} or other.unit == PERCENT:
            what = "percent_of takes a percentage, then what it is of"
            raise WrongUsage(what, hint='numbers: ["23 %", "1000 EUR"]')
        share = first if one.unit else f"{first} %"
        value = one.value * other.value / HUNDRED
        return value, other.unit, f"{share}{TIMES}{second}"
    if kind is ComputeAct.QUOTIENT:
        unit = one.unit
        if other.unit:
            common_unit((one, other))
            unit = ""
        return _divide(one.value, other.value), unit, f"{first}{BY}{second}"
    common_unit((one, other))
    if kind is ComputeAct.SHARE:
        share = _divide(one.value, other.value) * HUNDRED
        return share, PERCENT, f"{first}{BY}{second}"
    change = _divide(other.value - one.value, abs(one.value)) * HUNDRED
    base = f"|{first}|" if one.value < 0 else first
    return change, PERCENT, f"({second}{MINUS}{first}){BY}{base}"


def _divide(value: Decimal, by: Decimal) -> Decimal:
    """Raises WrongUsage for 0."""
    if not by:
        raise WrongUsage("nothing can be divided by 0", hint="check the numbers")
    return value / by


def common_unit(amounts: Sequence[Amount]) -> str:
    """The unit of all amounts. Raises WrongUsage where they have several, or some have none."""
    units = {amount.unit for amount in amounts}
    if len(units) > 1:
        named = " and ".join(sorted(unit or "no unit" for unit in units))
        what = f"numbers with {named} do not go together"
        raise WrongUsage(what, hint="give all of them the same unit, or none")
    return "".join(units)


def _join(amounts: Sequence[Amount], sign: str) -> str:
    """The terms with a sign between them; of many the first and the last."""
    said = [amount.said for amount in amounts]
    if len(said) > MOST_TERMS_SHOWN:
        left = len(said) - MOST_TERMS_SHOWN
        said[MOST_TERMS_SHOWN - 1 : -1] = [f"\u2026 ({left} more)"]
    return sign.join(said)


def _shorten(value: Decimal) -> str:
    """A number that never ends, to so many digits."""
    with localcontext(prec=SHOWN_DIGITS):
        return f"{+value:f}"
