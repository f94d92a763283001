"""When the founder may be told of what: each event once, a thing once an hour, nothing in quiet hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.overview import (
    HOUR,
    Notice,
    budget_notices,
    earliest_notice_time,
    notices_to_send,
)
from agentco.rules import CapLevel

LISBON = ZoneInfo("Europe/Lisbon")
NIGHT = "22:00-07:00"
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001
    lambda d: d.replace(tzinfo=UTC)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}:00+00:00")


@claim("notify:quiet")
@pytest.mark.parametrize(
    ("now", "quiet", "when"),
    [
        ("20T21:59", NIGHT, "20T21:59"),
        ("20T22:00", NIGHT, "21T07:00"),
        ("21T03:00", NIGHT, "21T07:00"),
        ("21T07:00", NIGHT, "21T07:00"),
        ("21T13:00", "12:00-14:30", "21T14:30"),
        ("21T14:30", "12:00-14:30", "21T14:30"),
        ("21T13:00", "09:00-09:00", "21T13:00"),
        ("21T03:00", None, "21T03:00"),
    ],
)
def test_quiet_hours_hold_back_until_they_end(
    now: str, quiet: str | None, when: str
) -> None:
    assert earliest_notice_time(at(now), None, quiet, LISBON) == at(when)


@claim("notify:once")
def test_the_same_thing_waits_an_hour_and_then_for_the_end_of_the_night() -> None:
    assert earliest_notice_time(at("20T12:00"), at("20T11:30"), None, LISBON) == at(
        "20T12:30"
    )
    assert earliest_notice_time(at("20T21:30"), at("20T21:15"), NIGHT, LISBON) == at(
        "21T07:00"
    )
    assert earliest_notice_time(at("20T12:00"), at("20T12:30"), None, LISBON) == at(
        "20T12:00"
    ), "a clock that went back"


@claim("notify:quiet")
@given(
    now=MOMENTS,
    ago=st.integers(0, 300),
    quiet=st.sampled_from([None, NIGHT, "12:00-14:30", "01:30-02:30"]),
)
def test_when_it_may_be_told_it_may_be_told(
    now: datetime, ago: int, quiet: str | None
) -> None:
    last = now - timedelta(minutes=ago)
    when = earliest_notice_time(now, last, quiet, LISBON)
    assert when >= now
    assert when.timestamp() - last.timestamp() >= HOUR.total_seconds() or ago >= 60
    assert earliest_notice_time(when, last, quiet, LISBON) == when


@claim("notify:once")
def test_an_event_is_told_once_and_what_waits_says_when() -> None:
    every = [
        Notice("inbox:cfo", "a.1", ("?",)),
        Notice("inbox:cfo", "a.2", ("?",)),
        Notice("halt:", "x", ("!",)),
    ]
    now = at("20T12:00")
    assert notices_to_send(every, {}, now, None, LISBON) == (every, None)
    told = {"inbox:cfo:a.1": at("20T11:30"), "inbox:cfo": at("20T11:30")}
    assert notices_to_send(every, told, now, None, LISBON) == (
        every[2:],
        at("20T12:30"),
    )
    assert notices_to_send(every, told, now, "11:00-13:00", LISBON) == (
        [],
        at("20T13:00"),
    )


@claim("notify:events")
def test_four_fifths_of_a_budget_and_all_of_it_are_two_events() -> None:
    def told(spent: int) -> list[tuple[str, ...]]:
        level = CapLevel(
            scope="day:2026-11-20",
            name="today's budget",
            cap=1_000_000,
            spent=spent,
            reserved=0,
        )
        return [(one.thing, *one.lines) for one in budget_notices([level])]

    assert told(799_999) == []
    assert told(800_000) == [
        ("budget:day:2026-11-20:80 %", "today's budget: $0.80 of $1.00 is spent")
    ]
    assert told(1_000_000) == [
        ("budget:day:2026-11-20:out", "today's budget: $1.00 of $1.00 is spent")
    ]
