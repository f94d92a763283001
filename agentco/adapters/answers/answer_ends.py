"""Why a model stopped, in the words of every server; what is not known is no good end."""

from agentco.kernel import package_data
from agentco.runs.model_messages import StopReason

_SPELLINGS = package_data.load_table(__name__, dict[StopReason, tuple[str, ...]])


def _by_name() -> dict[str, StopReason]:
    by_name: dict[str, StopReason] = {}
    for reason, names in _SPELLINGS.items():
        by_name |= dict.fromkeys(names, reason)
    return by_name


_REASONS = _by_name()


_BAD_SAMPLES = frozenset(
    {
        "malformed_function_call",
        "unexpected_tool_call",
        "malformed_tool_call",
        "malformed_tool_use",
        "malformed_model_output",
        "too_many_tool_calls",
        "tool_use_failed",
    }
)
"""Ends at a call that a server could not read: Gemini's, Bedrock's and Groq's."""


def stop_reason(said: str) -> StopReason | None:
    """What a server's word for an end means; None for one that is not known to be a good one."""
    return _REASONS.get(_spelled(said))


def is_bad_sample(said: str) -> bool:
    """Whether an answer ended since its call of a tool was no call; another may be a good one.

    Gemini's address for OpenAI's protocol writes `function_call_filter: MALFORMED_FUNCTION_CALL`.
    """
    return _spelled(said.rpartition(":")[2]) in _BAD_SAMPLES


def _spelled(said: str) -> str:
    spelled = said.strip().casefold().replace("-", "_").replace(" ", "_")
    return spelled.rpartition(".")[2]
