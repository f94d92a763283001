"""Deadlines: the open occurrence, month ends, leap days, weekends and holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import Place

from agentco.adapters.holidays import holiday_check_for
from agentco.day import DeadlineProblem, occurrences
from agentco.kernel import next_working_day


def deadlines(place: Place, day: str) -> list[tuple[str, str, int]]:
    moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return [
        (d.name, d.due.isoformat(), d.days_left)
        for d in place.stand_up(moment).facts.deadlines
    ]


@claim("deadline:open")
@pytest.mark.parametrize(
    ("today", "observations", "due"),
    [
        ("2026-11-21", ["Due: 2026-11-25"], "2026-11-25"),
        ("2026-11-26", ["Due: 2026-11-25"], "2026-11-25"),
        ("2026-11-26", ["Due: 2026-11-25", "Done: 2026-11-25"], None),
        ("2026-11-21", ["Due: 2026-08-25", "Recurs: FREQ=MONTHLY;INTERVAL=3", "Done: 2026-08-25"], "2026-11-25"),
        ("2026-11-21", ["Due: 2026-08-25", "Recurs: FREQ=MONTHLY;INTERVAL=3"], "2026-08-25"),
        ("2026-11-21", ["Due: 2026-02-28", "Recurs: FREQ=MONTHLY;BYMONTHDAY=-1", "Done: 2026-10-31"], "2026-11-30"),
        ("2027-02-10", ["Due: 2026-01-31", "Recurs: FREQ=MONTHLY;BYMONTHDAY=-1", "Done: 2027-01-31"], "2027-02-28"),
        ("2028-02-10", ["Due: 2026-01-31", "Recurs: FREQ=MONTHLY;BYMONTHDAY=-1", "Done: 2028-01-31"], "2028-02-29"),
        ("2026-11-21", ["Due: 2026-08-31", "Recurs: FREQ=MONTHLY;INTERVAL=3", "Done: 2026-08-31"], None),
        ("2028-02-01", ["Due: 2024-02-29", "Recurs: FREQ=YEARLY", "Done: 2024-02-29"], "2028-02-29"),
        ("2026-11-21", ["Due: 2026-11-20", "Recurs: FREQ=MONTHLY", "Done: 2026-09-20", "Done: 2026-11-20"], "2026-12-20"),
        ("2026-11-21", ["Due: 2026-11-01", "Recurs: FREQ=MONTHLY;UNTIL=20261101T000000Z", "Done: 2026-11-01"], None),
        ("2026-11-21", ["Due: 2026-11-24", "Recurs: FREQ=MONTHLY;BYMONTHDAY=30"], "2026-11-24"),
        ("2026-02-01", ["Due: 2026-01-15", "Recurs: FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", "Done: 2026-01-15"], "2026-01-31"),
        ("2026-02-01", ["Due: 2026-01-15", "Recurs: FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", "Done: 2026-01-31"], None),
    ],
    ids=["ahead", "overdue", "done", "next", "never done", "month end", "February", "leap day", "31st of a quarter",
         "29 February", "last done counts", "until", "start counts though the rule passes it over", "count, second", "count, over"],
)  # fmt: skip
def test_the_open_occurrence(
    place: Place, today: str, observations: list[str], due: str | None
) -> None:
    place.know("deadline", "d", *observations)
    assert [d for _, d, _ in deadlines(place, today)] == ([due] if due else [])


@claim("deadline:shift")
@pytest.mark.parametrize(
    ("due", "shift", "expected"),
    [
        ("2026-12-05", ["Shift: next-working-day"], "2026-12-07"),
        ("2026-12-08", ["Shift: next-working-day"], "2026-12-09"),
        ("2026-12-25", ["Shift: next-working-day"], "2026-12-28"),
        ("2026-12-05", [], "2026-12-05"),
        ("2026-12-04", ["Shift: next-working-day"], "2026-12-04"),
    ],
    ids=[
        "Saturday",
        "holiday",
        "holiday before a weekend",
        "no shift asked for",
        "working day",
    ],
)
def test_a_date_moves_only_where_the_deadline_says_so(
    place: Place, due: str, shift: list[str], expected: str
) -> None:
    place.know("deadline", "d", f"Due: {due}", *shift)
    assert [d for _, d, _ in deadlines(place, "2026-12-01")] == [expected]


@claim("deadline:shift")
def test_without_a_country_only_weekends_move_a_date(place: Place) -> None:
    place.settings("company: {timezone: UTC}\n")
    place.know("deadline", "holiday", "Due: 2026-12-08", "Shift: next-working-day")
    place.know("deadline", "weekend", "Due: 2026-12-05", "Shift: next-working-day")
    assert {(n, d) for n, d, _ in deadlines(place, "2026-12-01")} == {
        ("holiday", "2026-12-08"),
        ("weekend", "2026-12-07"),
    }


@claim("deadline:shift")
@pytest.mark.parametrize(
    "done", ["2026-12-05", "2026-12-07"], ids=["the rule's date", "the moved date"]
)
def test_an_occurrence_is_done_by_either_of_its_dates(place: Place, done: str) -> None:
    place.know(
        "deadline",
        "saft",
        "Due: 2026-11-05",
        "Recurs: FREQ=MONTHLY",
        "Shift: next-working-day",
        f"Done: {done}",
    )
    assert deadlines(place, "2026-12-20") == [("saft", "2027-01-05", 16)]


@claim("deadline:open")
def test_days_left_are_calendar_days_where_the_company_is(place: Place) -> None:
    place.settings("company: {timezone: Pacific/Auckland}\n")
    place.know("deadline", "d", "Due: 2026-11-22")
    report = place.stand_up(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    assert (report.date, report.facts.deadlines[0].days_left) == (date(2026, 11, 22), 0)


@claim("deadline:open")
def test_thirty_days_ahead_are_shown_and_not_one_more(place: Place) -> None:
    place.know("deadline", "near", "Due: 2026-12-21")
    place.know("deadline", "far", "Due: 2026-12-22")
    assert [n for n, _, _ in deadlines(place, "2026-11-21")] == ["near"]


@claim("deadline:open")
@pytest.mark.parametrize(
    "observations",
    [
        [],
        ["Due: 2026-13-40"],
        ["Due: soon"],
        ["Due: 2026-02-30"],
        ["Due: 2026-11-25", "Recurs: every month"],
        ["Due: 2026-11-25", "Recurs: FREQ=HOURLY"],
        ["Due: 2026-11-25", "Recurs: FREQ=DAILY;UNTIL=99999999999"],
        ["Due: 2026-11-20", "Done: 2026-11-20", "Recurs: FREQ=MONTHLY;BYMONTHDAY=99"],
        ["Due: 2026-11-25", "Done: yesterday"],
        ["Due: 2026-11-25", "Shift: previous-day"],
    ],
)
def test_a_deadline_that_cannot_be_read_is_told_and_takes_no_other_down(
    place: Place, observations: list[str]
) -> None:
    place.know("deadline", "broken", *observations)
    place.know("deadline", "whole", "Due: 2026-11-25")
    facts = place.stand_up().facts
    assert [d.name for d in facts.deadlines] == ["whole"]
    assert [h.message.partition(":")[0] for h in facts.health] == ["broken"]


@claim("deadline:open")
def test_a_rule_that_never_comes_ends_the_search() -> None:
    days = occurrences(
        date(2026, 11, 25), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", date(2030, 1, 1)
    )
    assert list(days) == [date(2026, 11, 25)]
    endless = (
        "FREQ=SECONDLY",
        "FREQ=MONTHLY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=WEEKLY;BYSETPOS=9",
        "FREQ=DAILY;BYHOUR=0,1",
        "FREQ=DAILY" * 60,
    )
    for rule in endless:
        with pytest.raises(DeadlineProblem):
            list(occurrences(date(2026, 11, 25), rule, date(2030, 1, 1)))


@claim("deadline:shift")
@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    st.sampled_from(["PT", "US", None, "XX"]),
)
def test_a_moved_date_is_the_first_working_day_from_the_date_on(
    day: date, country: str | None
) -> None:
    is_holiday = holiday_check_for(country, day)
    moved = next_working_day(day, is_holiday)
    assert moved.weekday() < 5
    assert not is_holiday(moved)
    between = (day + timedelta(days=i) for i in range((moved - day).days))
    assert all(d.weekday() >= 5 or is_holiday(d) for d in between)


@claim("deadline:never-silent")
@pytest.mark.parametrize(
    ("due", "recurs", "months"),
    [
        ("2026-01-31", "FREQ=MONTHLY", "February, April, June, September, November"),
        ("2026-01-31", "FREQ=MONTHLY;INTERVAL=3", "April"),
        ("2026-01-29", "FREQ=MONTHLY", "February"),
        ("2026-01-15", "FREQ=MONTHLY;BYMONTHDAY=30", "February"),
        ("2024-02-29", "FREQ=YEARLY", "February"),
        ("2026-01-31", "FREQ=YEARLY;BYMONTH=1,4", "April"),
    ],
)
def test_a_rule_that_passes_over_months_is_told_with_the_one_that_was_meant(
    place: Place, due: str, recurs: str, months: str
) -> None:
    place.know("deadline", "rent", f"Due: {due}", f"Recurs: {recurs}")
    [told] = [fact.message for fact in place.stand_up().facts.health]
    assert f"skips months without that day ({months}" in told
    assert "BYMONTHDAY=-1" in told


@claim("deadline:never-silent")
@pytest.mark.parametrize(
    ("due", "recurs"),
    [
        ("2026-01-28", "FREQ=MONTHLY"),
        ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("2026-01-31", "FREQ=MONTHLY;INTERVAL=12"),
        ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
        ("2026-01-30", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("2026-01-31", "FREQ=WEEKLY"),
        ("2026-03-31", "FREQ=YEARLY"),
    ],
)
def test_a_rule_that_comes_every_month_it_names_is_not_told(
    place: Place, due: str, recurs: str
) -> None:
    place.know("deadline", "rent", f"Due: {due}", f"Recurs: {recurs}")
    assert place.stand_up().facts.health == ()


@claim("deadline:never-silent")
@pytest.mark.parametrize(
    "said",
    [
        "The VAT return is due on 2026-11-22",
        "due: 2026-11-22",
        "Domain expires 2026-11-22",
        "Deadline for the return: 2026-11-22",
    ],
)
def test_what_the_memory_calls_due_in_words_is_told(place: Place, said: str) -> None:
    place.know("obligation", "VAT return", said)
    place.know("obligation", "Old", "It was due on 2026-01-10")
    place.know("standup", "standup:2026-11-20", "T1 is due on 2026-11-22")
    [told] = place.stand_up().facts.health
    assert told.message.startswith(
        "VAT return: says that something is due on 2026-11-22"
    )
    assert told.action == (
        "agentco memory add deadline:vat-return --type deadline 'Due: 2026-11-22'"
    )
    place.know("deadline", "deadline:vat-return", "Due: 2026-11-22")
    assert place.stand_up().facts.health == ()
