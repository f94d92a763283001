"""A provider's export of what was used: a table of days and models, with costs, tokens or both.

Its columns are known by their heads, whatever their order: usage_export.json names those of OpenAI,
Anthropic, OpenRouter and others. A time without a zone is UTC, as all of them count their days.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from msgspec import Struct
from msgspec.structs import replace

from agentco.kernel import package_data
from agentco.kernel.money import MICROS_PER_CENT, MICROS_PER_USD

_SEPARATORS = ",;\t|"
_HEAD_LINES = 20
"""So many lines of words may stand above the heads."""
_UNIX_DIGITS = 10
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%b %d, %Y", "%d %b %Y")
_MOST_MONEY = Decimal(10) ** 9
_MOST_TOKENS = Decimal(10) ** 15
_MOST_DIGITS = 100
"""An amount with more before the point is none."""
_MOST_SHOWN = 60


class _Heads(Struct):
    """The heads that are known, in lower case with underscores; the first that is there is read."""

    day: tuple[str, ...]
    model: tuple[str, ...]
    dollars: tuple[str, ...]
    cents: tuple[str, ...]
    beside: tuple[str, ...]
    currency: tuple[str, ...]
    input: tuple[str, ...]
    input_parts: tuple[str, ...]
    output: tuple[str, ...]
    providers: dict[str, str]


_HEADS = package_data.load_table(__name__, _Heads)


class UsedAmount(Struct, frozen=True, kw_only=True):
    """What one model came to on one UTC day; micro-dollars and tokens, None where nothing is said.

    `rounding` is how far the sum may be off since the parts were rounded to cents.
    """

    usd: int | None = None
    input: int | None = None
    output: int | None = None
    rounding: int = 0

    def plus(self, other: "UsedAmount") -> "UsedAmount":
        """Both together."""
        return UsedAmount(
            usd=_sum(self.usd, other.usd),
            input=_sum(self.input, other.input),
            output=_sum(self.output, other.output),
            rounding=self.rounding + other.rounding,
        )


class UsageExport(Struct, frozen=True, kw_only=True):
    """An export; `provider` is empty where the heads do not tell whose it is.

    `used` holds an amount for each day, such as `2026-11-25`, and model.
    """

    provider: str
    used: dict[tuple[str, str], UsedAmount]


class NoExport(ValueError):
    """A text that is no such export; the message says what it lacks."""


class _Columns(Struct, frozen=True, kw_only=True):
    """Where each column stands; -1 for one that is not there."""

    day: int
    model: int
    money: int
    micros: int
    beside: int
    currency: int
    inputs: tuple[int, ...]
    output: int
    decimal_comma: bool


def read_usage_export(text: str) -> UsageExport:
    """Read an export. Raises NoExport."""
    separator, rows = _rows_below_heads(text)
    heads = [_plain_head(head) for head in next(rows)[1]]
    columns = _find_columns(heads, separator)
    providers = (_HEADS.providers[head] for head in heads if head in _HEADS.providers)
    used = defaultdict[tuple[str, str], UsedAmount](UsedAmount)
    for line, row in rows:
        try:
            found = _read_row(row, columns)
        except ValueError as error:
            raise NoExport(f"line {line}: {error}") from None
        if found:
            day, model, amount = found
            used[day, model] = used[day, model].plus(amount)
    return UsageExport(provider=next(providers, ""), used=dict(used))


def _rows_below_heads(text: str) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The separator, and every row from the heads on with the number of its line."""
    best = max(_SEPARATORS, key=lambda each: len(_known_heads(text, each)[1]))
    start, known = _known_heads(text, best)
    if not known:
        raise NoExport("its first lines name no columns for day, model, cost or tokens")
    lines = text.splitlines()[start:]
    reader = csv.reader(lines, delimiter=best)

    def rows() -> Iterator[tuple[int, list[str]]]:
        try:
            for row in reader:
                yield start + reader.line_num, row
        except csv.Error as error:
            raise NoExport(f"line {start + reader.line_num}: {error}") from None

    return best, rows()


def _known_heads(text: str, separator: str) -> tuple[int, list[str]]:
    """The line with most known heads, and these."""
    every = {*_HEADS.day, *_HEADS.model, *_HEADS.dollars, *_HEADS.cents}
    every |= {*_HEADS.input, *_HEADS.input_parts, *_HEADS.output}
    found = [(0, list[str]())]
    for number, line in enumerate(text.split("\n", _HEAD_LINES)[:_HEAD_LINES]):
        try:
            heads = next(csv.reader([line], delimiter=separator), list[str]())
        except csv.Error:
            continue
        found.append((number, [h for h in map(_plain_head, heads) if h in every]))
    return max(found, key=lambda one: len(one[1]))


def _plain_head(head: str) -> str:
    """`Cost (USD)` as `cost_usd`."""
    return re.sub(r"[^a-z0-9]+", "_", head.casefold()).strip("_")


def _find_columns(heads: Sequence[str], separator: str) -> _Columns:
    """Where everything stands. Raises NoExport for a table that lacks what is compared."""

    def find(known: Iterable[str]) -> int:
        return next((heads.index(head) for head in known if head in heads), -1)

    dollars, cents = find(_HEADS.dollars), find(_HEADS.cents)
    whole = find(_HEADS.input)
    parts = [heads.index(head) for head in _HEADS.input_parts if head in heads]
    columns = _Columns(
        day=find(_HEADS.day),
        model=find(_HEADS.model),
        money=cents if dollars < 0 else dollars,
        micros=MICROS_PER_CENT if dollars < 0 else MICROS_PER_USD,
        beside=find(_HEADS.beside),
        currency=find(_HEADS.currency),
        inputs=tuple(parts if whole < 0 else [whole, *parts]),
        output=find(_HEADS.output),
        decimal_comma=separator != ",",
    )
    counts = columns.money >= 0 or columns.inputs or columns.output >= 0
    named = {"day": columns.day >= 0, "model": columns.model >= 0}
    lacking = [name for name, is_there in named.items() if not is_there]
    if lacking or not counts:
        lacking += [] if counts else ["cost or tokens"]
        raise NoExport(f"it has no column for {' and '.join(lacking)}")
    return columns


def _read_row(
    row: Sequence[str], columns: _Columns
) -> tuple[str, str, UsedAmount] | None:
    """Day, model and amount of a row; None for one that counts nothing. Raises ValueError."""

    def cell(column: int) -> str:
        return row[column].strip() if 0 <= column < len(row) else ""

    amount = UsedAmount(
        input=_tokens([cell(column) for column in columns.inputs]),
        output=_tokens([cell(columns.output)]),
    )
    money = cell(columns.money)
    if money:
        currency = cell(columns.currency)
        if currency.casefold() not in {"", "usd", "$"}:
            raise ValueError(
                f"an amount in {_shown(currency)!r}, but the ledger is in dollars"
            )
        value = _number(money, decimal_comma=columns.decimal_comma)
        beside = _number(
            cell(columns.beside) or "0", decimal_comma=columns.decimal_comma
        )
        usd = _whole(value + beside, columns.micros, _MOST_MONEY)
        is_rounded = usd % MICROS_PER_CENT == 0
        amount = replace(
            amount, usd=usd, rounding=MICROS_PER_CENT // 2 if is_rounded else 0
        )
    if not (amount.usd or amount.input or amount.output):
        return None  # an hour or a day in which nothing was asked
    return _utc_day(cell(columns.day)), _model_name(cell(columns.model)), amount


def _model_name(text: str) -> str:
    """The model of a row: a line of a bill names it before what was counted."""
    return text.partition(",")[0].strip()


def _tokens(cells: Iterable[str]) -> int | None:
    counts = [
        _whole(_number(re.sub("[.,](?=[0-9]{3})", "", cell)), 1, _MOST_TOKENS)
        for cell in cells
        if cell
    ]
    return sum(counts) if counts else None


def _whole(value: Decimal, unit: int, most: Decimal) -> int:
    if not -most < value < most:
        raise ValueError(f"{_shown(str(value))} is out of range")
    return round(value * unit)


def _number(text: str, *, decimal_comma: bool = False) -> Decimal:
    """A number as exports and spreadsheets write it: `$1,234.50`, `0,19`, `1.5e-05`."""
    plain = re.sub(r"[$\s_']|usd", "", text, flags=re.IGNORECASE)
    if "," in plain and "." in plain:
        thousands = "," if plain.rfind(".") > plain.rfind(",") else "."
        plain = plain.replace(thousands, "")
    elif (
        "," in plain
        and not decimal_comma
        and re.fullmatch(r"-?\d{1,3}(,\d{3})+", plain)
    ):
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{_shown(text)!r} is not a number") from None
    if not value.is_finite():
        raise ValueError(f"{_shown(text)!r} is not a number")
    if value.adjusted() > _MOST_DIGITS:  # adding to it may overflow
        raise ValueError(f"{_shown(text)} is out of range")
    return value


def _shown(text: str) -> str:
    """As much of a cell as an error can show."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _utc_day(text: str) -> str:
    """The day of a time, in UTC. Raises ValueError."""
    try:
        moment = _moment(text)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{_shown(text)!r} is not a day") from None
    return f"{moment:%Y-%m-%d}"


def _moment(text: str) -> datetime:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) and len(text) >= _UNIX_DIGITS:
        digits = len(text.partition(".")[0])
        return datetime.fromtimestamp(float(text) / 10 ** (digits - _UNIX_DIGITS), UTC)
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    plain = re.sub(r"(?<!\s)\s*+(utc|gmt|z)$", "+00:00", text, flags=re.IGNORECASE)
    moment = datetime.fromisoformat(plain)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)
