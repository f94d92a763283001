"""What goes after its time, and what never does."""

import json
from datetime import date
from pathlib import Path

import pytest
from claims import claim
from hypothesis import given, strategies as st
from test_commands import Captured, answer, document
from test_graph import fact, graph_of

from agentco.company import Settings
from agentco.day import expired_today, upcoming_expiries
from agentco.file_formats import parse_retention
from agentco.memory import (
    MemoryGraph,
    apply_rewrite,
    encode_line,
    read_records,
    remove_entities,
    remove_expired,
    restore_records,
)

TODAY = date(2026, 11, 21)


def gone(graph: MemoryGraph, **rules: str) -> list[str]:
    wanted = {
        kind.replace("_", "-"): parse_retention(rule) for kind, rule in rules.items()
    }
    return [g.name for g in expired_today(graph, wanted, TODAY)]


def runs(*ends: str) -> list[str]:
    return [
        f"Run: 2026-11-{day:02}T09:00:00+00:00 {end}" for day, end in enumerate(ends, 1)
    ]


@claim("memory:retention")
@pytest.mark.parametrize(
    ("rule", "names"),
    [("1d", ["x", "y"]), ("30d", ["x"]), ("99999d", []), ("permanent", [])],
)
def test_a_name_without_a_date_counts_from_when_it_was_last_spoken_of(
    rule: str, names: list[str]
) -> None:
    graph = graph_of(
        fact("x", "1", at="2026-01-01T00:00:00+00:00"),
        fact("y", "1", at="2026-01-01T00:00:00+00:00"),
        fact("y", "2", at="2026-01-01", verified="2026-11-10T00:00:00Z"),
        fact("z", "1", at="2026-01-01"),
        fact("z", "of an unknown date"),
        fact("w", "1", at="some day"),
    )
    assert gone(graph, note=rule) == names


@claim("memory:retention")
def test_a_campaign_goes_thirty_days_after_it_was_completed() -> None:
    graph = graph_of(
        fact("running", "Goal is ten", kind="campaign", at="2020-01-01"),
        fact("over", "Completed: 2026-10-21", kind="campaign"),
        fact("just over", "Completed: 2026-10-22", kind="campaign"),
        fact(
            "over again",
            "Completed: 2020-01-01",
            "Completed: 2026-11-20",
            kind="campaign",
        ),
        fact("some day", "Completed: soon", kind="campaign", at="2020-01-01"),
    )
    assert gone(graph, campaign="30d after Completed") == ["over"]


@claim("memory:retention")
def test_the_last_runs_stay_and_the_last_that_was_ok() -> None:
    said = [*runs("ok", "ok", *["failed"] * 25), "Note: by hand", "Run: once ok"]
    graph = graph_of(
        fact("prompt-run:a", *said, kind="prompt-run"),
        fact("prompt-run:b", *said[:5], kind="prompt-run"),
    )
    (found,) = expired_today(graph, {"prompt-run": parse_retention("last 20")}, TODAY)
    assert found.name == "prompt-run:a"
    assert found.texts == (said[0], *said[2:7])


@claim("memory:retention")
def test_lines_of_which_nothing_is_left_go_with_their_runs() -> None:
    tracker = fact("prompt-run:a", kind="prompt-run", at="2026-01-01")
    every = [
        tracker,
        *(fact("prompt-run:a", run, kind="prompt-run") for run in runs(*["ok"] * 4)),
    ]
    found = expired_today(
        graph_of(*every), {"prompt-run": parse_retention("last 2")}, TODAY
    )
    kept = apply_rewrite(
        read_records(b"".join(map(encode_line, every)))[0], remove_expired(found)
    ).kept
    assert kept == [encode_line(line).strip() for line in (tracker, *every[3:])]


@claim("memory:retention")
def test_by_default_lessons_decisions_and_what_was_governed_stay() -> None:
    kinds = ("lesson", "decision", "claim", "deadline", "product", "metric", "client")
    graph = graph_of(
        *(
            fact(f"{kind}:2001-01-01:x", "1", kind=kind, at="2001-01-01")
            for kind in kinds
        )
    )
    assert upcoming_expiries(graph, Settings().retention_by_type(), TODAY) == []


@claim("memory:retention")
@given(st.dates(), st.integers(0, 99_999))
def test_what_goes_on_a_day_is_there_the_day_before(day: date, days: int) -> None:
    (found,) = upcoming_expiries(
        graph_of(fact(f"standup:{day}", kind="standup")),
        {"standup": parse_retention(f"{days}d")},
        TODAY,
    )
    assert found.when == date.max or (found.when - day).days == days + 1


@pytest.fixture
def full(company: Path) -> Path:
    file = company / "memory" / "memory.jsonl"
    written = [
        fact("standup:2020-01-01", "1. Old", kind="standup"),
        fact("trend-scan:2020-01-01", "old", kind="trend-scan"),
        fact("Lumen", "is live", kind="product"),
        fact("prompt-run:a", *runs(*["ok"] * 22), kind="prompt-run"),
        fact("lesson:2020-01-01:x", "Summary: stays", kind="lesson"),
    ]
    file.write_bytes(b"".join(map(encode_line, written)))
    return file


@claim("memory:prune")
def test_prune_lists_asks_takes_away_and_undo_brings_back(
    full: Path, capsys: Captured
) -> None:
    before = full.read_bytes()
    listed = document(capsys, "prune", "--dry-run")
    assert [(g["name"], len(g["observations"])) for g in listed["pruned"]] == [
        ("standup:2020-01-01", 0),
        ("trend-scan:2020-01-01", 0),
        ("prompt-run:a", 2),
    ]
    assert "standup standup:2020-01-01, expired on 2020-01-09\n" in answer(
        capsys, "prune", "--dry-run"
    )
    assert "2 runs of prompt-run:a" in answer(capsys, "prune", code=2)
    assert full.read_bytes() == before
    assert "agentco memory undo takes it back" in answer(capsys, "prune", "--yes")
    names = [json.loads(line)["name"] for line in full.read_bytes().splitlines()]
    assert names == ["Lumen", "prompt-run:a", "lesson:2020-01-01:x"]
    assert answer(capsys, "prune", "--yes") == "nothing to prune\n"
    assert document(capsys, "undo", "--yes")["lines"] == 3
    assert full.read_bytes() == before


@claim("memory:prune")
def test_the_settings_say_what_is_kept_for_longer(full: Path, capsys: Captured) -> None:
    settings = full.parents[1] / ".github" / "agentco.yml"
    settings.write_text(
        "retention: {standup: permanent, trend-scan: 99999d, prompt-run: last 30, product: 1d}\n"
    )
    assert document(capsys, "prune", "--dry-run")["pruned"] == []


def lines_of(*texts: tuple[str, ...]) -> bytes:
    """A memory in which one entity has a line for each group of texts."""
    lines = [{"type": "entity", "name": "a", "entityType": "t", "observations": list(t)} for t in texts]  # fmt: skip
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


@claim("memory:undo")
@given(st.lists(st.sets(st.sampled_from("uvwxyz"), min_size=1), max_size=12), st.data())
def test_what_was_cut_from_many_lines_comes_back_each_at_its_place(
    groups: list[set[str]], data: st.DataObject
) -> None:
    memory = lines_of(*(tuple(sorted(group)) for group in groups))
    records, _ = read_records(memory)
    removed = data.draw(st.sets(st.sampled_from("uvwxyz")))
    change = apply_rewrite(records, remove_entities((), {"a": tuple(removed)}))
    left, _ = read_records(b"".join(line + b"\n" for line in change.kept))
    restored = restore_records(left, change.edits)
    # lines that a cut made alike may change places, as nobody can tell them apart
    assert sorted(restored) == sorted(row.raw for row in records)
    lost = left[:-1]
    put_back = restore_records(lost, change.edits)
    assert set(put_back) >= {edit.was.encode() for edit in change.edits}
