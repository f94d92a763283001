"""Calculations for agents: over numbers they give, a column of a file they may read, or dates."""

from collections.abc import Callable
from datetime import date

from msgspec.structs import replace

from agentco.adapters.holidays import YEARS_COVERED, holiday_check_for, look_up_holidays
from agentco.calculation.amounts import Amount, read_amounts
from agentco.calculation.arithmetic import calculate
from agentco.calculation.day_arithmetic import calculate_days
from agentco.calculation.operations import OF_COLUMNS, OF_DATES, ComputeAct
from agentco.file_formats.tables import Column, read_column
from agentco.kernel.dates import IsHoliday, parse_iso_date
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import count_of
from agentco.runs.actions import ALL_DECIMALS, Compute


def compute(
    action: Compute, read_text: Callable[[str], str], country: str | None, today: date
) -> str:
    """The calculation with its result; `read_text` gives a whole file that the agent may read.

    Raises WrongUsage where it cannot be calculated, and OSError for a file that cannot be read.
    """
    kind = action.operation
    if kind in OF_DATES:
        is_holiday = _holidays_near(action, country, today)
        return str(calculate_days(kind, action.dates, action.count, is_holiday))
    decimals = None if action.decimals == ALL_DECIMALS else action.decimals
    if action.column or action.file:
        return _compute_column(kind, action, decimals, read_text)
    return str(calculate(kind, read_amounts(action.numbers), decimals))


def _compute_column(
    kind: ComputeAct,
    action: Compute,
    decimals: int | None,
    read_text: Callable[[str], str],
) -> str:
    if kind not in OF_COLUMNS or action.numbers or not (action.file and action.column):
        what = f"{kind} of a column takes its file and its column, and no numbers"
        raise WrongUsage(what, hint="sum and average are made of columns")
    column = read_column(read_text(action.file), action.column, action.rows)
    where = f"column {column.head!r} of {action.file}"
    if column.title:
        where += f", under {column.title!r}"
    if column.first_of > 1:
        where += f", in the first of {column.first_of} tables that have it"
    if not column.cells:
        raise WrongUsage(f"there are no numbers in {where}", hint="check `rows`")
    done = calculate(kind, _read_cells(column), decimals)
    how = f"{kind} of {count_of(len(column.cells), 'number')} in {where}"
    if action.rows:
        how += f", in rows with {action.rows!r}"
    if column.total_lines:
        lines = ", ".join(map(str, column.total_lines))
        how += f", without the totals in line {lines}"
    return str(replace(done, calculation=how))


def _read_cells(column: Column) -> tuple[Amount, ...]:
    """The numbers of a column. Raises WrongUsage that names the line of what is not one."""
    try:
        return read_amounts([cell.text for cell in column.cells])
    except WrongUsage:
        for cell in column.cells:
            _require_number(cell.text, cell.line)
        raise


def _require_number(text: str, line: int) -> None:
    try:
        read_amounts([text])
    except WrongUsage as error:
        raise WrongUsage(f"line {line}: {error.what}", hint=error.hint) from None


def _holidays_near(action: Compute, country: str | None, today: date) -> IsHoliday:
    """The holidays around the date that is asked about, from the user's cache where it has them."""
    asked = parse_iso_date(action.dates[0].strip()) if action.dates else None
    is_near = not asked or -1 <= asked.year - today.year < YEARS_COVERED - 2
    if is_near or not asked or not country:
        return holiday_check_for(country, today)
    return look_up_holidays(country, asked).__contains__
