from agentco.overview.collectors import (
    LoadOnce as LoadOnce,
    run_collectors as run_collectors,
)
from agentco.overview.founder_notices import current_notices as current_notices
from agentco.overview.inbox_items import (
    effect_item as effect_item,
    restricted_agents as restricted_agents,
)
from agentco.overview.notices import (
    HOUR as HOUR,
    Notice as Notice,
    budget_notices as budget_notices,
    earliest_notice_time as earliest_notice_time,
    notices_to_send as notices_to_send,
)
from agentco.overview.run_outcome import RunOutcome as RunOutcome
from agentco.overview.run_status import find_run as find_run
from agentco.overview.standup import (
    run_standup as run_standup,
    save_standup as save_standup,
    scheduled_prompts as scheduled_prompts,
)
from agentco.overview.tool_words import call_in_words as call_in_words
from agentco.overview.trigger_use import (
    changed_drafts as changed_drafts,
    share_of as share_of,
)
from agentco.overview.work_progress import (
    Call as Call,
    Colleague as Colleague,
    WorkProgress as WorkProgress,
)
