"""What it means when Copilot brings no answer."""

from agentco.adapters.models.call_failures import call_failure
from agentco.adapters.plans.copilot_events import CopilotFailure
from agentco.adapters.plans.plan_programs import PLAN_PROGRAMS
from agentco.company.model_offers import ModelOffer
from agentco.kernel.errors import CallFailed, Trouble

_SIGNED_OUT, _UNPAID, _FORBIDDEN, _UNKNOWN, _SLOW, _BUSY, _BROKEN = (
    *(401, 402, 403, 404),
    *(408, 429, 500),
)
_UNREACHED_WORDS = ("econnrefused", "enotfound", "(connect)", "dns error")
_NO_LOGIN_WORDS = ("no github oauth token", "not authenticated", "not logged in")
_UNKNOWN_WORDS = ("model_not_supported", "model_not_found", "model not")
_LOAD_HINT = "try again later, or give the tier a second model"
_NAME_HINT = "name a model that your Copilot plan has: copilot lists them under /model"


def is_out_of_quota(failure: CopilotFailure) -> bool:
    """Whether the plan is used up."""
    return failure.status == _UNPAID or "quota" in failure.kind


def copilot_failure(
    offer: ModelOffer, failure: CopilotFailure, *, has_begun: bool
) -> CallFailed:
    """Say why there is no answer."""
    words = failure.words or failure.kind or "it did not say why"
    plain = f"{failure.kind} {words}".casefold()
    status = failure.status
    trouble, what, hint = Trouble.LOST, "did not finish its answer", ""
    if has_begun:
        pass
    elif (
        status == _SIGNED_OUT
        or "authentication" in failure.kind
        or any(known in plain for known in _NO_LOGIN_WORDS)
    ):
        trouble, what = Trouble.CLOSED, "is not signed in"
        hint = PLAN_PROGRAMS[offer.wire].sign_in
    elif status == _UNKNOWN or any(known in plain for known in _UNKNOWN_WORDS):
        trouble, what, hint = Trouble.CLOSED, "is not known there", _NAME_HINT
    elif status == _FORBIDDEN:
        trouble, what, hint = Trouble.CLOSED, "is not allowed there", _NAME_HINT
    elif is_out_of_quota(failure):
        trouble, what, hint = Trouble.BUSY, "is used up", _LOAD_HINT
    elif status in {_SLOW, _BUSY} or "rate_limit" in plain or (status or 0) >= _BROKEN:
        trouble, what, hint = Trouble.BUSY, "cannot answer now", _LOAD_HINT
    elif status:
        trouble, what, hint = Trouble.REFUSED, "refused the request", _LOAD_HINT
    elif any(known in plain for known in _UNREACHED_WORDS):
        trouble, what, hint = Trouble.UNREACHABLE, "cannot be reached", _LOAD_HINT
    return call_failure(offer, "", f"{what}: {words}", trouble, hint)


def copilot_refusal(offer: ModelOffer, words: str) -> CallFailed:
    """Say why the program did not even begin a call; nothing was asked."""
    failure = CopilotFailure(status=None, kind="", words=words)
    named = copilot_failure(offer, failure, has_begun=False)
    if named.trouble is not Trouble.LOST:
        return named
    what = f"refused the request: {words}"
    return call_failure(offer, "", what, Trouble.REFUSED, _LOAD_HINT)
