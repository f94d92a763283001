"""What can be calculated, under the names that a model uses."""

from enum import StrEnum


class ComputeAct(StrEnum):
    """What can be calculated from numbers, a column of a table, or dates."""

    SUM = "sum"
    AVERAGE = "average"
    PRODUCT = "product"
    DIFFERENCE = "difference"
    QUOTIENT = "quotient"
    PERCENT_OF = "percent_of"
    SHARE = "share"
    CHANGE = "change"
    DAYS_BETWEEN = "days_between"
    ADD_DAYS = "add_days"
    ADD_MONTHS = "add_months"
    WORKING_DAY = "working_day"


OF_COLUMNS = frozenset({ComputeAct.SUM, ComputeAct.AVERAGE})
OF_MANY = OF_COLUMNS | {ComputeAct.PRODUCT}
OF_DATES = frozenset(
    {
        ComputeAct.DAYS_BETWEEN,
        ComputeAct.ADD_DAYS,
        ComputeAct.ADD_MONTHS,
        ComputeAct.WORKING_DAY,
    }
)
