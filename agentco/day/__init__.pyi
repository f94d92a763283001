from agentco.day.company_check import (
    HEAVY_PROMPT_TOKENS as HEAVY_PROMPT_TOKENS,
    check_company as check_company,
)
from agentco.day.deadlines import (
    DeadlineFact as DeadlineFact,
    DeadlineProblem as DeadlineProblem,
    occurrences as occurrences,
)
from agentco.day.doubtful_calls import (
    calls_as_one as calls_as_one,
    describe_settled as describe_settled,
    in_order as in_order,
)
from agentco.day.facts import (
    LessonFact as LessonFact,
    PromptFact as PromptFact,
    RunFact as RunFact,
    ScheduledPrompt as ScheduledPrompt,
    StaleFact as StaleFact,
    StandupFacts as StandupFacts,
    TaskFact as TaskFact,
    WaitingFact as WaitingFact,
    merge_facts as merge_facts,
    prompt_facts as prompt_facts,
)
from agentco.day.fresh_company import (
    CORE_TEAM as CORE_TEAM,
    TEMPLATE_DATE as TEMPLATE_DATE,
    FreshCompany as FreshCompany,
    shift_dates as shift_dates,
    triggers_off as triggers_off,
)
from agentco.day.memory_expiry import (
    expired_today as expired_today,
    upcoming_expiries as upcoming_expiries,
)
from agentco.day.plan import (
    PlanLine as PlanLine,
    PlanRule as PlanRule,
    make_day_plan as make_day_plan,
)
from agentco.day.prompt_trackers import (
    FIRST_HOUR as FIRST_HOUR,
    slots_count_from as slots_count_from,
    slots_run_from as slots_run_from,
)
from agentco.day.report import StandupReport as StandupReport
from agentco.day.schedule import (
    MACROS as MACROS,
    cron_problem as cron_problem,
    last_slot as last_slot,
    max_runs_per_day as max_runs_per_day,
    next_slot as next_slot,
    slots_until as slots_until,
)
from agentco.day.schedule_slots import (
    MAX_DELAY as MAX_DELAY,
    SlotOutcome as SlotOutcome,
    Tick as Tick,
    facts_fingerprint as facts_fingerprint,
    ticks_due as ticks_due,
)
from agentco.day.task_facts import board_facts as board_facts
