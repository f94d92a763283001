from agentco.ports.outside import (
    DeliveredPage as DeliveredPage,
    FileImage as FileImage,
    ServedContext as ServedContext,
    ToolCaller as ToolCaller,
    ToolPort as ToolPort,
    ToolResult as ToolResult,
)
from agentco.ports.store import StorePort as StorePort, Transaction as Transaction
from agentco.ports.stored_values import (
    AGENT_LINES_KEPT as AGENT_LINES_KEPT,
    DayUsage as DayUsage,
    Halt as Halt,
    Restriction as Restriction,
    StartedRun as StartedRun,
    UndoRecord as UndoRecord,
    WrittenFile as WrittenFile,
)
