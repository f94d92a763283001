"""When a model is passed over, and when its day is used up: laws."""

from datetime import UTC, datetime, timedelta

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import ModelLimit
from agentco.rules import (
    ModelHealth,
    ModelUsage,
    daily_limit_reached,
    record_failure,
    why_skipped,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WISHES = st.none() | st.floats(0, 1e300) | st.just(float("inf"))
FAILURES = st.lists(
    st.tuples(st.timedeltas(timedelta(0), 3 * DAY), WISHES), min_size=1, max_size=30
)


def seconds(health: ModelHealth, at: datetime = NOW) -> int:
    return int((health.until - at).total_seconds())


@claim("router:health")
def test_two_failures_in_a_row_are_a_minute_and_each_further_one_twice_as_long_to_a_quarter_of_an_hour() -> (
    None
):
    health, at, pauses = None, NOW, list[int]()
    for _ in range(8):
        health = record_failure(health, "a/m", at, "a/m cannot be reached")
        pauses.append(seconds(health, at))
        at = health.until
    assert pauses == [0, 60, 120, 240, 480, 900, 900, 900]


@claim("router:health")
def test_many_who_fail_at_once_are_no_more_than_two() -> None:
    health = None
    for n in range(50):
        health = record_failure(health, "a/m", NOW + timedelta(seconds=n / 10), "busy")
    assert health
    assert (health.failures, seconds(health)) == (2, 60)


@claim("router:health")
@given(failures=FAILURES)
def test_nobody_is_skipped_for_longer_than_the_rule_or_its_own_wish_says(
    failures: list[tuple[timedelta, float | None]],
) -> None:
    health, at = None, NOW
    for gap, wish in failures:
        at += gap
        before, health = health, record_failure(health, "a/m", at, "busy", wish)
        longest = max(
            timedelta(minutes=15), min(timedelta(seconds=min(wish or 0, 86400)), DAY)
        )
        assert at <= health.until <= max(at + longest, before.until if before else at)
        assert health.until >= at + timedelta(seconds=min(wish or 0, 86400))
        assert bool(why_skipped(health, at)) == (health.until > at)
        assert not why_skipped(health, health.until)


@claim("router:health")
def test_who_is_skipped_is_told_with_the_time_and_the_reason() -> None:
    once = record_failure(None, "a/m", NOW, "a/m cannot answer now (529)", 90)
    twice = record_failure(
        record_failure(None, "a/m", NOW, "a/m x"),
        "a/m",
        NOW,
        "a/m cannot be reached: refused",
    )
    assert (
        why_skipped(once, NOW)
        == "a/m: skipped for 90 s after 1 failure: cannot answer now (529)"
    )
    assert (
        why_skipped(twice, NOW + timedelta(seconds=0.5))
        == "a/m: skipped for 60 s after 2 failures: cannot be reached: refused"
    )
    assert why_skipped(None, NOW) == ""


@claim("router:limits")
@pytest.mark.parametrize(
    ("limit", "calls", "spent", "least", "why"),
    [
        (ModelLimit(), 10**6, 10**9, 10**6, ""),
        (ModelLimit(calls_per_day=2), 1, 0, 0, ""),
        (ModelLimit(calls_per_day=2), 2, 0, 0, "its 2 calls of today are used up"),
        (ModelLimit(calls_per_day=0), 0, 0, 0, "its 0 calls of today are used up"),
        (ModelLimit(usd_per_day=100), 9, 60, 40, ""),
        (ModelLimit(usd_per_day=20_000), 9, 0, 0, ""),
        (
            ModelLimit(usd_per_day=20_000),
            9,
            15_000,
            5001,
            "$0.015000 of its $0.02 today is spent, this may cost $0.005001",
        ),
    ],
)
def test_a_day_is_used_up_by_calls_or_by_dollars(
    limit: ModelLimit, calls: int, spent: int, least: int, why: str
) -> None:
    assert (
        daily_limit_reached(
            limit, ModelUsage(calls=calls, spent=spent, reserved=0), least
        )
        == why
    )
