"""The command line: where the company is, how failures end, and what reaches the screen."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from claims import claim

import agentco
from agentco.cli import COMMAND_GROUPS, COMMANDS, hoist_company_option
from agentco.cli.main import main

AGENTCO = [sys.executable, "-m", "agentco"]
ROOT = Path(agentco.__file__).parents[1]


def words(value: list[str] | int) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


@pytest.fixture
def company(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["init", str(tmp_path / "farol"), "--sample"]) == 0
    capsys.readouterr()
    return tmp_path / "farol"


def run(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run(
        [*AGENTCO, *args],
        check=False,
        cwd=cwd,
        env=whole,
        capture_output=True,
        text=True,
        timeout=60,
    )


@claim("cli:root")
def test_the_company_is_found_above_named_or_in_the_environment(
    company: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deep = company / "drafts" / "deep"
    deep.mkdir()
    monkeypatch.chdir(deep)
    assert main(["board", "--json"]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["board", "--json", "--company", str(company)]) == 0
    capsys.readouterr()
    assert main(["board", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == 3
    assert main(["board", "--company", "nowhere"]) == 2
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("AGENTCO_COMPANY", str(company))
    assert main(["board", "--json"]) == 0


@claim("cli:root")
def test_company_may_stand_anywhere_before_a_double_dash() -> None:
    assert hoist_company_option(["a", "--company", "x", "b"]) == [
        "--company",
        "x",
        "a",
        "b",
    ]
    assert hoist_company_option(["a", "--company=x"]) == ["--company=x", "a"]
    assert hoist_company_option(["a", "--", "--company", "x"]) == [
        "a",
        "--",
        "--company",
        "x",
    ]
    assert hoist_company_option(["a", "--company"]) == ["--company", "a"]


@claim("cli:root")
def test_agentco_alone_prints_the_daily_commands(company: Path) -> None:
    done = run(cwd=company)
    assert (done.returncode, done.stderr) == (0, "")
    assert "agentco standup" in done.stdout


@claim("cli:errors")
@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["nonsense"], 2),
        (["standup", "--nonsense"], 2),
        (["standup", "--date", "soon"], 2),
        (["board", "done", "T999"], 2),
        (["board", "decide", "T14"], 2),
        (["board", "decide", "T14", "--kill", "--demote"], 2),
        (["board", "move", "T14", "Nowhere"], 2),
        (["board", "add", "x", "--due", "2026-13-01"], 2),
        (["memory", "show", "nobody"], 2),
        (["memory", "add", "new-thing", "fact"], 2),
        (["memory", "delete", "Lumen"], 2),
        (["memory", "undo", "--yes"], 2),
        (["memory", "relate", "Lumen", "uses", "nobody"], 2),
        (["memory", "add", "Lumen", "two\nlines"], 2),
        (["show", "agents", "nobody"], 2),
        (["show", "skills", "nothing"], 2),
        (["show", "prompts", "nothing"], 2),
        (["show", "settings", "nothing"], 2),
    ],
    ids=words,
)
def test_a_failure_is_two_lines_or_one_document(
    company: Path, args: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {
        p: p.read_bytes()
        for p in company.rglob("*")
        if p.is_file() and ".agentco" not in p.parts
    }
    assert main(["--company", str(company), *args]) == code
    plain = capsys.readouterr()
    *_, what, hint = plain.err.rstrip().split("\n")
    assert plain.out == ""
    assert (what.startswith("error: "), hint.startswith("hint:  ")) == (True, True)
    assert main(["--company", str(company), *args, "--json"]) == code
    error = json.loads(capsys.readouterr().out)["error"]
    assert error.keys() == {"what", "hint", "code"}
    assert error["code"] == code
    after = {
        p: p.read_bytes()
        for p in company.rglob("*")
        if p.is_file() and ".agentco" not in p.parts
    }
    assert after == before


@claim("cli:errors")
@pytest.mark.parametrize(
    "command", [["standup"], ["show", "settings"], ["board", "done", "T8"]], ids=words
)
def test_settings_that_are_wrong_stop_the_command_with_file_and_line(
    company: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (company / ".github" / "agentco.yml").write_text(
        "company: {name: x}\nbudgt: {call: 1}\n"
    )
    board = (company / "BOARD.md").read_bytes()
    assert main(["--company", str(company), *command]) == 3
    assert capsys.readouterr().err == (
        "error: .github/agentco.yml:2: unknown key 'budgt'\nhint:  did you mean 'budget'?\n"
    )
    assert (company / "BOARD.md").read_bytes() == board


@claim("cli:streams")
@pytest.mark.parametrize(
    "args",
    [
        ["standup"],
        ["board"],
        ["check"],
        ["show", "agents"],
        ["show", "settings"],
        ["memory", "show"],
        ["memory", "stats"],
    ],
    ids=words,
)
def test_stdout_is_one_document_under_json(
    company: Path, args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--company", str(company), *args, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)


@claim("cli:documents")
def test_documents_have_the_keys_of_appendix_c(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def document(*args: str) -> dict[str, list[dict[str, object]]]:
        assert main(["--company", str(company), *args, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    agent = {
        "id",
        "name",
        "description",
        "file",
        "tools",
        "model",
        "tier",
        "skills",
        "public",
    }
    assert all(a.keys() >= agent for a in document("show", "agents")["agents"])
    assert all(s.keys() >= agent for s in document("show", "skills")["skills"])
    assert all(p.keys() >= agent for p in document("show", "prompts")["prompts"])
    board = document("board")["columns"]
    assert [c["name"] for c in board] == [
        "Backlog",
        "This week",
        "In progress",
        "Blocked",
        "Done",
    ]
    task = {"id", "title", "owner", "due", "pri", "missed", "done", "blocked", "line"}
    assert all(t.keys() >= task for c in board for t in c["tasks"])  # type: ignore[attr-defined]
    checked = document("check")
    assert checked.keys() >= {"company", "files", "diagnostics"}
    for args in (
        ("memory", "search", "lumen"),
        ("memory", "show", "Lumen"),
        ("memory", "show"),
    ):
        found = document(*args)
        assert found.keys() >= {"entities", "relations", "total"}
        assert all(
            e.keys() >= {"name", "entityType", "observations"}
            for e in found["entities"]
        )
        assert all(
            r.keys() >= {"from", "to", "relationType"} for r in found["relations"]
        )


EVIL = "\x1b[31mred\x1b]0;title\x07\x9b1m [bold]x[/bold] \u202e\u200b \x1b]8;;http://evil\x1b\\link"


@claim("cli:escapes")
@pytest.mark.parametrize("as_json", [False, True])
def test_fault_70_and_13_no_escape_sequence_of_a_file_reaches_the_terminal(
    company: Path, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with (company / "BOARD.md").open("a") as board:
        board.write(f"\n## Evil {EVIL}\n- [ ] {EVIL} @founder due:2020-01-01 id:T99\n")
    record = {
        "type": "entity",
        "name": f"e{EVIL}",
        "entityType": "lesson",
        "observations": [f"Summary: {EVIL}"],
    }
    with (company / "memory" / "memory.jsonl").open("a") as memory:
        memory.write(json.dumps(record) + "\n")
    agent = f"---\ndescription: '{EVIL.translate({27: None, 7: None, 0x9B: None})}'\n---\n{EVIL}\n"
    (company / ".github" / "agents" / "evil.agent.md").write_text(agent)
    for args in (
        ["standup"],
        ["board"],
        ["memory", "show"],
        ["memory", "search", "red"],
        ["check"],
        ["show", "agents", "evil"],
    ):
        main(["--company", str(company), *args, *(["--json"] if as_json else [])])
        said = capsys.readouterr()
        for bad in ("\x1b", "\x9b", "\x07", "\u202e", "\u200b"):
            assert bad not in said.out + said.err, (args, ascii(bad))


@claim("cli:no-colour")
def test_there_is_no_colour_in_a_pipe_and_some_at_a_terminal(company: Path) -> None:
    assert "\x1b" not in run("standup", "--dry-run", cwd=company).stdout
    seen = at_terminal(company, "standup", "--dry-run")
    assert "\x1b[" in seen
    assert "\x1b[3" not in at_terminal(company, "standup", "--dry-run", NO_COLOR="1")


def at_terminal(cwd: Path, *args: str, **env: str) -> str:
    """What a command writes to a real pseudo-terminal."""
    leader, follower = pty.openpty()
    whole = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        **env,
    }
    with subprocess.Popen(
        [*AGENTCO, *args],
        cwd=cwd,
        env=whole,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        seen = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert process.wait(timeout=60) == 0
    os.close(leader)
    return seen.decode()


@claim("cli:no-colour")
@pytest.mark.parametrize("width", ["20", "60", "80", "132"])
def test_the_screen_is_sixty_wide_or_more(
    company: Path,
    width: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert main(["--company", str(company), "standup", "--dry-run", "--full"]) == 0
    lines = capsys.readouterr().out.split("\n")
    pasted = [line for line in lines if line.startswith("     agentco ")]
    assert max(len(line) for line in lines if line not in pasted) <= max(60, int(width))
    assert all(line.count("'") % 2 == 0 for line in pasted)
    assert any(len(line) > 50 for line in lines)


@claim("cli:errors")
def test_a_reader_that_goes_away_is_no_error_with_a_traceback(company: Path) -> None:
    pipe = f"{sys.executable} -m agentco memory show --json | head -1"
    done = subprocess.run(
        ["bash", "-c", pipe],
        check=False,
        cwd=company,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert done.stderr == ""


@claim("cli:not-adopted")
@pytest.mark.parametrize(
    "args",
    [
        ["board", "add", "x"],
        ["board", "done", "T8"],
        ["memory", "add", "Lumen", "x"],
        ["memory", "delete", "Lumen", "--yes"],
        ["memory", "repair"],
    ],
    ids=words,
)
def test_nothing_is_written_before_the_settings_exist(
    company: Path, args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (company / ".github" / "agentco.yml").unlink()
    before = {p: p.read_bytes() for p in company.rglob("*") if p.is_file()}
    assert main(["--company", str(company), *args]) == 3
    assert "agentco init" in capsys.readouterr().err
    assert {p: p.read_bytes() for p in company.rglob("*") if p.is_file()} == before


@claim("cli:errors")
@pytest.mark.parametrize("home", ["", "/nonexistent", "relative"])
def test_fault_56_without_a_home_everything_works(
    company: Path,
    home: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {p for p in company.rglob("*") if ".agentco" not in p.parts}
    monkeypatch.setenv("HOME", home)
    monkeypatch.chdir(company)  # where a relative home would lie
    assert main(["standup"]) == 0
    assert {p for p in company.rglob("*") if ".agentco" not in p.parts} == files
    capsys.readouterr()
    assert main(["check", "--json"]) == 0
    codes = {
        d["code"]
        for d in json.loads(capsys.readouterr().out)["diagnostics"]
        if d["level"] == "warning"
    }
    # without a home there is no key, so the memory is nobody's word
    assert codes == {"no-home", "unsigned"}


@claim("docs:cli")
def test_every_command_has_help_with_an_example_that_names_it() -> None:
    sections = (ROOT / "docs" / "cli.md").read_text().split("\n## agentco ")[1:]
    names = {section.partition("\n")[0]: section for section in sections}
    assert {n for group in COMMAND_GROUPS.values() for n in group} <= names.keys()
    groups = {"memory", "show", "runs"}
    assert [
        n
        for n, text in names.items()
        if n not in groups and f"agentco {n}" not in text.partition("Examples:")[2]
    ] == []


@claim("docs:cli")
def test_the_list_of_commands_says_what_each_command_says_of_itself() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    for name, (_, told) in COMMANDS.items():
        words = " ".join(
            page.partition(f"\n## agentco {name}\n")[2].partition("\n## ")[0].split()
        )
        assert f" {told} " in f"{words} ", name


@claim("cli:root")
def test_python_dash_m_agentco_is_the_same_program(company: Path) -> None:
    assert run("--version", cwd=company).stdout == f"agentco {agentco.__version__}\n"


@claim("house:no-client-at-rest")
def test_nothing_that_could_reach_a_model_is_imported_by_any_command(
    company: Path,
) -> None:
    script = (
        "import sys; from agentco.cli.main import main\n"
        f"for args in (['standup'], ['check'], ['board'], ['memory', 'stats']): main(['--company', {str(company)!r}, *args])\n"
        "print([m for m in ('ssl', 'http.client', 'urllib.request', 'anthropic', 'litellm', 'httpx2') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.stdout.strip().endswith("[]")


@claim("cli:errors")
@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["stndup"], "did you mean 'standup'?"),
        (["inbx"], "did you mean 'inbox'?"),
        (["board", "mov"], "did you mean 'move'?"),
        (["xyzzy"], "agentco --help lists them"),
    ],
)
def test_a_command_that_is_misspelt_is_answered_with_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str], words: list[str], meant: str
) -> None:
    assert main(words) == 2
    assert f"hint:  {meant}\n" in capsys.readouterr().err
