from agentco.calculation.amounts import Amount as Amount, read_amounts as read_amounts
from agentco.calculation.arithmetic import (
    Calculated as Calculated,
    calculate as calculate,
)
from agentco.calculation.day_arithmetic import calculate_days as calculate_days
from agentco.calculation.operations import ComputeAct as ComputeAct
