"""The facts of a standup, each by its definition."""

from datetime import UTC, date, datetime, timedelta

import pytest
from claims import claim
from small_company import NOW, Place

LISBON_0900 = "2026-11-21T09:00:00+00:00"


def ids(tasks: tuple[object, ...]) -> list[str]:
    return [t.id for t in tasks]  # type: ignore[attr-defined]


@claim("standup:facts")
def test_tasks_are_overdue_due_chronic_and_blocked_by_definition(place: Place) -> None:
    place.board(
        "- [ ] Late @marketing due:2026-11-18 pri:2 id:T1",
        "- [x] Late but done due:2026-11-18 done:2026-11-19 id:T2",
        "- [ ] Today @cfo due:2026-11-21 id:T3",
        "- [ ] Tomorrow due:2026-11-22 id:T4",
        "- [ ] Missed before, overdue now due:2026-11-20 missed:1 missed-on:2026-11-13 id:T5",
        "- [ ] Missed once, counted due:2026-11-20 missed:1 missed-on:2026-11-20 id:T6",
        "- [ ] Missed twice, new date due:2026-12-01 missed:2 missed-on:2026-11-13 missed-on:2026-11-20 id:T7",
        "- [ ] Decided since due:2026-12-01 decided:2026-11-20 missed-on:2026-11-13 missed-on:2026-11-20 id:T8",
        "- [ ] Waiting #blocked id:T9",
        "",
        "## Blocked",
        "- [ ] In the column due:2026-11-22 id:T10",
        "",
        "## Later",
        "- [ ] In two days due:2026-11-23 id:T11",
        "- [ ] In three days due:2026-11-24 id:T12",
        "- [x] Done before due:2026-11-22 done:2026-11-20 id:T13",
    )
    facts = place.stand_up().facts
    assert ids(facts.overdue_tasks) == ["T1", "T5", "T6"]
    assert ids(facts.due_today) == ["T3"]
    assert [(t.id, t.days_left) for t in facts.due_soon] == [("T4", 1), ("T11", 2)]
    assert sorted(ids(facts.chronic)) == ["T5", "T7"]
    assert ids(facts.blocked) == ["T9", "T10"]
    assert [(t.days_late, t.missed, t.owner) for t in facts.overdue_tasks] == [
        (3, 1, "marketing"),
        (1, 2, None),
        (1, 1, None),
    ]


@claim("standup:facts")
def test_a_day_ends_at_midnight_where_the_company_is(place: Place) -> None:
    place.settings("company: {timezone: Pacific/Auckland}\n")
    place.board("- [ ] Task due:2026-11-21 id:T1")
    assert ids(
        place.stand_up(datetime(2026, 11, 21, 10, 59, tzinfo=UTC)).facts.due_today
    ) == ["T1"]
    assert ids(
        place.stand_up(datetime(2026, 11, 21, 11, 1, tzinfo=UTC)).facts.overdue_tasks
    ) == ["T1"]


@claim("standup:prompts")
@pytest.mark.parametrize(
    ("runs", "due_at"),
    [
        (["2026-11-15T18:05:00+00:00 ok"], None),
        (["2026-11-08T18:05:00+00:00 ok"], "2026-11-15T18:00:00+00:00"),
        (["2026-11-08T18:05:00+00:00 ok", "2026-11-15T18:05:00+00:00 failed"], "2026-11-15T18:00:00+00:00"),
        (["2026-11-08T18:05:00+00:00 ok", "2026-11-15T18:05:00+00:00 no-result"], "2026-11-15T18:00:00+00:00"),
        (["2026-10-20T18:05:00+01:00 ok"], "2026-10-25T18:00:00+00:00"),
        (["2026-11-15T18:05:00+00:00 ok", "2026-11-08T18:05:00+00:00 ok"], None),
        (["yesterday ok"], None),
    ],
    ids=["served", "missed a slot", "failed serves nothing", "no result serves nothing", "over the change of clocks",
         "the latest run counts, not the last line", "unreadable is unknown"],
)  # fmt: skip
def test_a_prompt_is_overdue_from_its_first_slot_after_the_last_good_run(
    place: Place, runs: list[str], due_at: str | None
) -> None:
    place.prompt("weekly-review", "0 18 * * 0")
    place.know(
        "prompt-run", "prompt-run:weekly-review", *(f"Run: {run}" for run in runs)
    )
    found = place.stand_up().facts.overdue_prompts
    assert [f.due_at.isoformat() for f in found] == ([due_at] if due_at else [])


@claim("standup:prompts")
@pytest.mark.parametrize(
    ("company", "zone", "run", "cron", "now", "due_at", "late"),
    [
        ("Europe/Lisbon", "Pacific/Auckland", "2026-11-19T21:00:00+00:00", "0 9 * * *", "2026-11-21T09:00:00+00:00", "2026-11-21T09:00:00+13:00", 1),
        ("Pacific/Honolulu", "Europe/Lisbon", "2026-11-14T18:00:00+00:00", "0 18 * * 0", "2026-11-21T09:00:00+00:00", "2026-11-15T18:00:00+00:00", 5),
        ("Europe/Lisbon", "Australia/Sydney", "2026-11-19T12:40:00+00:00", "30 23 * * *", "2026-11-20T13:01:00+00:00", "2026-11-20T23:30:00+11:00", 0),
    ],
)  # fmt: skip
def test_a_slot_is_the_prompts_and_days_late_are_the_companys(  # noqa: PLR0917
    place: Place,
    company: str,
    zone: str,
    run: str,
    cron: str,
    now: str,
    due_at: str,
    late: int,
) -> None:
    place.settings(f"company: {{timezone: {company}}}\n")
    place.prompt("p", cron, zone)
    place.know("prompt-run", "prompt-run:p", f"Run: {run} ok")
    [fact] = place.stand_up(datetime.fromisoformat(now)).facts.overdue_prompts
    assert (fact.due_at.isoformat(), fact.days_late) == (due_at, late)


@claim("standup:prompts")
def test_a_prompt_that_never_ran_counts_from_its_adoption(place: Place) -> None:
    place.prompt("daily", "0 8 * * *")
    assert place.stand_up().facts.overdue_prompts == ()
    place.write_down(NOW)
    assert place.stand_up(NOW + timedelta(hours=20)).facts.overdue_prompts == ()
    [fact] = place.stand_up(NOW + timedelta(days=2)).facts.overdue_prompts
    assert (fact.last_run, fact.due_at.date(), fact.days_late) == (
        None,
        date(2026, 11, 22),
        1,
    )


@claim("schedule:quarantined")
def test_fault_17_a_broken_schedule_is_health_and_the_prompt_stays(
    place: Place,
) -> None:
    place.prompt("odd", "61 * * * *")
    place.prompt("even", "0 9 * * 1")
    report = place.stand_up()
    assert [h.line for h in report.facts.health if "61 * * * *" in h.message] == [4]
    from agentco.wiring import open_company

    assert {p.name for p in open_company(place.root).files.load().prompts} == {
        "odd",
        "even",
    }


@claim("standup:freshness")
def test_age_counts_from_verified_else_at_else_the_words(place: Place) -> None:
    old, new = "2026-11-01T00:00:00+00:00", "2026-11-20T00:00:00+00:00"
    place.know("metric", "verified", "V", at=old, verified=new)
    place.know("metric", "old", "O", at=old)
    place.know("metric", "words", "W (as of 2026-11-10)")
    place.know("metric", "new words", "N (as of 2026-11-20)")
    place.know("metric", "both", "B (as of 2026-11-20)", at=old)
    place.know("metric", "unknown", "nobody knows")
    place.know("metric", "seven days", "S", at="2026-11-14T09:00:00+00:00")
    place.know("metric", "eight days", "E", at="2026-11-13T09:00:00+00:00")
    place.know("client", "client", "C", at=old)
    place.know("product", "product", "P", at=old)
    stale = place.stand_up().facts.stale_facts
    assert {(s.name, s.age_days) for s in stale} == {
        ("old", 20),
        ("both", 20),
        ("words", 11),
        ("eight days", 8),
    }
    assert {s.max_days for s in stale} == {7}


@claim("standup:freshness")
def test_the_founder_confirms_a_fact_by_saying_it_again(place: Place) -> None:
    place.know(
        "metric", "m", "41 customers", at="2026-11-01T00:00:00+00:00", by="founder"
    )
    place.know(
        "metric",
        "m",
        "41 customers",
        at=LISBON_0900,
        by="founder",
        verified=LISBON_0900,
    )
    assert place.stand_up().facts.stale_facts == ()


@claim("standup:facts")
def test_lessons_stay_open_until_they_are_answered(place: Place) -> None:
    place.know(
        "lesson", "lesson:2026-11-02:b", "Agent: coo", "Summary: second", "Status: open"
    )
    place.know("lesson", "lesson:2026-11-01:a", "Summary: first")
    place.know(
        "lesson", "lesson:2026-11-03:c", "Summary: third", "Status: answered by 3e9a1c7"
    )
    place.know(
        "lesson",
        "lesson:2026-11-04:d",
        "Summary: fourth",
        "Status: open",
        "Status: answered by b81f04d",
    )
    assert [(f.agent, f.summary) for f in place.stand_up().facts.lessons_open] == [
        (None, "first"),
        ("coo", "second"),
    ]


@claim("standup:facts")
def test_health_names_broken_files_and_lines(place: Place) -> None:
    place.agent("bad", "---\nname: &a x\ndescription: *a\n---\nbody\n")
    place.board("- [ ] Odd date due:2026-13-40 id:T1")
    place.memory_file.write_text(
        '{"type":"entity","name":"a","entityType":"t","observations":[]}\nnonsense\n'
    )
    health = {(h.file, h.line) for h in place.stand_up().facts.health}
    assert ("BOARD.md", 4) in health
    assert ("memory/memory.jsonl", 2) in health
    assert ".github/agents/bad.agent.md" in {file for file, _ in health}


@claim("standup:facts")
def test_what_was_said_last_holds(place: Place) -> None:
    name = "lesson:2026-11-01:a"
    place.know("lesson", name, "Summary: first", "Status: open")
    place.know("lesson", name, "Status: answered by abc")
    assert place.stand_up().facts.lessons_open == ()
    place.know("lesson", name, "Status: open")
    assert [f.name for f in place.stand_up().facts.lessons_open] == [name]
    place.know("deadline", "d", "Due: 2026-11-25")
    place.know("deadline", "d", "Due: 2026-12-02")
    assert [f.due for f in place.stand_up().facts.deadlines] == [date(2026, 12, 2)]


@claim("standup:prompts")
def test_a_run_in_the_doubled_hour_serves_its_slot(place: Place) -> None:
    place.prompt("night", "30 1 * * *")
    place.know("prompt-run", "prompt-run:night", "Run: 2026-10-25T01:10:00+00:00 ok")
    assert (
        place.stand_up(datetime(2026, 10, 25, 20, 0, tzinfo=UTC)).facts.overdue_prompts
        == ()
    )


@claim("standup:facts")
def test_a_run_that_says_no_time_is_told(place: Place) -> None:
    place.know(
        "prompt-run",
        "prompt-run:x",
        "Run: TIME ok",
        "Run: 2026-11-20T09:00:00Z done",
        "Run: 2026-11-20T09:00:00Z ok",
    )
    assert len(place.stand_up().facts.health) == 2
