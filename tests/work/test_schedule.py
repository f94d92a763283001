"""Schedules: standard cron in the prompt's zone, right where clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.company import find_time_zone
from agentco.day import MACROS, cron_problem, next_slot

LISBON, NEW_YORK, SYDNEY = (
    ZoneInfo(z) for z in ("Europe/Lisbon", "America/New_York", "Australia/Sydney")
)

MIN, MAX = (datetime(year, 1, 1) for year in (2026, 2028))  # noqa: DTZ001  hypothesis wants them naive

pytestmark = claim("schedule:standard-cron")


def slots(cron: str, after: datetime, count: int) -> list[str]:
    zone = after.tzinfo
    assert isinstance(zone, ZoneInfo)
    found: list[str] = []
    for _ in range(count):
        slot = next_slot(cron, after, zone)
        assert slot is not None
        found.append(slot.isoformat())
        after = slot
    return found


@pytest.mark.parametrize("sunday", ["0", "7", "SUN", "sun"])
def test_zero_and_seven_are_sunday(sunday: str) -> None:
    assert slots(f"0 18 * * {sunday}", datetime(2026, 11, 20, tzinfo=LISBON), 2) == [
        "2026-11-22T18:00:00+00:00",
        "2026-11-29T18:00:00+00:00",
    ]


def test_either_day_field_may_match_when_both_are_given() -> None:
    assert [
        s[:10] for s in slots("0 9 1 * MON", datetime(2026, 11, 27, tzinfo=LISBON), 3)
    ] == ["2026-11-30", "2026-12-01", "2026-12-07"]


def test_a_day_field_with_a_star_only_narrows() -> None:
    assert [
        s[:10] for s in slots("0 9 */2 * MON", datetime(2026, 11, 20, tzinfo=LISBON), 2)
    ] == ["2026-11-23", "2026-12-07"]


def test_the_31st_and_leap_days_wait_for_their_month() -> None:
    assert [
        s[:10] for s in slots("0 9 31 * *", datetime(2027, 1, 31, 9, tzinfo=LISBON), 2)
    ] == ["2027-03-31", "2027-05-31"]
    assert (
        slots("0 9 29 2 *", datetime(2026, 11, 21, tzinfo=LISBON), 1)[0][:10]
        == "2028-02-29"
    )


@pytest.mark.parametrize(
    ("zone", "before", "expected"),
    [
        (LISBON, "2027-03-27T12:00", "2027-03-28T02:00:00+01:00"),
        (NEW_YORK, "2027-03-13T12:00", "2027-03-14T03:00:00-04:00"),
        (SYDNEY, "2026-10-03T12:00", "2026-10-04T03:00:00+11:00"),
    ],
    ids=["Lisbon", "New York", "Sydney"],
)
def test_a_time_that_daylight_saving_skips_runs_at_the_end_of_the_gap(
    zone: ZoneInfo, before: str, expected: str
) -> None:
    skipped = "30 1 * * *" if zone is LISBON else "30 2 * * *"
    assert slots(skipped, datetime.fromisoformat(before).replace(tzinfo=zone), 1) == [
        expected
    ]


@pytest.mark.parametrize(
    ("zone", "before", "cron", "day"),
    [
        (LISBON, "2026-10-24T12:00", "30 1 * * *", "2026-10-25"),
        (NEW_YORK, "2026-10-31T12:00", "30 1 * * *", "2026-11-01"),
        (SYDNEY, "2027-04-03T12:00", "30 2 * * *", "2027-04-04"),
    ],
    ids=["Lisbon", "New York", "Sydney"],
)
def test_a_time_that_daylight_saving_doubles_runs_once(
    zone: ZoneInfo, before: str, cron: str, day: str
) -> None:
    found = slots(cron, datetime.fromisoformat(before).replace(tzinfo=zone), 3)
    assert [s[:10] for s in found].count(day) == 1
    assert len({s[:10] for s in found}) == 3


def test_an_hourly_schedule_follows_the_clock_through_both_changes() -> None:
    for day in (
        datetime(2027, 3, 27, 22, tzinfo=LISBON),
        datetime(2026, 10, 24, 22, tzinfo=LISBON),
    ):
        times = [
            datetime.fromisoformat(s).astimezone(UTC)
            for s in slots("0 * * * *", day, 8)
        ]
        assert {b - a for a, b in pairwise(times)} == {timedelta(hours=1)}


@given(
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    start=st.datetimes(MIN, MAX),
    zone=st.sampled_from([LISBON, NEW_YORK, SYDNEY]),
)
def test_a_daily_schedule_has_one_slot_on_every_day(
    hour: int, minute: int, start: datetime, zone: ZoneInfo
) -> None:
    after = start.replace(tzinfo=UTC).astimezone(zone)
    days = [
        datetime.fromisoformat(s).date()
        for s in slots(f"{minute} {hour} * * *", after, 5)
    ]
    assert [b - a for a, b in pairwise(days)] == [timedelta(days=1)] * 4


@pytest.mark.parametrize("macro", list(MACROS))
def test_a_macro_is_its_five_fields(macro: str) -> None:
    after = datetime(2026, 11, 21, 12, tzinfo=LISBON)
    assert next_slot(macro, after, LISBON) == next_slot(MACROS[macro], after, LISBON)


@pytest.mark.parametrize(
    "cron",
    ["61 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "0 0 30 2 *", "0 0 0 * * *", "* * * *", "", "@fortnightly", "@reboot", "monday", "*/0 * * * *", "5-1 * * * *"],
)  # fmt: skip
def test_fault_17_what_is_no_schedule_says_why(cron: str) -> None:
    assert cron_problem(cron)


@pytest.mark.parametrize(
    "cron",
    [
        "0 18 * * 0",
        "@daily",
        " @Weekly ",
        "*/15 9-17 * * MON-FRI",
        "0 9 1,15 * *",
        "0 9 29 2 *",
    ],
)
def test_what_is_a_schedule_has_no_problem(cron: str) -> None:
    assert cron_problem(cron) is None


def test_a_zone_that_does_not_exist_is_none() -> None:
    assert find_time_zone("Europe/Lisbon") == LISBON
    assert [
        find_time_zone(z) for z in ("Europe/Nowhere", "", "../etc/passwd", "Europe")
    ] == [None] * 4


@given(
    cron=st.sampled_from(
        ["30 1 * * *", "30 2 * * *", "0 * * * *", "*/15 1-3 * * *", "0 0 1 * MON"]
    ),
    start=st.datetimes(MIN, MAX),
    zone=st.sampled_from([LISBON, NEW_YORK, SYDNEY]),
)
def test_the_next_slot_is_always_later(
    cron: str, start: datetime, zone: ZoneInfo
) -> None:
    after = start.replace(tzinfo=UTC)
    slot = next_slot(cron, after, zone)
    assert slot
    assert slot.astimezone(UTC) > after


@pytest.mark.parametrize("minutes", range(0, 180, 10))
def test_the_next_slot_is_later_also_inside_the_doubled_hour(minutes: int) -> None:
    after = datetime(2026, 10, 25, 0, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    slot = next_slot("30 1 * * *", after, LISBON)
    assert slot
    assert slot.astimezone(UTC) > after
