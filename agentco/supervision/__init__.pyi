from agentco.supervision.child_specs import (
    AutoShutdown as AutoShutdown,
    ChildSpec as ChildSpec,
    Policy as Policy,
    RestartRule as RestartRule,
    Strategy as Strategy,
)
from agentco.supervision.end_reasons import (
    KILLED as KILLED,
    NORMAL as NORMAL,
    SHUTDOWN as SHUTDOWN,
    EndKind as EndKind,
    EndReason as EndReason,
    crash_reason as crash_reason,
)
from agentco.supervision.events import (
    CallReceived as CallReceived,
    ChildExited as ChildExited,
    ChildRequested as ChildRequested,
    OrderDone as OrderDone,
    StartFailed as StartFailed,
    SupervisorEvent as SupervisorEvent,
    WaitEnded as WaitEnded,
)
from agentco.supervision.loop_detection import (
    describe_loop as describe_loop,
    to_turn_step as to_turn_step,
)
from agentco.supervision.orders import (
    CallReply as CallReply,
    CallResult as CallResult,
    EndSupervisor as EndSupervisor,
    StartChild as StartChild,
    StopChild as StopChild,
    SupervisorCall as SupervisorCall,
    SupervisorOrder as SupervisorOrder,
    WaitToRestart as WaitToRestart,
)
from agentco.supervision.supervisor import (
    ChildState as ChildState,
    SupervisorTree as SupervisorTree,
    advance_tree as advance_tree,
    new_tree as new_tree,
)
