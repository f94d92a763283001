from agentco.permissions.acts import (
    ToolUse as ToolUse,
    UnreadableAct as UnreadableAct,
    read_act as read_act,
)
from agentco.permissions.rule_problems import (
    rule_problem as rule_problem,
    wrong_examples as wrong_examples,
)
from agentco.permissions.ruling import (
    Ruling as Ruling,
    RulingDetails as RulingDetails,
    check_permission as check_permission,
    may_read as may_read,
)
from agentco.permissions.trust_scope import (
    diff_reach as diff_reach,
    reach_hash as reach_hash,
    reach_lines as reach_lines,
)
