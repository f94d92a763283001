"""What a call that failed means, in two short lines for the founder.

A key is cut out of everything that a server says.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

from agentco.adapters.clock import RealClock
from agentco.adapters.models.pauses import wanted_pause
from agentco.adapters.models.streamed_reply import error_text
from agentco.company.model_offers import ModelOffer
from agentco.company.settings import SETTINGS_FILE
from agentco.kernel.errors import CallFailed, Trouble

if TYPE_CHECKING:
    import httpx2

MAX_ERROR_CHARS = 200
_BUSY_STATUSES = frozenset({408, 429})
_NO_CREDIT_WORDS = (
    b"insufficient_quota",
    b"credit balance is too low",
    b"spend_limit_reached",
    b"exceeded_current_quota",
    b"Insufficient Balance",
    b"insufficient balance",
    b"Arrearage",
)
_BAD_KEY_WORDS = (
    # with a 400, from Gemini and xAI
    b"API_KEY_INVALID",
    b"API key not valid",
    b"Incorrect API key",
)


class StatusMeaning(NamedTuple):
    """What a status says of the model, and what to do."""

    what: str
    hint: str


_FILTER_WORDS = (
    b"content_filter",
    b"content management policy",
    b"ResponsibleAIPolicyViolation",
    b"data_inspection_failed",
    b"content_policy_violation",
    b"flagged by moderation",
    b"moderation_blocked",
)
_BAD_SAMPLE_WORDS = (
    b"tool_use_failed",
    b"failed_generation",
    b"output_parse_failed",
    b"MALFORMED_FUNCTION_CALL",
)
_LOADING_WORDS = re.compile(
    rb"loading (?:the )?model|model (?:\S+ )?is (?:(?:still|currently) )?(?:being )?load(?:ing|ed)",
    re.IGNORECASE,
)
_UNAVAILABLE = 503
_REFUSED_KEY = StatusMeaning("refused the key", "set {key} to a key that it accepts")
_NO_CREDIT = StatusMeaning(
    "has no credit left", "add credit with the provider, or use another model"
)
_UNKNOWN_MODEL = StatusMeaning(
    "is not known there",
    "correct the model's name, or the api_base {api_base}, in {file}",
)
_BROKEN = StatusMeaning(
    "cannot answer now", "try again later, or give the tier a second model"
)
_BAD_SAMPLE = StatusMeaning(
    "wrote a tool call that its server cannot read", "try again, or use another model"
)
_REFUSED_REQUEST = StatusMeaning(
    "refused the request", "see what {api_base} accepts, or use another model"
)
_UNPAID_STATUS, _BROKEN_STATUS = 402, 500
REQUEST_STATUSES = frozenset({400, 413, 422})
_MEANINGS = {
    401: _REFUSED_KEY,
    _UNPAID_STATUS: _NO_CREDIT,
    403: _REFUSED_KEY,
    404: _UNKNOWN_MODEL,
}
_HINTS = {
    Trouble.UNREACHABLE: "start the server,"
    " or correct the provider's api_base {api_base} in {file}",
    Trouble.LOST: "it may have been billed anyway; asking again may be billed twice",
    Trouble.BUSY: _BROKEN.hint,
}


class HttpStatusError(Exception):
    """A status that is no answer, with as much of its body as is worth reading."""

    def __init__(self, response: "httpx2.Response", body: bytes) -> None:
        super().__init__(response.status_code)
        self.response = response
        self.body = body


def status_failure(offer: ModelOffer, key: str, error: HttpStatusError) -> CallFailed:
    """Say what a status means.

    What is said to a key that is refused may show parts of it, so it is left out.
    """
    status = error.response.status_code
    meaning = _status_meaning(status, error.body)
    reason = "" if meaning is _REFUSED_KEY else error_text(error.body)
    what = f"{meaning.what} ({status})"
    if reason:
        what = f"{what}: {reason}"
    trouble = Trouble.CLOSED
    if meaning in {_BROKEN, _BAD_SAMPLE}:
        trouble = Trouble.BUSY
    elif meaning is _REFUSED_REQUEST:
        trouble = Trouble.REFUSED
    failure = call_failure(offer, key, what, trouble, meaning.hint)
    if meaning is _BROKEN:
        now = RealClock().now().timestamp()
        failure.retry_after = wanted_pause(
            status, error.response.headers, error.body, now
        )
    if meaning is _BAD_SAMPLE:
        # another sample usually is a good one: there is nothing to wait for
        failure.retry_after = 0.0
    return failure


def bad_sample(offer: ModelOffer, key: str, end: str) -> CallFailed:
    """Say that an answer ended because its call of a tool could not be read."""
    what = f"{_BAD_SAMPLE.what}: it ended with {end!r}"
    failure = call_failure(offer, key, what, Trouble.BUSY, _BAD_SAMPLE.hint)
    failure.retry_after = 0.0
    return failure


def is_filtered(error: HttpStatusError) -> bool:
    """Whether a provider's filter refused the request: time mends nothing, and it costs nothing."""
    is_request = error.response.status_code in REQUEST_STATUSES
    return is_request and any(words in error.body for words in _FILTER_WORDS)


def is_loading(error: HttpStatusError) -> bool:
    """Whether a server only still loads its model."""
    is_busy = error.response.status_code == _UNAVAILABLE
    return is_busy and bool(_LOADING_WORDS.search(error.body))


def _status_meaning(status: int, body: bytes) -> StatusMeaning:
    if any(words in body for words in _NO_CREDIT_WORDS):
        return _NO_CREDIT
    if status in REQUEST_STATUSES and any(w in body for w in _BAD_KEY_WORDS):
        return _REFUSED_KEY
    if status in REQUEST_STATUSES and any(w in body for w in _BAD_SAMPLE_WORDS):
        return _BAD_SAMPLE
    if status in _BUSY_STATUSES or status >= _BROKEN_STATUS:
        return _BROKEN
    return _MEANINGS.get(status, _REFUSED_REQUEST)


def call_failure(
    offer: ModelOffer, key: str, what: str, trouble: Trouble, hint: str = ""
) -> CallFailed:
    """Make an error of two short lines, without our key even where a server repeats it."""
    text = what.replace(key, "[key]") if key else what
    printable = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(printable.split())
    if len(line) > MAX_ERROR_CHARS:
        line = line[:MAX_ERROR_CHARS] + "…"
    template = hint or _HINTS[trouble]
    return CallFailed(
        f"{offer.name} {line}",
        hint=template.format(
            api_base=offer.api_base,
            key=offer.api_key_env or "a variable named as api_key_env",
            file=SETTINGS_FILE,
        ),
        trouble=trouble,
    )
