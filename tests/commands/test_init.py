"""init: a company that stands up at once, in any folder, without touching what is there."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from claims import claim
from hypothesis import given, strategies as st
from small_company import NOW

from agentco.adapters.files.template_files import template_files
from agentco.adapters.holidays import holiday_check_for
from agentco.cli.main import main
from agentco.day import (
    CORE_TEAM,
    TEMPLATE_DATE,
    FreshCompany,
    check_company,
    shift_dates,
)
from agentco.kernel import Severity, next_working_day
from agentco.overview import run_standup
from agentco.upkeep import read_whole_company
from agentco.wiring import open_company

DAYS = st.dates(date(2026, 11, 21), date(2031, 12, 31))


def made(root: Path, *args: str) -> Path:
    """The sample company, or what an adopted repository becomes."""
    assert main(["init", str(root), "--sample", "--yes", *args]) == 0
    return root


def complaints(root: Path) -> list[str]:
    whole, broken = read_whole_company(open_company(root))
    found = (*check_company(whole, strict=True), *broken)
    return [f"{d.file}:{d.line} {d.message}" for d in found if d.level != Severity.INFO]


@claim("init:fresh")
@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize("team", ["core", "full"])
def test_a_new_company_has_nothing_to_complain_about_and_a_plan(
    tmp_path: Path, team: str
) -> None:
    root = made(tmp_path / "farol", "--team", team)
    assert complaints(root) == []
    report = run_standup(open_company(root), moment=NOW)
    assert {"chronic-miss", "task-overdue", "task-due-today", "task-blocked"} <= {
        line.rule for line in report.plan
    }
    assert all(collector.ok for collector in report.collectors)


@claim("template:clean")
def test_the_repository_itself_is_that_company() -> None:
    """But for its memory, which nobody signed: it is a clone that nobody trusted yet."""
    [unsigned] = complaints(Path(__file__).parents[2])
    assert "lines are unsigned" in unsigned


@claim("template:clean")
@pytest.mark.parametrize("skill", ["portuguese-tax", "social-security"])
def test_a_skill_about_the_law_names_its_date_and_who_confirms(skill: str) -> None:
    text = dict(template_files())[f".github/skills/{skill}/SKILL.md"]
    assert "2026-11-21" in text
    assert "accountant" in text
    assert "confirm" in text
    assert "**To be confirmed** marks what those pages did not cover." in text


@claim("init:fresh")
def test_eight_departments_six_skills_and_eight_prompts(tmp_path: Path) -> None:
    company = open_company(made(tmp_path / "farol")).files.load()
    assert {a.id for a in company.agents} == {
        "ceo",
        "cfo",
        "coo",
        "marketing",
        "accountant",
        "lawyer",
        "cto",
        "improver",
    }
    assert {s.name for s in company.skills} == {
        "portuguese-tax", "social-security", "saas-pricing", "gdpr-review", "founders-voice", "incident-review",
    }  # fmt: skip
    assert {p.name for p in company.prompts} == {
        "daily-standup", "weekly-review", "monthly-accounting", "quarterly-iva", "trend-scan", "content-calendar",
        "launch-checklist", "improve-agents",
    }  # fmt: skip


@claim("init:team")
def test_the_core_team_is_four_and_nothing_names_the_others(tmp_path: Path) -> None:
    root = made(tmp_path / "farol", "--team", "core")
    edges = open_company(root)
    assert {a.id for a in edges.files.load().agents} == CORE_TEAM
    assert {t.owner for t in edges.board.read().tasks} <= CORE_TEAM | {"founder"}
    assert edges.files.settings().require_valid().company.improver is None
    assert edges.files.load().find_prompt("improve-agents") is None
    assert edges.memory.load_graph().find_entity("prompt-run:improve-agents") is None


@claim("triggers:nobody")
def test_new_settings_switch_off_what_would_call_for_nobody(tmp_path: Path) -> None:
    core = made(tmp_path / "farol", "--team", "core")
    assert off_triggers(core) == {"money", "technology", "direction"}
    assert off_triggers(made(tmp_path / "full", "--team", "full")) == set()
    agents = tmp_path / "mine" / ".github" / "agents"
    agents.mkdir(parents=True)
    for name in ("Lawyer", "cto", "marketing"):
        role = f"---\ndescription: {name}.\n---\nI work.\n"
        (agents / f"{name}.agent.md").write_text(role)
    mine = made(tmp_path / "mine")
    assert off_triggers(mine) >= {"money", "tax", "infrastructure-cost"}
    assert off_triggers(mine).isdisjoint({"legal", "trust", "technology", "launch"})
    for root in (core, mine):
        assert [one for one in complaints(root) if "who is not here" in one] == []


def off_triggers(root: Path) -> set[str]:
    """The triggers that the settings of a company switch off."""
    settings = open_company(root).files.settings().require_valid()
    return {trigger.name for trigger in settings.triggers if not trigger.words}


@claim("init:fresh")
@given(DAYS)
def test_dates_move_with_the_day_and_deadlines_follow_their_rules(day: date) -> None:
    files = dict(template_files())
    is_holiday = holiday_check_for("PT", day)
    fresh = dict(FreshCompany(files, day, None, is_holiday).files())
    moved = day - TEMPLATE_DATE
    assert f"due:{date(2026, 11, 21) + moved}" in fresh["BOARD.md"]
    for line in fresh["memory/memory.jsonl"].splitlines():
        record = json.loads(line)
        if record.get("entityType") == "deadline":
            said = dict(o.split(": ", 1) for o in record["observations"] if ": " in o)
            due = date.fromisoformat(said["Due"])
            assert (
                next_working_day(due, is_holiday) if "Shift" in said else due
            ) >= day
            assert "Done" not in said
    iva = next(
        json.loads(x)
        for x in fresh["memory/memory.jsonl"].splitlines()
        if "deadline:iva-return" in x
    )
    assert date.fromisoformat(iva["observations"][0].removeprefix("Due: ")).day == 20


@claim("init:fresh")
@given(st.text(), st.integers(-4000, 4000))
def test_moving_dates_and_moving_them_back_is_the_identity(
    text: str, days: int
) -> None:
    sample = f"{text} 2026-11-21 a2026-02-29 2026-13-01 12026-01-01 2026-11-211"
    assert shift_dates(shift_dates(sample, days), -days) == sample


@claim("init:adopts")
def test_a_repository_with_agents_keeps_them_and_gets_only_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "mine"
    (root / ".github" / "agents").mkdir(parents=True)
    (root / ".github" / "agents" / "boss.agent.md").write_text(
        "---\ndescription: Mine.\n---\nI am the boss.\n"
    )
    (root / "BOARD.md").write_text("my own board\n")
    assert main(["init", str(root), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["written"] == [
        ".vscode/mcp.json",
        ".mcp.json",
        "memory/memory.jsonl",
        ".gitattributes",
        ".github/agentco.yml",
    ]
    assert done["kept"] == ["BOARD.md"]
    assert (root / "BOARD.md").read_text() == "my own board\n"
    assert [a.id for a in open_company(root).files.load().agents] == ["boss"]
    assert open_company(root).files.settings().require_valid().company.name == "mine"


@claim("git:union")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.png binary", "*.png binary\nmemory/*.jsonl merge=union\n"),
        ("a\r\nb\r\n", "a\r\nb\r\nmemory/*.jsonl merge=union\n"),
        ("", "memory/*.jsonl merge=union\n"),
        ("memory/*.jsonl text merge=union\n", "memory/*.jsonl text merge=union\n"),
        ("memory/*.jsonl -merge", "memory/*.jsonl -merge"),
        (
            "# memory/*.jsonl merge=union\n",
            "# memory/*.jsonl merge=union\nmemory/*.jsonl merge=union\n",
        ),
    ],
)
def test_git_attributes_get_one_line_once_and_keep_the_others(
    tmp_path: Path, before: str, after: str
) -> None:
    file = tmp_path / ".gitattributes"
    file.write_bytes(before.encode())
    for _ in range(2):
        made(tmp_path)
        assert file.read_bytes() == after.encode()


@claim("git:union")
def test_git_attributes_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    root = tmp_path / "company"
    root.mkdir()
    (root / ".gitattributes").symlink_to("../elsewhere")
    assert main(["init", str(root)]) == 5
    assert (tmp_path / "elsewhere").read_text() == "mine"


@claim("init:adopts")
def test_an_agent_of_ones_own_under_a_name_of_the_sample_is_ones_own(
    tmp_path: Path,
) -> None:
    path = tmp_path / ".github" / "agents" / "ceo.agent.md"
    path.parent.mkdir(parents=True)
    path.write_text("---\ndescription: Mine.\n---\nI am mine.\n")
    made(tmp_path)
    assert [a.id for a in open_company(tmp_path).files.load().agents] == ["ceo"]


@claim("init:adopts")
def test_a_second_init_changes_nothing(tmp_path: Path) -> None:
    root = made(tmp_path / "farol")
    (root / ".github" / "agents" / "coo.agent.md").write_text(
        "---\ndescription: Mine.\n---\nMine.\n"
    )
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    made(root)
    made(root, "--team", "full")
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


@claim("init:adopts")
def test_an_init_that_was_stopped_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole, half = made(tmp_path / "whole"), tmp_path / "half"
    files = dict(template_files())
    for path in list(files)[:5]:
        (half / path).parent.mkdir(parents=True, exist_ok=True)
        (half / path).write_text(files[path])
    made(half)
    names = {p.relative_to(whole) for p in whole.rglob("*")}
    assert {p.relative_to(half) for p in half.rglob("*")} == names
    assert complaints(half) == []


@claim("init:adopts")
def test_a_file_in_the_way_is_an_error_and_not_called_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "memory").write_text("a file")
    assert main(["init", str(tmp_path / "x"), "--yes"]) == 5
    assert "cannot write" in capsys.readouterr().err
    assert not (tmp_path / "x" / ".github" / "agentco.yml").exists()


@claim("init:adopts")
def test_the_caps_that_are_told_are_those_of_the_settings_that_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "agentco.yml").write_text(
        "models: {light: [a/b]}\nbudget: {call: 9.0}\n"
    )
    made(tmp_path)
    said = capsys.readouterr().out
    assert "The caps: $9.00 a call" in said
    assert "No model" not in said


@claim("init:adopts")
def test_a_repository_of_claude_code_is_a_company_once_adopted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".claude" / "agents").mkdir(parents=True)
    (tmp_path / ".claude" / "agents" / "rev.md").write_text(
        "---\nname: rev\ndescription: Reviews.\n---\nI review.\n"
    )
    made(tmp_path)
    assert not (tmp_path / ".github" / "agents").exists()
    monkeypatch.chdir(tmp_path)
    assert main(["standup"]) == 0
    assert main(["show", "agents", "rev"]) == 0


@claim("init:adopts")
def test_init_says_what_it_did_and_what_to_try_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / "farol")
    last = capsys.readouterr().out.strip().splitlines()[-3:]
    assert [line.strip() for line in last] == [
        "agentco standup",
        "agentco board",
        "agentco show agents",
    ]


@claim("cli:errors")
@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--team", "huge"], 2),
        (["/dev/null"], 2),
        (["/proc/no/such"], 5),
        (["/" + "x" * 500], 2),
    ],
)
def test_init_refuses_what_cannot_be(
    tmp_path: Path, args: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "init",
                *(args if args[0].startswith("/") else [str(tmp_path / "x"), *args]),
            ]
        )
        == code
    )
    assert capsys.readouterr().err.startswith("error: ")


@claim("init:fresh")
def test_the_wheel_carries_the_sample_company(tmp_path: Path) -> None:
    source = Path(__file__).parents[2]
    build = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(tmp_path),
    ]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)
    [wheel] = tmp_path.glob("*.whl")
    listing = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)],
        check=True,
        capture_output=True,
        text=True,
    )
    for path, _ in template_files():
        assert f"agentco/template/{path}" in listing.stdout
    assert "tests/" not in listing.stdout


@claim("init:fresh")
def test_the_day_of_the_template_is_told_by_its_board() -> None:
    board = dict(template_files())["BOARD.md"]
    assert f"due:{TEMPLATE_DATE}" in board
    assert f"due:{TEMPLATE_DATE + timedelta(days=2)}" in board
