"""What it means when Claude Code brings no answer."""

from typing import NamedTuple

from agentco.adapters.models.call_failures import call_failure
from agentco.adapters.plans.claude_code_events import ClaudeCodeTalk
from agentco.adapters.plans.plan_programs import PLAN_PROGRAMS
from agentco.company.model_offers import ModelOffer
from agentco.company.settings import SETTINGS_FILE
from agentco.kernel.errors import CallFailed, Trouble

_PAID_WORDS = ("extra usage", "credit balance", "out of credit")
"""In a refusal they say that the plan does not pay for this."""
_UNREACHED_WORDS = ("econnrefused", "enotfound", "unable to connect", "ehostunreach")
_BROKEN_STATUS = 500
_PAID_HINT = "the vendor does not count this as use of the plan: use a model with a key"
_NAME_HINT = "correct the model's name: an alias such as sonnet, or a full name"
_UPDATE_HINT = (
    "update {name}; program: under providers: in {file} names another one of it"
)
_KEY_HINT = "sign in with the plan, or name a model with a key: anthropic/…"
_LOAD_HINT = "try again later, or give the tier a second model"


class _Meaning(NamedTuple):
    trouble: Trouble
    what: str
    hint: str


_BUSY = _Meaning(Trouble.BUSY, "cannot answer now", _LOAD_HINT)
_LOST = _Meaning(Trouble.LOST, "did not finish its answer", "")
_UNREACHED = _Meaning(Trouble.UNREACHABLE, "cannot be reached", _LOAD_HINT)
_SIGNED_OUT = _Meaning(Trouble.CLOSED, "is not signed in", "{sign_in}")
_UNPAID = _Meaning(
    Trouble.CLOSED, "would have to be paid on top of the plan", _PAID_HINT
)
_MEANINGS = {
    "authentication_failed": _SIGNED_OUT,
    "oauth_org_not_allowed": _SIGNED_OUT,
    "account_on_hold": _SIGNED_OUT,
    "verification_required": _SIGNED_OUT,
    "billing_error": _UNPAID,
    "model_not_found": _Meaning(Trouble.CLOSED, "is not known there", _NAME_HINT),
    "invalid_request": _Meaning(Trouble.REFUSED, "refused the request", _LOAD_HINT),
    "rate_limit": _BUSY,
    "overloaded": _BUSY,
}
"""The program's own names for errors."""


def claude_code_failure(
    offer: ModelOffer, talk: ClaudeCodeTalk, last_words: str
) -> CallFailed:
    """Say why there is no answer."""
    words = talk.words or last_words or talk.why_unfinished
    if talk.problem:
        return _unusable(offer, talk)
    if talk.has_asked:
        what = f"did not finish its answer: {words}"
        return call_failure(offer, "", what, Trouble.LOST)
    if any(paid in words.casefold() for paid in _PAID_WORDS):
        what = f"{_UNPAID.what}: {words}"
        return call_failure(offer, "", what, _UNPAID.trouble, _UNPAID.hint)
    if talk.error:
        return _named_failure(offer, talk, words)
    # it ended before it asked anything, as an old one does with an option it does not know
    program = PLAN_PROGRAMS[offer.wire]
    hint = _UPDATE_HINT.format(name=program.name, file=SETTINGS_FILE)
    return call_failure(offer, "", f"did not start: {words}", Trouble.CLOSED, hint)


def _unusable(offer: ModelOffer, talk: ClaudeCodeTalk) -> CallFailed:
    """Say what was wrong with the program before it asked anything."""
    trouble = Trouble.LOST if talk.has_asked else Trouble.CLOSED
    if talk.lacks_tools and not talk.has_asked:
        trouble = Trouble.BUSY
    hint = _KEY_HINT if "API key" in talk.problem else ""
    return call_failure(offer, "", talk.problem, trouble, hint or _LOAD_HINT)


def _named_failure(offer: ModelOffer, talk: ClaudeCodeTalk, words: str) -> CallFailed:
    """Say what the program's own name for an error means."""
    meaning = _MEANINGS.get(talk.error)
    if meaning is None and (talk.status or 0) >= _BROKEN_STATUS:
        meaning = _BUSY
    elif meaning is None:
        plain = words.casefold()
        is_unreached = any(known in plain for known in _UNREACHED_WORDS)
        meaning = _UNREACHED if is_unreached else _LOST
    sign_in = PLAN_PROGRAMS[offer.wire].sign_in
    hint = meaning.hint.format(sign_in=sign_in)
    return call_failure(offer, "", f"{meaning.what}: {words}", meaning.trouble, hint)
