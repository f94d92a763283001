"""What becomes of each slot: once, by its policy, whatever the clock does; and what counts as news."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace

from agentco.board import read_board
from agentco.day import (
    MAX_DELAY,
    DeadlineFact,
    LessonFact,
    RunFact,
    ScheduledPrompt,
    SlotOutcome,
    StandupFacts,
    Tick,
    WaitingFact,
    board_facts,
    facts_fingerprint,
    last_slot,
    max_runs_per_day,
    prompt_facts,
    slots_count_from,
    slots_until,
    ticks_due,
)
from agentco.memory import MemoryGraph

LISBON, NEW_YORK, SYDNEY = (
    ZoneInfo(z) for z in ("Europe/Lisbon", "America/New_York", "Australia/Sydney")
)
ZONES = st.sampled_from([LISBON, NEW_YORK, SYDNEY])
CRONS = st.sampled_from(
    [
        "0 9 * * *",
        "30 1 * * *",
        "30 2 * * *",
        "0,30 1 * * *",
        "0 * * * *",
        "*/20 * * * *",
        "0 0 1 * MON",
        "@weekly",
    ]
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001
    lambda d: d.replace(tzinfo=UTC)
)
NINE = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
NIGHTLY = ScheduledPrompt(name="books", agent=None, cron="0 9 * * *", zone=LISBON)


def look(
    job: ScheduledPrompt,
    known: Sequence[Tick],
    now: datetime,
    *,
    alive: str = "me",
    news: str = "",
    busy: str = "",
) -> list[Tick]:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    why = f"me {news}".strip()
    return [
        *ticks_due(
            job,
            known,
            lambda tick: tick.driver not in alive.split(),
            now=now,
            since=since,
            why=why,
            busy=busy,
        )
    ]


def tick(
    outcome: SlotOutcome, slot: datetime = NINE, why: str = "me", **more: str
) -> Tick:
    return Tick(job="books", slot=slot, at=slot, outcome=outcome, why=why, **more)


def told(ticks: list[Tick]) -> list[tuple[str, str]]:
    return [(str(t.outcome), t.slot.isoformat()) for t in ticks]


@claim("schedule:once")
def test_a_slot_that_came_due_is_taken_and_then_never_again() -> None:
    [first] = look(NIGHTLY, [], NINE)
    assert (first.outcome, first.slot.isoformat(), first.driver) == (
        SlotOutcome.TAKEN,
        NINE.isoformat(),
        "me",
    )
    for outcome in SlotOutcome:
        assert (
            look(NIGHTLY, [replace(first, outcome=outcome)], NINE + timedelta(hours=1))
            == []
        )


@claim("schedule:once")
def test_before_it_was_seen_a_prompt_has_no_slots() -> None:
    assert ticks_due(NIGHTLY, [], lambda _: True, now=NINE, since=None, why="me") == ()


BUSY = "its run k7m2ab of 2026-11-20 09:00 is waiting"
QUEUES = replace(NIGHTLY, overlap="queue")
TEN = NINE + timedelta(days=1)


@claim("schedule:overlap")
def test_a_slot_at_which_the_last_run_goes_on_is_missed_and_says_which_run() -> None:
    [slot] = look(NIGHTLY, [tick(SlotOutcome.RUN)], TEN, busy=BUSY)
    assert (slot.outcome, slot.why) == (SlotOutcome.MISSED, BUSY)
    assert look(NIGHTLY, [tick(SlotOutcome.RUN), slot], TEN) == []


@claim("schedule:overlap")
def test_with_allow_a_run_begins_beside_the_last_one() -> None:
    job = replace(NIGHTLY, overlap="allow")
    assert told(look(job, [tick(SlotOutcome.RUN)], TEN, busy=BUSY)) == [
        ("taken", TEN.isoformat())
    ]


@claim("schedule:overlap")
@pytest.mark.parametrize("catch_up", ["once", "skip"])
def test_with_queue_a_slot_waits_and_runs_once_when_the_last_run_is_over(
    catch_up: str,
) -> None:
    job, first = replace(QUEUES, catch_up=catch_up), tick(SlotOutcome.RUN)
    [waits] = look(job, [first], TEN, busy=BUSY)
    assert waits.outcome is SlotOutcome.QUEUED
    later = TEN + timedelta(hours=8)
    assert look(job, [first, waits], later, busy=BUSY) == []
    assert told(look(job, [first, waits], later)) == [("taken", TEN.isoformat())]


@claim("schedule:overlap")
def test_of_several_slots_that_wait_only_the_latest_runs() -> None:
    first = tick(SlotOutcome.RUN)
    [waits] = look(QUEUES, [first], TEN, busy=BUSY)
    next_day = TEN + timedelta(days=1)
    gone, waits_now = look(QUEUES, [first, waits], next_day, busy=BUSY)
    assert told([gone, waits_now]) == [
        ("missed", TEN.isoformat()),
        ("queued", next_day.isoformat()),
    ]
    known = [first, gone, waits_now]
    assert told(look(QUEUES, known, next_day)) == [("taken", next_day.isoformat())]


@claim("schedule:catch-up")
def test_of_what_was_missed_only_the_latest_is_made_up_for() -> None:
    missed = look(NIGHTLY, [tick(SlotOutcome.RUN)], NINE + timedelta(days=9, hours=3))
    assert told(missed) == [("taken", "2026-11-29T09:00:00+00:00")]
    assert missed[0].at - missed[0].slot == timedelta(hours=3)


@claim("schedule:catch-up")
def test_with_skip_what_was_missed_is_written_down_and_does_not_run() -> None:
    job = replace(NIGHTLY, catch_up="skip")
    assert told(look(job, [], NINE + MAX_DELAY)) == [("taken", NINE.isoformat())]
    assert told(look(job, [], NINE + MAX_DELAY + timedelta(seconds=1))) == [
        ("missed", NINE.isoformat())
    ]


@claim("schedule:crash")
def test_what_a_dead_process_took_and_never_began_is_taken_again() -> None:
    lost, later = tick(SlotOutcome.TAKEN, why="gone"), NINE + timedelta(hours=2)
    assert look(NIGHTLY, [replace(lost, why="other")], later, alive="me other") == []
    assert told(look(NIGHTLY, [lost], later)) == [("taken", NINE.isoformat())]
    assert told(look(replace(NIGHTLY, catch_up="skip"), [lost], later)) == [
        ("missed", NINE.isoformat())
    ]
    both = look(NIGHTLY, [lost], NINE + timedelta(days=1))
    assert told(both) == [
        ("missed", NINE.isoformat()),
        ("taken", "2026-11-21T09:00:00+00:00"),
    ]


@claim("schedule:once")
def test_a_clock_that_goes_back_repeats_nothing_and_stops_nothing() -> None:
    ahead = tick(SlotOutcome.RUN, NINE.replace(year=2030))
    assert look(NIGHTLY, [ahead, tick(SlotOutcome.RUN)], NINE) == []
    assert (
        told(look(NIGHTLY, [ahead, tick(SlotOutcome.RUN)], NINE + timedelta(days=1)))[
            0
        ][0]
        == "taken"
    )


@claim("schedule:once")
@given(cron=CRONS, zone=ZONES, begin=MOMENTS, hours=st.integers(0, 24 * 40))
def test_the_last_slot_is_the_last_of_all_wherever_one_begins_to_count(
    cron: str, zone: ZoneInfo, begin: datetime, hours: int
) -> None:
    now = begin + timedelta(hours=hours)
    every = slots_until(cron, begin, now, zone)
    assert last_slot(cron, begin, now, zone) == (every[-1] if every else None)
    assert len({slot.timestamp() for slot in every}) == len(every)


@claim("schedule:once")
def test_a_year_of_minutes_is_not_counted_through() -> None:
    assert last_slot("* * * * *", NINE - timedelta(days=4000), NINE, LISBON) == NINE
    assert max_runs_per_day("* * * * 1", NINE, LISBON) == 1440


@claim("schedule:agrees")
@given(
    cron=CRONS,
    zone=ZONES,
    seen=MOMENTS,
    ran=st.integers(0, 60 * 24 * 9),
    minutes=st.integers(0, 60 * 24 * 40),
    ended=st.sampled_from(["ok", "failed", ""]),
)
def test_the_standup_calls_a_prompt_overdue_when_the_schedule_would_run_it(
    cron: str, zone: ZoneInfo, seen: datetime, ran: int, minutes: int, ended: str
) -> None:
    run = seen + timedelta(minutes=ran)
    said = f'"Run: {run.isoformat()} {ended}"' if ended else ""
    line = f'{{"type":"entity","name":"prompt-run:p","entityType":"prompt-run","observations":[{said}],"at":"{seen.isoformat()}"}}'
    graph, now = MemoryGraph(), seen + timedelta(minutes=minutes)
    graph.add_raw_lines([line.encode()])
    job = ScheduledPrompt(name="p", agent=None, cron=cron, zone=zone)
    overdue = prompt_facts([job], graph, now, zone, {}).overdue_prompts
    since = slots_count_from(graph.find_entity("prompt-run:p"))
    taken = ticks_due(job, [], lambda _: True, now=now, since=since, why="me")
    assert len(overdue) == len(taken)
    for fact, one in zip(overdue, taken, strict=True):
        assert since
        every = slots_until(cron, since, now, zone)
        assert (fact.due_at, one.slot.timestamp()) == (every[0], every[-1].timestamp())
        served = prompt_facts([job], graph, now, zone, {"p": one.slot})
        assert served.overdue_prompts == ()


def facts(*lines: str, day: int = 20, **more: object) -> StandupFacts:
    board = read_board("# Board\n\n## Now\n" + "".join(f"{line}\n" for line in lines))
    return replace(board_facts(board, date(2026, 11, day)), **more)


@claim("schedule:wake-facts")
def test_another_day_another_line_or_what_runs_leave_behind_is_no_news() -> None:
    deadline = DeadlineFact(
        name="deadline:iva", due=date(2026, 12, 10), days_left=20, owner=None
    )
    before = facts_fingerprint(
        facts("- [ ] Old due:2026-11-01 id:T1", deadlines=(deadline,))
    )
    waiting = WaitingFact(id="a.1", kind="question", run="a", agent="cfo", what="?")
    after = facts(
        "- [ ] Some day",
        "- [ ] Old due:2026-11-01 id:T1",
        day=22,
        deadlines=(replace(deadline, days_left=18),),
        inbox=(waiting,),
        runs_failed=(RunFact(id="a", agent="cfo", title="x", status="failed"),),
    )
    assert facts_fingerprint(after) == before


@claim("schedule:wake-facts")
@pytest.mark.parametrize(
    "news",
    [
        facts("- [ ] Old due:2026-11-01 id:T1", "- [ ] New due:2026-11-20 id:T2"),
        facts(
            "- [ ] Old due:2026-11-01 id:T1", "- [ ] Next due:2026-11-21 id:T3", day=21
        ),
        facts("- [ ] Old, other words due:2026-11-01 id:T1"),
        facts("- [x] Old due:2026-11-01 id:T1"),
        facts(
            "- [ ] Old due:2026-11-01 id:T1",
            lessons_open=(LessonFact(name="l", agent=None, summary="s"),),
        ),
        facts("- [ ] Old due:2026-11-01 id:T1", signals=("the site is down",)),
    ],
)
def test_what_is_new_due_said_or_signalled_is_news(news: StandupFacts) -> None:
    assert facts_fingerprint(news) != facts_fingerprint(
        facts("- [ ] Old due:2026-11-01 id:T1")
    )


@claim("schedule:wake-facts")
def test_a_deadline_that_comes_close_is_news() -> None:
    prints = [
        facts_fingerprint(
            facts(
                deadlines=(
                    DeadlineFact(
                        name="d", due=date(2026, 12, 1), days_left=left, owner=None
                    ),
                )
            )
        )
        for left in (20, 8, 7, 3, 2, 0, -1, -5)
    ]
    assert [a == b for a, b in pairwise(prints)] == [
        True,
        False,
        True,
        False,
        False,
        False,
        True,
    ]


@claim("schedule:wake-facts")
def test_without_news_since_its_last_run_a_prompt_is_passed_over() -> None:
    ran, later = (
        tick(SlotOutcome.RUN, why="old n1", ended="ok"),
        NINE + timedelta(days=1),
    )
    assert told(look(NIGHTLY, [ran], later, news="n1")) == [
        ("skipped", later.isoformat())
    ]
    assert told(look(NIGHTLY, [ran], later, news="n2"))[0][0] == "taken"
    assert (
        told(look(NIGHTLY, [replace(ran, ended="failed")], later, news="n1"))[0][0]
        == "taken"
    )
    assert told(look(NIGHTLY, [], NINE, news="n1"))[0][0] == "taken"
