"""Schedules: standard cron in the prompt's zone, right where clocks change."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from claims import claim
from hypothesis import example, given, strategies as st

from agentco.day import MACROS, cron_problem, next_slot, slots_until
from agentco.file_formats import find_time_zone

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


CHANGES = (
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("America/St_Johns", "1988-04-03"),
    ("America/St_Johns", "1988-10-30"),
    ("America/St_Johns", "2010-03-14"),
    ("America/St_Johns", "2010-11-07"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("America/Santiago", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("America/Havana", "2026-11-01"),
    ("America/New_York", "2026-03-08"),
    ("Europe/Lisbon", "2026-10-25"),
    ("Pacific/Apia", "2011-12-30"),
    ("UTC", "2026-03-29"),
)
"""Zones, and a day on which their clocks change: by half an hour, two, at midnight, by a day."""


@cache
def minutes_around(name: str, day: str) -> dict[datetime, list[datetime]]:
    """Each minute that a clock on the wall shows within three days of a change, and when."""
    zone, middle = ZoneInfo(name), datetime.fromisoformat(day).replace(tzinfo=UTC)
    shown = dict[datetime, list[datetime]]()
    for minute in range(-3 * 1440, 3 * 1440):
        moment = middle + timedelta(minutes=minute)
        wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        shown.setdefault(wall, []).append(moment)
    return shown


def moments_by_hand(
    shown: dict[datetime, list[datetime]], hours: set[int], minutes: set[int]
) -> set[datetime]:
    """When a schedule of these hours and minutes is due, told from every minute there was."""
    found = set[datetime]()
    wall, last = min(shown), max(shown)
    skipped = False
    while wall <= last:
        is_due = wall.hour in hours and wall.minute in minutes
        if wall in shown:
            moments = shown[wall] if len(hours) == 24 else shown[wall][:1]
            found.update(moments if is_due else moments[:1] if skipped else ())
            skipped = False
        elif is_due and len(hours) < 24:
            skipped = True
        wall += timedelta(minutes=1)
    return found


@claim("schedule:every-clock-change")
@given(
    change=st.sampled_from(CHANGES),
    hours=st.sets(st.integers(0, 23), min_size=1) | st.just({*range(24)}),
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=4),
    start=st.integers(-1440, 1440),
)
@example(CHANGES[0], {0, 6, 12, 18}, {0}, -1440)
@example(CHANGES[1], {2}, {0, 20, 40}, -1440)
@example(CHANGES[-2], {9, 17}, {30}, -1440)
def test_each_time_that_a_clock_shows_is_one_slot_however_it_is_set(
    change: tuple[str, str], hours: set[int], minutes: set[int], start: int
) -> None:
    name, day = change
    middle = datetime.fromisoformat(day).replace(tzinfo=UTC)
    after, end = middle + timedelta(minutes=start), middle + timedelta(days=2)
    due = moments_by_hand(minutes_around(name, day), hours, minutes)
    listed = [",".join(map(str, sorted(values))) for values in (minutes, hours)]
    slots = slots_until(f"{' '.join(listed)} * * *", after, end, ZoneInfo(name))
    found = [slot.astimezone(UTC) for slot in slots]
    assert found == sorted(moment for moment in due if after < moment <= end)


@claim("schedule:every-clock-change")
@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        ("0 */6 * * *", "2026-04-05", ["00:00", "06:00", "12:00", "18:00"]),
        ("0 */6 * * *", "2026-10-04", ["00:00", "06:00", "12:00", "18:00"]),
        ("*/20 2 * * *", "2026-04-05", ["02:00", "02:20", "02:40"]),
        ("*/20 2 * * *", "2026-10-04", ["02:30", "02:40"]),
    ],
)
def test_a_change_of_half_an_hour_loses_no_slot(
    cron: str, day: str, expected: list[str]
) -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    end = datetime.fromisoformat(f"{day}T23:59").replace(tzinfo=zone)
    begin = end - timedelta(days=1)
    assert [f"{slot:%H:%M}" for slot in slots_until(cron, begin, end, zone)] == expected
