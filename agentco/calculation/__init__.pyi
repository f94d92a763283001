from agentco.calculation.amounts import Amount as Amount, read_amounts as read_amounts
from agentco.calculation.arithmetic import (
    Arithmetic as Arithmetic,
    Calculated as Calculated,
    calculate as calculate,
)
from agentco.calculation.day_arithmetic import (
    DayArithmetic as DayArithmetic,
    calculate_days as calculate_days,
)
