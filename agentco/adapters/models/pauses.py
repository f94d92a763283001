"""How long a busy provider asks us to wait, in each of the forms that providers use."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LIMIT_REACHED = 429
LONGEST_WISH_S = 24 * 3600.0
"""A pause beyond this is none that anybody meant."""
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
_RESET_IN_BODY = re.compile(
    rb'"x-ratelimit-reset"\s*:\s*"?(\d{10,13})\b', re.IGNORECASE
)
"""OpenRouter repeats its header in the error."""
_SECONDS_OF_A_UNIT = {"m": 60.0, "h": 3600.0, "s": 1.0}
_RESETS = re.compile(
    r"(?:x-ratelimit-reset(?:-(?:requests|tokens))?|ratelimit-reset"
    r"|anthropic-ratelimit-(?:requests|tokens|input-tokens|output-tokens)-reset)"
)
_EPOCH_S = 1_000_000_000
_EPOCH_MS = 1_000 * _EPOCH_S


def wanted_pause(
    status: int, headers: Mapping[str, str], body: bytes, now: float
) -> float | None:
    """The seconds that a provider asks for; `now` is seconds since 1970. None if it asks for none.

    What is said to be the pause counts before the words of the error, and these before the times at
    which limits are full again; those say nothing where no limit is reached.
    """
    seconds = parse_retry_after(headers.get("retry-after", ""), now)
    millis = headers.get("retry-after-ms", "").strip()
    if seconds is None and re.fullmatch(r"\d{1,12}(?:\.\d{1,6})?", millis):
        seconds = float(millis) / 1000
    words = _WORDS_OF_A_PAUSE.search(body)
    if seconds is None and words:
        seconds = parse_pause(words[0])
    if seconds is None and status == _LIMIT_REACHED:
        seconds = _pause_until_reset(headers, body, now)
    return None if seconds is None else min(seconds, LONGEST_WISH_S)


def _pause_until_reset(
    headers: Mapping[str, str], body: bytes, now: float
) -> float | None:
    """The seconds until the limits that are used up are full again; until the first, if none is."""
    resets = {
        name.lower(): value
        for name, value in headers.items()
        if _RESETS.fullmatch(name.lower())
    }
    used_up = {
        name: value
        for name, value in resets.items()
        if headers.get(name.replace("reset", "remaining"), "").strip() == "0"
    }
    waits = [parse_reset(value, now) for value in (used_up or resets).values()]
    known = [seconds for seconds in waits if seconds is not None]
    repeated = _RESET_IN_BODY.search(body)
    if not known and repeated:
        return parse_reset(repeated[1].decode(), now)
    return (max if used_up else min)(known, default=None)


def parse_reset(text: str, now: float) -> float | None:
    """Read when a limit is full again as seconds from `now`; None if it cannot be read, or is far.

    It is a time since 1970 in seconds or milliseconds (OpenRouter), seconds, a pause such as
    `6m0s` (OpenAI, Groq), or a date (Anthropic).
    """
    words = text.strip()
    if re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", words):
        number = float(words)
        if number >= _EPOCH_MS:
            number = number / 1000
        seconds = number - now if number >= _EPOCH_S else number
    elif re.fullmatch(rb"(?:\d{1,6}(?:\.\d{1,9})?(?:ms|[hms]))+", words.encode()):
        seconds = parse_pause(words.encode())
    else:
        seconds = _seconds_until(words, now)
    return None if seconds is None else max(round(seconds, 3), 0.0)


def _seconds_until(words: str, now: float) -> float | None:
    """The seconds until a date of RFC 3339; None if it is none."""
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now


def parse_pause(words: bytes) -> float:
    """The seconds of a pause in words, such as `1m5.2s`, `20ms` or `7 seconds`."""
    parts = re.findall(rb"(\d+(?:\.\d+)?)\s?(millis|ms|[hms])", words, re.IGNORECASE)
    seconds = 0.0
    for number, unit in parts:
        name = unit.decode().lower()
        each = 0.001 if name in {"ms", "millis"} else _SECONDS_OF_A_UNIT[name]
        seconds += float(number) * each
    return round(seconds, 3)


def parse_retry_after(text: str, now: float) -> float | None:
    """Read a Retry-After header, seconds or a date, as seconds from `now`; None if neither."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None
