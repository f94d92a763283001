"""What a call that failed means, in two short lines for the founder.

A key is cut out of everything that a server says.
"""

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from agentco.adapters.clock import RealClock
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
_BAD_SAMPLE_WORDS = (b"tool_use_failed", b"failed_generation", b"output_parse_failed")
_LOADING_WORDS = re.compile(
    rb"loading (?:the )?model|model is (?:still )?loading", re.IGNORECASE
)
_UNIT = rb"(?:ms|milliseconds?|hours?|minutes?|seconds?|[hms])(?![a-z])"
_PAUSE = rb"(?:\d{1,6}(?:\.\d+)?\s?" + _UNIT + rb"[, ]*)+"
_WORDS_OF_A_PAUSE = re.compile(
    rb'"retryDelay"\s*:\s*"('
    + _PAUSE
    + rb")|(?:try again|retry) (?:in|after) ("
    + _PAUSE
    + rb")",
    re.IGNORECASE,
)
_SECONDS_OF_A_UNIT = {"m": 60.0, "h": 3600.0, "s": 1.0}
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
        failure.retry_after = _wanted_pause(error)
    if meaning is _BAD_SAMPLE:
        # another sample usually is a good one: there is nothing to wait for
        failure.retry_after = 0.0
    return failure


def _wanted_pause(error: HttpStatusError) -> float | None:
    """The seconds that a busy provider asks for, in its headers or in words."""
    headers = error.response.headers
    now = RealClock().now().timestamp()
    seconds = parse_retry_after(headers.get("retry-after", ""), now)
    millis = headers.get("retry-after-ms", "").strip()
    if seconds is None and millis.isdecimal():
        return int(millis) / 1000
    words = _WORDS_OF_A_PAUSE.search(error.body)
    return seconds if seconds is not None or not words else parse_pause(words[0])


def parse_pause(words: bytes) -> float:
    """The seconds of a pause in words, such as `1m5.2s`, `20ms` or `7 seconds`."""
    parts = re.findall(rb"(\d+(?:\.\d+)?)\s?(millis|ms|[hms])", words, re.IGNORECASE)
    seconds = 0.0
    for number, unit in parts:
        name = unit.decode().lower()
        each = 0.001 if name in {"ms", "millis"} else _SECONDS_OF_A_UNIT[name]
        seconds += float(number) * each
    return round(seconds, 3)


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


def parse_retry_after(text: str, now: float) -> float | None:
    """Read a Retry-After header, seconds or a date, as seconds from `now`; None if neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None
