"""When a model that does not answer is skipped: after two failures, a minute, then ever longer."""

from datetime import datetime, timedelta

from msgspec import Struct

FAILURES_BEFORE_PAUSE = 2
MIN_PAUSE = timedelta(seconds=60)
MAX_PAUSE = timedelta(minutes=15)
MAX_RETRY_AFTER_S = 86_400
MAX_DOUBLINGS = 8
"""So often at most, long after which a pause is the longest anyway."""


class ModelHealth(Struct, frozen=True, kw_only=True):
    """How many calls of a model failed in a row, until when it is skipped, and why."""

    model: str
    failures: int
    until: datetime
    why: str


def record_failure(
    before: ModelHealth | None,
    model: str,
    at: datetime,
    why: str,
    wish: float | None = None,
) -> ModelHealth:
    """A model after one more failure; its provider wants to be left alone for `wish` seconds.

    What fails while it is skipped counts no further: it was sent before, or there was no other.
    """
    failures = before.failures if before else 0
    until = before.until if before else at
    pause = timedelta()
    if at >= until:
        failures += 1
        pause = _pause_after(failures)
    wished = timedelta(seconds=min(wish or 0, MAX_RETRY_AFTER_S))
    until = max(at + max(pause, wished), until)
    why = why.removeprefix(f"{model} ")
    return ModelHealth(model=model, failures=failures, until=until, why=why)


def _pause_after(failures: int) -> timedelta:
    """For how long a model is skipped after so many failures in a row."""
    if failures < FAILURES_BEFORE_PAUSE:
        return timedelta()
    doublings = min(failures - FAILURES_BEFORE_PAUSE, MAX_DOUBLINGS)
    return min(MIN_PAUSE * 2**doublings, MAX_PAUSE)


def why_skipped(health: ModelHealth | None, now: datetime) -> str:
    """Why a model is not asked now; empty when it may be."""
    if health is None or now >= health.until:
        return ""
    seconds = -(-(health.until - now) // timedelta(seconds=1))
    failures = "1 failure" if health.failures == 1 else f"{health.failures} failures"
    return f"{health.model}: skipped for {seconds} s after {failures}: {health.why}"
