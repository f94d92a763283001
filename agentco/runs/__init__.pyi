from agentco.runs.actions import (
    Action as Action,
    Board as Board,
    BoardAct as BoardAct,
    BoardChange as BoardChange,
    Compute as Compute,
    Edit as Edit,
    Entity as Entity,
    Gather as Gather,
    Lesson as Lesson,
    LessonKind as LessonKind,
    Memory as Memory,
    MemoryAct as MemoryAct,
    Observed as Observed,
    Read as Read,
    Relation as Relation,
    Search as Search,
    Skill as Skill,
    arguments_of as arguments_of,
    tool_of as tool_of,
)
from agentco.runs.advance import (
    MAX_CALLS_PER_ANSWER as MAX_CALLS_PER_ANSWER,
    effect_for_call as effect_for_call,
    with_outside as with_outside,
)
from agentco.runs.board_changes import (
    TICKED_LATER as TICKED_LATER,
    ruled_operations as ruled_operations,
)
from agentco.runs.child_runs import (
    child_run as child_run,
    event_for_parent as event_for_parent,
)
from agentco.runs.effects import (
    AnyEffect as AnyEffect,
    AskFounder as AskFounder,
    AskModel as AskModel,
    CarryOutProposal as CarryOutProposal,
    Classify as Classify,
    DelegateWork as DelegateWork,
    Deliver as Deliver,
    Effect as Effect,
    EffectRecord as EffectRecord,
    EffectState as EffectState,
    Examine as Examine,
    FileImage as FileImage,
    OweReview as OweReview,
    ProposeImprovement as ProposeImprovement,
    Remember as Remember,
    SaveDeliverable as SaveDeliverable,
    StartReview as StartReview,
    StartTask as StartTask,
    UseTool as UseTool,
)
from agentco.runs.events import (
    Answered as Answered,
    AnyEvent as AnyEvent,
    CallLimit as CallLimit,
    Cancelled as Cancelled,
    ChildFinished as ChildFinished,
    Classified as Classified,
    Decided as Decided,
    Delegated as Delegated,
    Delivered as Delivered,
    Event as Event,
    Examined as Examined,
    LedgerEntry as LedgerEntry,
    ModelFailed as ModelFailed,
    Refused as Refused,
    Remembered as Remembered,
    Reviewed as Reviewed,
    Saved as Saved,
    TaskAsked as TaskAsked,
    ToolReturned as ToolReturned,
    Waived as Waived,
)
from agentco.runs.grants import (
    agent_for_prompt as agent_for_prompt,
    granted_tools as granted_tools,
    pinned_model as pinned_model,
    tier_of as tier_of,
)
from agentco.runs.model_messages import (
    ChatMessage as ChatMessage,
    MessageRole as MessageRole,
    ModelAnswer as ModelAnswer,
    ModelRequest as ModelRequest,
    StopReason as StopReason,
    TokenUsage as TokenUsage,
    ToolCall as ToolCall,
    ToolSpec as ToolSpec,
)
from agentco.runs.run import (
    MAX_HEAD_BYTES as MAX_HEAD_BYTES,
    RUN_FORMAT as RUN_FORMAT,
    Review as Review,
    Run as Run,
    RunJob as RunJob,
    RunPhase as RunPhase,
)
from agentco.runs.run_record import StoryEntry as StoryEntry
from agentco.runs.run_summary import RunSummary as RunSummary
from agentco.runs.steps import callable_tools as callable_tools
from agentco.runs.tool_calls import (
    MisreadCall as MisreadCall,
    bare_calls as bare_calls,
    calls_in_answer as calls_in_answer,
    read_call as read_call,
    renumber_calls as renumber_calls,
    tool_and_target as tool_and_target,
    tool_spec as tool_spec,
    tool_specs as tool_specs,
)
