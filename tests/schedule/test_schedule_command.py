"""`agentco schedule`: next runs, how the last ones ended, what they cost, and what is wrong with a schedule."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from claims import claim
from small_company import NOW, Place

from agentco.adapters.files import trust_file
from agentco.adapters.state import Database, SqliteTransaction
from agentco.cli.main import main
from agentco.day import SlotOutcome, Tick

pytestmark = pytest.mark.usefixtures("frozen_clock")
OWN = "---\ndescription: x\nagentco:\n  schedule: '{cron}'\n  budget: {budget}\n---\nDo it.\n"


def scheduled(place: Place, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["--company", str(place.root), "schedule", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def state(place: Place) -> Database:
    made = Database(place.root, name="test")
    trust_file.remember_state(place.root, "test")
    return made


def paid(tx: SqliteTransaction, name: str, usd: int) -> None:
    """A run of /weekly that is over and cost so much."""
    at = f"2026-11-0{name}T09:00:00+00:00"
    row = (name, name, "cfo", "weekly", "/weekly", "done", at, at, "", "", b"")
    names = "id, root, agent, prompt, title, phase, started, ended, asked, base, head"
    sql = f"INSERT INTO runs ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
    tx.db.execute(sql, row)
    tx.db.execute("INSERT INTO spent VALUES (?, ?)", (f"run:{name}", usd))


@claim("schedule:shown")
def test_without_a_state_it_says_what_the_files_and_the_memory_know(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.prompt("weekly", "0 18 * * 0", "America/New_York")
    place.prompt("yearly", "@yearly")
    place.know(
        "prompt-run",
        "prompt-run:weekly",
        "Run: 2026-11-15T23:00:00+00:00 failed",
        by="runtime",
    )
    weekly, yearly = scheduled(place, capsys)["jobs"]
    assert {
        key: weekly[key]
        for key in ("prompt", "cron", "timezone", "last", "last_status")
    } == {
        "prompt": "weekly",
        "cron": "0 18 * * 0",
        "timezone": "America/New_York",
        "last": "2026-11-15T23:00:00+00:00",
        "last_status": "failed",
    }
    following = datetime.fromisoformat(weekly["next"])
    assert timedelta(0) < following - NOW <= timedelta(days=7, hours=1)
    assert (following.hour, following.weekday(), str(following.utcoffset())[:9]) == (
        18,
        6,
        "-1 day, 1",
    )
    assert (
        yearly["last"],
        yearly["last_status"],
        yearly["usual_usd"],
        yearly["month_usd"],
    ) == (None,) * 4


@claim("schedule:shown")
def test_it_shows_the_last_twenty_and_what_a_run_and_a_month_usually_cost(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.prompt("weekly", "0 18 * * 0")
    ends = ["ok", "failed", "no-result"] * 7
    runs = (
        f"Run: 2026-10-{day:02}T09:00:00+00:00 {end}" for day, end in enumerate(ends, 1)
    )
    place.know("prompt-run", "prompt-run:weekly", *runs, by="runtime")
    db = state(place)
    for name, usd in (("1", 10_000), ("2", 20_000), ("3", 900_000)):
        db.write(lambda tx, name=name, usd=usd: paid(tx, name, usd)).result()
    for day, outcome in (
        (25, SlotOutcome.SKIPPED),
        (26, SlotOutcome.MISSED),
        (27, SlotOutcome.RUN),
    ):
        slot = datetime(2026, 10, day, 18, tzinfo=UTC)
        tick = Tick(job="weekly", slot=slot, at=slot, outcome=outcome, why="because")
        db.write(lambda t, tick=tick: t.save_slot(tick)).result()
    db.close()
    [job] = scheduled(place, capsys)["jobs"]
    assert [one["result"] for one in job["results"]] == [*ends[3:], "skipped", "missed"]
    assert job["results"][-1] == {
        "at": "2026-10-26T18:00:00+00:00",
        "result": "missed",
        "why": "because",
    }
    assert job["usual_usd"] == 0.02
    assert job["month_usd"] == pytest.approx(0.02 * job["runs_a_month"])
    assert main(["--company", str(place.root), "schedule"]) == 0
    said = capsys.readouterr().out
    assert "✓✗○" * 6 + "·-" in said
    assert "$0.02" in said
    assert "a month in all" in said


@claim("schedule:shown")
def test_fault_17_a_schedule_that_cannot_be_read_is_told_with_its_line(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.prompt("odd", "61 * * * *")
    found = scheduled(place, capsys)
    assert found["jobs"] == []
    assert [(p["file"], p["line"], p["code"]) for p in found["problems"]] == [
        (".github/prompts/odd.prompt.md", 4, "bad-schedule")
    ]
    main(["--company", str(place.root), "schedule"])
    assert "odd.prompt.md:4: '61 * * * *': bad minute" in capsys.readouterr().out


@claim("schedule:dear")
@pytest.mark.parametrize(
    ("cron", "budget", "warned"),
    [
        ("* * * * *", "0.5", True),
        ("* * * * *", "0", False),
        ("0 9 * * *", "5", False),
        ("0 9-17 * * 1", "0.5", True),
    ],
)
def test_fault_18_a_schedule_that_could_use_up_the_day_is_warned_of(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    cron: str,
    budget: str,
    warned: bool,
) -> None:
    file = place.root / ".github" / "prompts" / "x.prompt.md"
    file.write_text(OWN.format(cron=cron, budget=budget))
    main(["--company", str(place.root), "check", "--json"])
    found = [
        d
        for d in json.loads(capsys.readouterr().out)["diagnostics"]
        if d["code"] == "dear-schedule"
    ]
    assert [(d["line"], d["level"]) for d in found] == [(4, "warning")] * warned
    assert [p["code"] for p in scheduled(place, capsys)["problems"]] == [
        "dear-schedule"
    ] * warned
    if cron == "* * * * *" and warned:
        what = "'* * * * *' is 1,440 runs a day, each up to $0.50, and the company's day ends at $3.00"
        assert found[0]["message"] == what


@claim("schedule:agrees")
def test_a_slot_at_which_nothing_had_changed_is_not_overdue(place: Place) -> None:
    place.prompt("daily", "0 8 * * *")
    place.know(
        "prompt-run",
        "prompt-run:daily",
        at=(NOW - timedelta(days=5)).isoformat(),
        by="runtime",
    )
    db = state(place)
    assert [fact.prompt for fact in place.stand_up().facts.overdue_prompts] == ["daily"]
    slot = NOW.replace(hour=8)
    tick = Tick(job="daily", slot=slot, at=slot, outcome=SlotOutcome.SKIPPED)
    db.write(lambda t: t.save_slot(tick)).result()
    db.close()
    assert place.stand_up().facts.overdue_prompts == ()
