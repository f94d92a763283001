"""The standup whole: the plan, the document, what it writes down, and what breaks without breaking it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from claims import claim
from hypothesis import HealthCheck, given, settings, strategies as st
from small_company import NOW, Place
from typed import Do

from agentco.cli.main import main
from agentco.day import (
    DeadlineFact,
    LessonFact,
    PlanRule,
    PromptFact,
    StaleFact,
    StandupFacts,
    TaskFact,
    make_day_plan,
    merge_facts,
)
from agentco.overview import LoadOnce, run_collectors

DAYS = st.dates(date(2026, 10, 1), date(2027, 1, 31))
TASKS = st.builds(
    TaskFact,
    id=st.one_of(st.none(), st.from_regex(r"T[0-9]{1,3}", fullmatch=True)),
    title=st.text(min_size=1, max_size=30),
    owner=st.sampled_from([None, "marketing", "founder"]),
    due=st.one_of(st.none(), DAYS),
    days_late=st.integers(0, 40),
    missed=st.integers(0, 4),
    pri=st.one_of(st.none(), st.integers(1, 5)),
    line=st.integers(1, 500),
)
FACTS = st.builds(
    StandupFacts,
    overdue_tasks=st.lists(TASKS, max_size=4).map(tuple),
    due_today=st.lists(TASKS, max_size=4).map(tuple),
    chronic=st.lists(TASKS, max_size=3).map(tuple),
    blocked=st.lists(TASKS, max_size=3).map(tuple),
    deadlines=st.lists(
        st.builds(DeadlineFact, name=st.text(min_size=1), due=DAYS, days_left=st.integers(-9, 30), owner=st.none()), max_size=4
    ).map(tuple),
    overdue_prompts=st.lists(
        st.builds(PromptFact, prompt=st.just("p"), agent=st.none(), last_run=st.none(), due_at=st.just(NOW), days_late=st.integers(0, 9)),
        max_size=2,
    ).map(tuple),
    stale_facts=st.lists(
        st.builds(StaleFact, name=st.sampled_from("ab"), type=st.just("metric"), observation=st.text(), age_days=st.integers(8, 99), max_days=st.just(7)),
        max_size=4,
    ).map(tuple),
    lessons_open=st.lists(st.builds(LessonFact, name=st.text(), agent=st.none(), summary=st.text()), max_size=2).map(tuple),
)  # fmt: skip


@claim("standup:pure-plan")
@given(FACTS)
def test_every_line_of_a_plan_has_a_rank_an_owner_a_source_a_rule_and_an_action(
    facts: StandupFacts,
) -> None:
    lines = make_day_plan(facts)
    assert [line.rank for line in lines] == list(range(1, len(lines) + 1))
    assert all(
        line.owner and line.source and line.action and line.rule in PlanRule
        for line in lines
    )
    order = [list(PlanRule).index(line.rule) for line in lines]
    assert order == sorted(order)
    assert lines == make_day_plan(facts)


@claim("standup:pure-plan")
@given(FACTS)
def test_every_task_and_deadline_stands_in_the_plan_once(facts: StandupFacts) -> None:
    sources = [
        line.source
        for line in make_day_plan(facts)
        if line.source.startswith("BOARD.md:")
    ]
    tasks = {
        t.line
        for part in (facts.chronic, facts.overdue_tasks, facts.due_today, facts.blocked)
        for t in part
    }
    assert {f"BOARD.md:{line}" for line in tasks} == set(sources)
    deadlines = [
        line for line in make_day_plan(facts) if line.rule.startswith("deadline")
    ]
    assert len(deadlines) == len(facts.deadlines)


@claim("standup:pure-plan")
def test_what_costs_money_or_a_promise_comes_first(place: Place) -> None:
    place.board(
        "- [ ] Today due:2026-11-21 id:T1",
        "- [ ] Again due:2026-11-20 missed:1 missed-on:2026-11-10 id:T2",
        "- [ ] Late due:2026-11-20 id:T3",
        "- [ ] Stuck #blocked id:T4",
    )
    place.know("deadline", "tax", "Due: 2026-11-20")
    place.know("deadline", "tomorrow", "Due: 2026-11-22")
    place.know("deadline", "next week", "Due: 2026-11-27")
    place.know("deadline", "next month", "Due: 2026-12-15")
    assert [(line.rule.value, line.source) for line in place.stand_up().plan] == [
        ("deadline-overdue", "memory: tax"),
        ("deadline-close", "memory: tomorrow"),
        ("chronic-miss", "BOARD.md:5"),
        ("task-overdue", "BOARD.md:6"),
        ("task-due-today", "BOARD.md:4"),
        ("deadline-this-week", "memory: next week"),
        ("task-blocked", "BOARD.md:7"),
        ("deadline-ahead", "memory: next month"),
    ]


@claim("standup:document")
def test_the_document_has_the_keys_of_appendix_b(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board(
        "- [ ] Late @cfo due:2020-01-01 id:T1", "- [ ] Due: 2026-11-21 #blocked id:T2"
    )
    place.prompt("weekly", "0 18 * * 0")
    place.know("prompt-run", "prompt-run:weekly", "Run: 2026-01-01T18:00:00+00:00 ok")
    place.know("deadline", "tax", "Due: 2020-01-01", "Owner: accountant")
    place.know("metric", "m", "M", at="2020-01-01T00:00:00+00:00")
    place.know("lesson", "lesson:1", "Agent: coo", "Summary: S", "Status: open")
    place.memory_file.write_text(place.memory_file.read_text() + "nonsense\n")
    assert main(["--company", str(place.root), "standup", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.keys() >= {
        "date",
        "company",
        "facts",
        "collectors",
        "spend",
        "plan",
        "delegations",
        "models_called",
        "cost_usd",
    }
    shapes = {
        "overdue_tasks": {"id", "title", "owner", "due", "days_late", "missed"},
        "blocked": {"id", "title", "owner", "due", "days_late", "missed"},
        "overdue_prompts": {"prompt", "last_run", "due_at", "days_late"},
        "deadlines": {"name", "due", "days_left"},
        "stale_facts": {"name", "type", "observation", "age_days", "max_days"},
        "lessons_open": {"name", "agent", "summary"},
        "health": {"file", "line", "message"},
    }
    for key, shape in shapes.items():
        assert all(item.keys() >= shape for item in document["facts"][key]), key
        assert document["facts"][key], key
    for key in ("due_today", "inbox", "runs_failed", "in_doubt", "signals"):
        assert document["facts"][key] == []
    assert all(
        c.keys() >= {"name", "ok", "ms", "error"} for c in document["collectors"]
    )
    assert document["spend"] == {
        "day_usd": 0,
        "day_cap_usd": 3,
        "month_usd": 0,
        "month_cap_usd": 30,
        "day_plan_usd": 0,
        "month_plan_usd": 0,
    }
    assert all(
        line.keys() >= {"rank", "title", "owner", "source", "rule", "action"}
        for line in document["plan"]
    )
    assert (
        document["delegations"],
        document["models_called"],
        document["cost_usd"],
    ) == ([], 0, 0)


@claim("standup:document")
def test_amounts_have_six_decimals_and_dates_are_iso(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--company", str(place.root), "standup", "--json"])
    out = capsys.readouterr().out
    assert '"day_cap_usd": 3.000000' in out
    assert date.fromisoformat(json.loads(out)["date"])


@claim("standup:fails-alone")
def test_a_collector_that_breaks_or_hangs_takes_no_other_down() -> None:
    def broken() -> StandupFacts:
        raise RuntimeError("no disk")

    never = Event()

    def hung() -> StandupFacts:
        never.wait(60)
        return StandupFacts()

    def whole() -> StandupFacts:
        return StandupFacts(
            lessons_open=(LessonFact(name="l", agent=None, summary="s"),)
        )

    reports, parts = run_collectors(
        {"broken": broken, "hung": hung, "whole": whole}, limit_s=2
    )
    never.set()
    assert [(r.name, r.ok, r.error) for r in reports] == [
        ("broken", False, "no disk"),
        ("hung", False, "no answer within 2 s"),
        ("whole", True, None),
    ]
    assert [f.name for f in merge_facts(parts).lessons_open] == ["l"]


@claim("standup:fails-alone")
def test_an_unreadable_memory_leaves_the_board_in_the_plan(place: Place) -> None:
    place.board("- [ ] Today due:2026-11-21 id:T1")
    place.memory_file.write_text("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n")
    report = place.stand_up()
    assert report.plan[0].title == "Today"
    [health] = report.facts.health
    assert "conflict markers" in health.message
    assert health.action.startswith("take the marker lines out")
    assert {c.name for c in report.collectors if not c.ok} == {
        "prompts",
        "deadlines",
        "facts",
        "lessons",
        "memory",
    }


@claim("standup:fails-alone")
def test_what_several_collectors_need_is_loaded_once() -> None:
    loads: list[int] = []
    once = LoadOnce(lambda: loads.append(1))
    once()
    once()
    assert loads == [1]


@claim("standup:missed-once")
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    days=st.lists(st.integers(0, 60), min_size=1, max_size=8),
    dues=st.lists(st.integers(0, 40), min_size=1, max_size=3),
)
def test_missed_never_counts_a_date_twice(
    places: Callable[[], Place], days: list[int], dues: list[int]
) -> None:
    place, start = places(), date(2026, 11, 1)
    due_dates = [start + timedelta(days=d) for d in dues]
    place.board(f"- [ ] Task due:{due_dates[0]} id:T1")
    latest = start
    for i, day in enumerate(days):
        moment = datetime.combine(
            start + timedelta(days=day), datetime.min.time(), UTC
        ) + timedelta(hours=12)
        place.write_down(moment)
        place.write_down(moment)
        latest = max(latest, moment.date())
        new = due_dates[(i + 1) % len(due_dates)]
        old = place.board_text()
        place.root.joinpath("BOARD.md").write_text(
            old.replace(f"due:{old.split('due:')[1][:10]}", f"due:{new}")
        )
    text = place.board_text()
    counted = [
        word.partition(":")[2] for word in text.split() if word.startswith("missed-on:")
    ]
    missed = [
        int(word.partition(":")[2])
        for word in text.split()
        if word.startswith("missed:")
    ]
    assert len(counted) == len(set(counted)) == (missed[0] if missed else 0)
    assert {date.fromisoformat(c) for c in counted} <= {
        d for d in due_dates if d < latest
    }


@claim("standup:stored")
def test_a_second_standup_of_the_day_replaces_the_first(place: Place) -> None:
    place.board("- [ ] One due:2026-11-21 id:T1")
    assert place.write_down().changed == ("memory/memory.jsonl",)
    assert place.entities()["standup:2026-11-21"] == [
        "1. One (founder; task-due-today)"
    ]
    before = place.files()
    assert place.write_down(NOW + timedelta(hours=1)).changed == ()
    assert place.files() == before
    place.board("- [ ] Two due:2026-11-21 id:T1")
    place.write_down(NOW + timedelta(hours=2))
    assert place.entities()["standup:2026-11-21"] == [
        "1. Two (founder; task-due-today)"
    ]


@claim("standup:stored")
@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("permanent", ["2026-01-01", "2026-11-14"]),
        ("last 1", ["2026-11-14"]),
        ("10d", ["2026-11-14"]),
        ("1d", []),
    ],
)
def test_the_settings_say_how_long_plans_are_kept(
    place: Place, rule: str, kept: list[str]
) -> None:
    place.settings(f"retention: {{standup: {rule}}}\n")
    for day in ("2026-01-01", "2026-11-14"):
        place.know("standup", f"standup:{day}", "1. Something")
    place.write_down()
    stored = [
        n.removeprefix("standup:") for n in place.entities() if n.startswith("standup:")
    ]
    assert stored == [*kept, "2026-11-21"]


@claim("standup:stored")
def test_looking_back_never_rewrites_what_a_day_said_then(place: Place) -> None:
    place.know("standup", "standup:2026-01-05", "1. As it was then")
    place.settings("retention: {standup: permanent}\n")
    place.board("- [ ] Late due:2026-01-01 id:T1")
    assert main(["--company", str(place.root), "standup", "--date", "2026-01-05"]) == 0
    assert place.entities()["standup:2026-01-05"] == ["1. As it was then"]
    assert main(["--company", str(place.root), "standup", "--date", "2026-01-06"]) == 0
    assert place.entities()["standup:2026-01-06"] == [
        "1. Late, 5 days late (founder; task-overdue)"
    ]


@claim("standup:stored")
def test_plans_older_than_their_retention_go(place: Place) -> None:
    for day in ("2026-11-13", "2026-11-14", "2026-11-20"):
        place.know("standup", f"standup:{day}", "1. Something")
    place.know("note", "standup:2026-01-01", "another type stays")
    place.write_down()
    assert [n for n in place.entities() if n.startswith("standup:")] == [
        "standup:2026-11-14",
        "standup:2026-11-20",
        "standup:2026-01-01",
        "standup:2026-11-21",
    ]


@claim("standup:stored")
def test_a_deletion_by_the_founder_is_what_undo_brings_back(place: Place) -> None:
    place.know("client", "client:old", "Left in May")
    place.know("standup", "standup:2020-01-01", "1. Old")
    company = ["--company", str(place.root)]
    assert main([*company, "memory", "delete", "client:old", "--yes"]) == 0
    assert main([*company, "standup"]) == 0
    assert "standup:2020-01-01" not in place.entities()
    assert main([*company, "memory", "undo", "--yes"]) == 0
    assert "client:old" in place.entities()


@claim("standup:dry-run")
def test_a_dry_run_changes_no_file(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board("- [ ] Late due:2020-01-01 id:T1")
    place.know("standup", "standup:2020-01-01", "1. Old")
    before = place.files()
    assert main(["--company", str(place.root), "standup", "--dry-run"]) == 0
    assert place.files() == before
    assert "changed" not in capsys.readouterr().out


@claim("cli:not-adopted")
def test_a_company_that_was_not_adopted_gets_its_plan_and_keeps_its_files(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.root / ".github" / "agentco.yml").unlink()
    place.board("- [ ] Late due:2020-01-01 id:T1")
    before = place.files()
    assert main(["--company", str(place.root), "standup"]) == 0
    assert place.files() == before
    said = capsys.readouterr()
    assert "Late" in said.out
    assert "agentco init" in said.err


@claim("standup:free")
def test_a_standup_ends_with_what_it_cost(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--company", str(place.root), "standup"]) == 0
    assert "woke 0 models, $0.00" in capsys.readouterr().out


@claim("standup:ahead")
@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize(
    ("args", "day"),
    [
        (["--date", "2026-11-19"], "2026-11-19"),
        (["--date", "2026-11-30"], "2026-11-30"),
        (["--tomorrow"], "2026-11-22"),
    ],
)
def test_another_day_is_shown_as_of_its_end(
    place: Place, do: Do, args: list[str], day: str
) -> None:
    place.board("- [ ] Then due:2026-11-30 id:T1", "- [ ] Next due:2026-11-22 id:T2")
    place.know("deadline", "deadline:tax", "Due: 2026-11-30")
    said = do("standup", "--dry-run", "--json", *args)
    assert said.document["date"] == day
    due = {task["id"] for task in said.document["facts"]["due_today"]}
    assert due == {"2026-11-30": {"T1"}, "2026-11-22": {"T2"}}.get(day, set())
    [tax] = said.document["facts"]["deadlines"]
    assert tax["days_left"] == (date(2026, 11, 30) - date.fromisoformat(day)).days


@claim("standup:ahead")
@pytest.mark.usefixtures("frozen_clock")
def test_looking_ahead_changes_no_file_and_says_so(place: Place, do: Do) -> None:
    place.board("- [ ] Late due:2026-11-01 id:T1")
    place.know("standup", "standup:2020-01-01", "1. Old")
    before = place.files()
    for args in (["--tomorrow"], ["--date", "2026-12-07"]):
        said = do("standup", *args)
        assert "nothing is counted or stored" in said.err
        assert "1 late" in said.out
    assert place.files() == before


@claim("standup:ahead")
@pytest.mark.parametrize(
    "args", [["--date", "yesterday-ish"], ["--date", "today", "--tomorrow"]]
)
def test_what_is_no_date_or_two_is_refused(do: Do, args: list[str]) -> None:
    assert do("standup", *args).code == 2


@claim("standup:facts")
def test_changed_files_are_named(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board("- [ ] Late due:2020-01-01 id:T1")
    assert main(["--company", str(place.root), "standup"]) == 0
    assert "changed BOARD.md, memory/memory.jsonl" in capsys.readouterr().out
