"""A repository that somebody else wrote: nothing outside it is touched, nothing hangs, nothing is half done."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path

import pytest
from claims import claim
from processes import command, environment, in_child
from small_company import Place

from agentco.cli import current_company
from agentco.cli.main import main

JUNK = '{"type":"entity","name":"a","entityType":"t","observations":["x"]}\nno record\n'


def words(value: list[str] | str) -> str:
    return value if isinstance(value, str) else " ".join(value)


def run(place: Place, *args: str) -> int:
    return main(["--company", str(place.root), *args])


@claim("cli:stays-inside")
@pytest.mark.parametrize(
    ("link", "args"),
    [
        ("BOARD.md", ["board", "add", "x"]),
        ("memory/memory.jsonl", ["memory", "add", "n", "o", "--type", "t"]),
        ("memory", ["memory", "add", "n", "o", "--type", "t"]),
        (".agentco", ["board", "add", "x"]),
        ("memory/.agentco", ["memory", "add", "n", "o", "--type", "t"]),
        (".agentco/.gitignore", ["board", "add", "x"]),
        (".agentco/BOARD.md.lock", ["board", "add", "x"]),
        (".BOARD.md.tmp", ["board", "add", "x"]),
        ("memory/.memory.jsonl.tmp", ["memory", "repair"]),
        ("memory/rejected.jsonl", ["memory", "repair"]),
        ("memory/trash.jsonl", ["memory", "delete", "a", "--yes"]),
    ],
)
@pytest.mark.parametrize("kind", ["file", "missing"])
def test_no_link_of_a_cloned_repository_makes_us_write_outside(
    place: Place, tmp_path: Path, link: str, args: list[str], kind: str
) -> None:
    place.board("- [ ] Task id:T1")
    place.memory_file.write_text(JUNK)
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = link in {"memory", ".agentco", "memory/.agentco"}
    goal = outside if folder else outside / "victim"
    if kind == "file" and not folder:
        goal.write_text("mine\n")
    where = place.root / link
    if where.is_dir():
        where.rename(tmp_path / "moved")
    where.parent.mkdir(exist_ok=True)
    where.unlink(missing_ok=True)
    where.symlink_to(goal)
    code = run(place, *args)
    assert code in {0, 5}
    assert [p.read_text() for p in outside.rglob("*") if p.is_file()] == (
        ["mine\n"] if goal.is_file() else []
    )
    assert (goal.is_file() or folder) == (kind == "file" or folder)
    assert run(place, "standup") in {0, 5}
    assert [p.name for p in outside.rglob("*")] == (
        ["victim"] if kind == "file" and not folder else []
    )


@claim("cli:stays-inside")
def test_a_linked_folder_of_locks_is_named(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board("- [ ] Task id:T1")
    (place.root / ".agentco").symlink_to(tmp_path)
    assert run(place, "board", "add", "x") == 5
    assert ".agentco' is a link" in capsys.readouterr().err


@claim("cli:stays-inside")
@pytest.mark.parametrize("link", [".github", "memory", "drafts", ".github/agents"])
def test_init_writes_through_no_link_that_leads_out(tmp_path: Path, link: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "company"
    outside.mkdir()
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside)
    assert main(["init", str(root)]) == 5
    assert list(outside.iterdir()) == []


@claim("cli:stays-inside")
def test_a_link_inside_the_company_works_as_before(place: Place) -> None:
    place.board("- [ ] Task id:T1")
    (place.root / "docs").mkdir()
    (place.root / "BOARD.md").rename(place.root / "docs" / "board.md")
    (place.root / "BOARD.md").symlink_to("docs/board.md")
    assert run(place, "board", "done", "T1") == 0
    assert (place.root / "BOARD.md").is_symlink()
    assert "- [x] Task" in (place.root / "docs" / "board.md").read_text()


def answer(place: Place, args: list[str]) -> None:
    """A command of this company ends as foreseen; if it waited, only the alarm of its process would end it."""
    said = io.StringIO()
    with redirect_stderr(said):
        assert run(place, *args) in {0, 3, 5}, said.getvalue()
    assert "Traceback" not in said.getvalue()


@claim("cli:no-hang")
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "loop"])
@pytest.mark.parametrize(
    "path",
    [
        "BOARD.md",
        "memory/memory.jsonl",
        ".github/agentco.yml",
        ".agentco/BOARD.md.lock",
    ],
)
def test_what_is_no_file_is_an_error_and_never_waited_for(
    place: Place, path: str, what: str
) -> None:
    where = place.root / path
    where.unlink(missing_ok=True)
    where.parent.mkdir(exist_ok=True)
    match what:
        case "pipe":
            os.mkfifo(where)
        case "device":
            where.symlink_to("/dev/zero")
        case "folder":
            where.mkdir()
        case _:
            where.symlink_to(where.name)
    for args in (
        ["standup"],
        ["board"],
        ["board", "add", "x"],
        ["memory", "show"],
        ["memory", "add", "n", "o", "--type", "t"],
        ["check"],
    ):
        assert in_child(partial(answer, place, args)) == 0, args


@claim("cli:no-hang")
@pytest.mark.parametrize(
    "line", ["a\\", "!", "a/**b[z-a]", "*a*a*a*a*b", "?*?*?*?*?*?*b"]
)
def test_a_pattern_of_gitignore_breaks_nothing(place: Place, line: str) -> None:
    nested = place.root / ("a" * 60 + "c")
    nested.mkdir()
    (nested / "AGENTS.md").write_text("# Here\n")
    (place.root / ".gitignore").write_text(f"{line}\n")
    assert run(place, "check") == 0


@claim("cli:no-hang")
def test_a_link_that_leads_to_itself_breaks_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("boss")
    (place.root / ".github" / "agents" / "loop").symlink_to("loop")
    run(place, "show", "agents", "--json")
    assert [a["id"] for a in json.loads(capsys.readouterr().out)["agents"]] == ["boss"]


@claim("standup:fails-alone")
@pytest.mark.parametrize(
    ("kind", "observations", "more"),
    [
        ("deadline", ["Due: 9999-12-31"], {}),
        ("deadline", ["Due: 0001-01-01", "Recurs: FREQ=DAILY;INTERVAL=1"], {}),
        (
            "deadline",
            ["Due: 2026-11-20", "Done: 9995-12-31", "Recurs: FREQ=YEARLY"],
            {},
        ),
        (
            "deadline",
            ["Due: 2026-11-20", "Done: 2026-11-20", "Recurs: FREQ=MONTHLY;INTERVAL=0"],
            {},
        ),
        (
            "deadline",
            [
                "Due: 2026-11-20",
                "Done: 2026-11-20",
                "Recurs: FREQ=YEARLY;INTERVAL=99999999",
            ],
            {},
        ),
        ("prompt-run", ["Run: 9999-12-31T23:59:59+00:00 ok"], {}),
        ("prompt-run", ["Run: 0001-01-01T00:00:00+14:00 ok"], {}),
        ("metric", ["M"], {"at": "0001-01-01T00:00:00+14:00"}),
        ("metric", ["M"], {"at": "9999-12-31T23:59:59-14:00"}),
    ],
)
def test_one_absurd_entity_takes_no_collector_down(
    place: Place, kind: str, observations: list[str], more: dict[str, str]
) -> None:
    place.prompt("x", "0 9 * * *")
    place.know(
        kind,
        "prompt-run:x" if kind == "prompt-run" else "absurd",
        *observations,
        **more,
    )
    place.know("deadline", "whole", "Due: 2026-11-25")
    place.know("metric", "old", "O", at="2026-01-01T00:00:00+00:00")
    report = place.stand_up()
    assert [c.name for c in report.collectors if not c.ok] == []
    assert "whole" in [d.name for d in report.facts.deadlines]
    assert "old" in [s.name for s in report.facts.stale_facts]


@claim("standup:fails-alone")
@pytest.mark.parametrize("date", ["0001-01-01", "0001-01-02", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days_too(place: Place, date: str) -> None:
    place.know("standup", "standup:2026-01-01", "1. Something")
    assert run(place, "standup", "--date", date) == 0


@claim("standup:fails-alone")
@pytest.mark.parametrize("as_json", [False, True])
def test_a_damaged_memory_still_gets_a_plan_and_then_exit_5(
    place: Place, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    place.board("- [ ] Late due:2020-01-01 id:T1")
    place.memory_file.write_text("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n")
    assert run(place, "standup", *(["--json"] if as_json else [])) == 5
    said = capsys.readouterr()
    assert "Late" in said.out
    assert "conflict markers" in said.err
    assert "missed:1" in place.board_text()
    if as_json:
        assert json.loads(said.out)["changed"] == ["BOARD.md"]


@claim("check:whole-company")
def test_check_goes_on_where_board_and_memory_cannot_be_read(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.root / "BOARD.md").write_bytes("# Board".encode("utf-16"))
    place.memory_file.write_text("<<<<<<< HEAD\n")
    place.prompt("odd", "61 * * * *")
    assert run(place, "check", "--json") == 3
    codes = [
        d["code"]
        for d in json.loads(capsys.readouterr().out)["diagnostics"]
        if d["level"] == "error"
    ]
    assert sorted(codes) == ["bad-schedule", "unreadable", "unreadable"]


@claim("settings:newer-version")
@pytest.mark.parametrize("settings", ["version: 2\n", "budgt: 1\n"])
@pytest.mark.parametrize(
    "args",
    [["board", "add", "x"], ["board", "move", "T1", "This week"], ["memory", "add", "n", "o", "--type", "t"], ["memory", "delete", "a", "--yes"], ["memory", "repair"], ["memory", "undo", "--yes"], ["standup"]],
    ids=words,
)  # fmt: skip
def test_faults_51_and_59_nothing_is_written_under_settings_that_are_not_understood(
    place: Place, settings: str, args: list[str]
) -> None:
    place.board("- [ ] Task id:T1")
    place.memory_file.write_text(JUNK)
    place.settings(settings)
    before = place.files()
    assert run(place, *args) == 3
    assert place.files() == before


@claim("company:includes")
@pytest.mark.parametrize(
    ("files", "circle"),
    [
        (
            {"CLAUDE.md": "See @a.md\n", "a.md": "See @CLAUDE.md\n"},
            "CLAUDE.md → a.md → CLAUDE.md",
        ),
        ({"CLAUDE.md": "@CLAUDE.md\n"}, "CLAUDE.md → CLAUDE.md"),
        (
            {"CLAUDE.md": "@a.md\n", "a.md": "@docs/b.md\n", "docs/b.md": "@../a.md\n"},
            "a.md → docs/b.md → a.md",
        ),
    ],
)
def test_fault_23_a_circle_of_includes_is_refused_and_named(
    place: Place, files: dict[str, str], circle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in files.items():
        (place.root / path).parent.mkdir(exist_ok=True)
        (place.root / path).write_text(text)
    assert run(place, "check", "--json") == 3
    [error] = [
        d
        for d in json.loads(capsys.readouterr().out)["diagnostics"]
        if d["level"] == "error"
    ]
    assert (error["file"], error["code"]) == ("CLAUDE.md", "circular-include")
    assert circle in error["message"]


@claim("company:includes")
def test_includes_are_read_in_order_inside_the_company_and_at_most_five_deep(
    place: Place,
) -> None:
    from agentco.wiring import open_company

    (place.root / ".env").write_text("SECRET=1\n")
    (place.root / "sub").mkdir()
    (place.root / "sub" / ".env").write_text("SECRET=1\n")
    (place.root / "secret.md").symlink_to("sub/.env")
    (place.root / "CLAUDE.md").write_text(
        "@one.md @gone.md @/etc/passwd @../x.md @.env @sub/.env @secret.md `@code.md` me@mail.example @coo\n"
    )
    for i, name in enumerate(["one", "two", "three", "four", "five", "six"]):
        following = ["two", "three", "four", "five", "six", "seven"][i]
        (place.root / f"{name}.md").write_text(f"This is {name}. @{following}.md\n")
    company = open_company(place.root).files.load()
    [claude] = [a for a in company.always_on if a.file == "CLAUDE.md"]
    assert [i.file for i in claude.includes] == [
        "one.md",
        "two.md",
        "three.md",
        "four.md",
        "five.md",
    ]
    told = {(d.code, d.message) for d in company.diagnostics if d.file == "CLAUDE.md"}
    assert (
        "deep-include",
        "'@six.md' is more than 5 includes deep and not read",
    ) in told
    assert {code for code, _ in told} == {"deep-include", "lost-reference"}


@claim("company:no-leaks")
@pytest.mark.parametrize("path", ["BOARD.md", "memory/memory.jsonl"])
def test_fault_55_a_key_on_the_board_or_in_the_memory_is_told(
    place: Place, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk-ant-api03-" + "A1b2C3d4" * 8
    place.board(f"- [ ] Use {key} id:T1")
    place.know("note", "n", f"the key is {key}")
    assert run(place, "check", "--json") == 0
    said = capsys.readouterr().out
    assert (path, "key-in-file") in {
        (d["file"], d["code"]) for d in json.loads(said)["diagnostics"]
    }
    assert key not in said


@claim("check:whole-company")
def test_check_finds_what_would_go_wrong_quietly(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.agent("cto")
    place.agent("ceo", "---\nname: cto\ndescription: C.\n---\nI.\n")
    place.settings("company: {country: XX}\n")
    place.know("deadline", "d", "Due: 31/12/2026")
    place.know("prompt-run", "prompt-run:x", "Run: TIME ok")
    assert run(place, "check", "--json") == 0
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    told = {
        (d["code"], d["message"].partition(":")[0])
        for d in found
        if d["level"] == "warning"
    }
    assert told >= {
        ("same-name", "'cto' is also the name of .github/agents/cto.agent.md"),
        ("unknown-country", "no public holidays are known for the country 'XX'"),
        ("unreadable-entity", "d"),
        ("unreadable-entity", "prompt-run"),
    }


@claim("cli:documents")
def test_every_text_makes_a_document_that_can_be_read(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "".join(
        map(
            chr,
            [
                *range(0x7F, 0xA1),
                0xAD,
                0x200B,
                0x202E,
                0x2028,
                0xE0041,
                0x1F600,
                0xFFFE,
            ],
        )
    )
    place.know("note", "n", text)
    place.board(f"- [ ] {text} id:T1")
    for args in (["memory", "show", "n"], ["board"], ["standup"]):
        assert run(place, *args, "--json") == 0
        json.loads(capsys.readouterr().out)


@claim("cli:exit-codes")
@pytest.mark.parametrize(
    ("shell", "code"),
    [
        ("{agentco} memory show --json | true; exit ${{PIPESTATUS[0]}}", 141),
        ("{agentco} board >&-", 0),
        ("{agentco} board >/dev/full", 5),
        ("{agentco} nonsense 2>&-", 2),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 {agentco} standup --dry-run", 0),
        ("{agentco} --company " + "x" * 5000 + " board", 2),
    ],
    ids=[
        "pipe closed",
        "stdout closed",
        "stdout full",
        "stderr closed",
        "ascii only",
        "endless name",
    ],
)
def test_odd_terminals_end_with_the_usual_codes_and_no_traceback(
    place: Place, shell: str, code: int
) -> None:
    for i in range(3000):
        place.know("note", f"note:{i}", "some words to fill more than a pipe holds")
    place.board("- [ ] Maré id:T1")
    script = shell.format(agentco=f"{sys.executable} -m agentco")
    done = subprocess.run(
        ["bash", "-c", script],
        check=False,
        cwd=place.root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@claim("cli:exit-codes")
def test_an_interrupt_at_a_question_ends_with_130_and_changes_nothing(
    place: Place,
) -> None:
    place.know("note", "n", "o")
    before = place.memory_file.read_bytes()
    leader, follower = pty.openpty()
    with subprocess.Popen(
        command(place.root, "memory", "delete", "n"),
        env=environment(),
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(leader, 1024)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 128 + signal.SIGINT
    os.close(leader)
    assert place.memory_file.read_bytes() == before


@claim("cli:errors")
def test_what_nobody_foresaw_is_two_lines_too(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ValueError("odd")

    monkeypatch.setattr(current_company, "open_current", broken)
    assert run(place, "check", "--json") == 5
    assert json.loads(capsys.readouterr().out)["error"]["what"] == "ValueError: odd"
