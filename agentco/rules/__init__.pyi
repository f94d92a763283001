from agentco.rules.audit import (
    GENESIS_HASH as GENESIS_HASH,
    AuditLine as AuditLine,
    StoredRows as StoredRows,
    add_sums as add_sums,
    decode_lines as decode_lines,
    encode_and_hash as encode_and_hash,
    find_tampering as find_tampering,
    first_broken_line as first_broken_line,
)
from agentco.rules.budget import (
    MILLION as MILLION,
    MIN_ANSWER_TOKENS as MIN_ANSWER_TOKENS,
    Cap as Cap,
    CapLevel as CapLevel,
    Fit as Fit,
    ModelUsage as ModelUsage,
    call_cost as call_cost,
    cap_warnings as cap_warnings,
    caps_for_call as caps_for_call,
    cost_difference as cost_difference,
    daily_limit_reached as daily_limit_reached,
    estimate_prompt_tokens as estimate_prompt_tokens,
    fit_call as fit_call,
    prompt_tokens_to_reserve as prompt_tokens_to_reserve,
    with_margin as with_margin,
    worst_case_cost as worst_case_cost,
)
from agentco.rules.model_health import (
    ModelHealth as ModelHealth,
    record_failure as record_failure,
    why_skipped as why_skipped,
)
from agentco.rules.read_context import (
    LearnedContext as LearnedContext,
    is_truncated as is_truncated,
)
from agentco.rules.rule import (
    RESTRICTED as RESTRICTED,
    REVIEWS as REVIEWS,
    RulingContext as RulingContext,
    changes_something as changes_something,
    denied_by_permission as denied_by_permission,
)
