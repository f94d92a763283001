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


def stop_reason(said: str) -> StopReason | None:
    """What a server's word for an end means; None for one that is not known to be a good one."""
    spelled = said.strip().casefold().replace("-", "_").replace(" ", "_")
    return _REASONS.get(spelled.rpartition(".")[2])
