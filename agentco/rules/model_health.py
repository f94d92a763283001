"""When a model that does not answer is passed over: after two failures in a row, for a minute, then ever longer."""

from datetime import datetime, timedelta

from msgspec import Struct

FAILURES_BEFORE_PAUSE, MIN_PAUSE, MAX_PAUSE = (
    2,
    timedelta(seconds=60),
    timedelta(minutes=15),
)
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
    """A model after one more failure; `wish` is how many seconds its provider wants to be left alone.

    What fails while it is skipped was sent before, or is the try of somebody who had no other: it counts no further.
    """
    resting = before is not None and at < before.until
    failures = (before.failures if before else 0) + (not resting)
    pause = (
        min(
            MIN_PAUSE * 2 ** min(failures - FAILURES_BEFORE_PAUSE, MAX_DOUBLINGS),
            MAX_PAUSE,
        )
        if failures >= FAILURES_BEFORE_PAUSE and not resting
        else timedelta()
    )
    pause = max(pause, timedelta(seconds=min(wish or 0, MAX_RETRY_AFTER_S)))
    until = max(at + pause, before.until if before else at)
    return ModelHealth(
        model=model, failures=failures, until=until, why=why.removeprefix(f"{model} ")
    )


def why_skipped(health: ModelHealth | None, now: datetime) -> str:
    """Why a model is not asked now; empty when it may be."""
    if health is None or now >= health.until:
        return ""
    left = -(-(health.until - now) // timedelta(seconds=1))
    times = f"{health.failures} failure{'' if health.failures == 1 else 's'}"
    return f"{health.model}: skipped for {left} s after {times}: {health.why}"
