"""`agentco memory`, as the founder types it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from signing import signed
from worlds import BROKEN, WHOLE

from agentco.cli.main import main

Captured = pytest.CaptureFixture[str]


def answer(capsys: Captured, *args: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["memory", *args]) == code
    out, err = capsys.readouterr()
    return out if not code else err


def document(capsys: Captured, *args: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["memory", *args, "--json"]) == code
    return json.loads(capsys.readouterr().out)


KEY = "sk-ant-" + "api03-a1B2c3D4e5F6g7H8"


@claim("memory:commands")
@pytest.mark.parametrize(
    "words",
    [
        ["add", "Acme", f"their key is {KEY}", "--type", "client"],
        ["add", KEY, "x", "--type", "client"],
        ["add", "Acme", "x", "--type", KEY],
        ["relate", "Here", f"uses {KEY}", "Here"],
    ],
)
def test_fault_41_a_key_that_the_founder_types_is_not_written_down(
    company: Path, capsys: Captured, words: list[str]
) -> None:
    answer(capsys, "add", "Here", "x", "--type", "client")
    assert "looks like an API key (Anthropic)" in answer(capsys, *words, code=2)
    assert KEY not in (company / "memory" / "memory.jsonl").read_text()


@claim("memory:commands")
def test_fault_41_an_imported_line_with_a_key_is_left_out_and_told(
    company: Path, capsys: Captured
) -> None:
    entity = {"type": "entity", "entityType": "client", "observations": ["x"]}
    named = [{"name": "Fine"}, {"name": KEY}, {"observations": [KEY], "name": "B"}]
    rows = [json.dumps(entity | row) for row in named]
    (company / "other.jsonl").write_text("\n".join(rows))
    capsys.readouterr()
    assert main(["memory", "import", str(company / "other.jsonl")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 new entities")
    assert err.count("what looks like an API key (Anthropic)") == 2
    assert KEY not in (company / "memory" / "memory.jsonl").read_text()


@claim("memory:commands")
def test_what_the_founder_adds_is_written_with_its_source(
    company: Path, capsys: Captured
) -> None:
    assert (
        answer(capsys, "add", "Acme Ltd", "pays in 30 days", "é: 1", "--type", "client")
        == "Acme Ltd (client): 2 added\n"
    )
    line = json.loads((company / "memory" / "memory.jsonl").read_bytes())
    assert line["at"] == line["verified"]
    assert line["at"].endswith("+00:00")
    assert [*line] == [
        "type",
        "name",
        "entityType",
        "observations",
        "at",
        "by",
        "verified",
        "sig",
    ]
    assert (line["by"], line["observations"]) == (
        "founder",
        ["pays in 30 days", "é: 1"],
    )


@claim("memory:commands")
def test_saying_it_again_confirms_it(filled: Path, capsys: Captured) -> None:
    assert document(capsys, "add", "Bob", "likes tea", "is new") == {
        "name": "Bob",
        "entityType": "person",
        "added": 1,
        "renewed": 1,
        "new": False,
    }
    assert len(filled.read_bytes().splitlines()) == len(WHOLE.splitlines()) + 1
    assert "    + is new\n    = likes tea\n" in answer(capsys, "show", "Bob")


@claim("memory:commands")
def test_show_and_search_give_the_document_others_build_on(
    filled: Path, capsys: Captured
) -> None:
    assert filled.exists()
    alice = {
        "name": "Alice",
        "entityType": "person",
        "observations": ["likes tea", "is 40", "left"],
    }
    bob = {"name": "Bob", "entityType": "person", "observations": ["likes tea"]}
    tie = {"from": "Alice", "to": "Bob", "relationType": "knows"}
    assert document(capsys, "show") == {
        "entities": [alice, bob],
        "relations": [tie],
        "total": 2,
    }
    told = {"at": None, "by": None, "run": None, "trust": "trusted", "verified": None}
    lines = [told | {"added": ["likes tea"], "again": []}]
    assert document(capsys, "show", "Bob") == {
        "entities": [bob],
        "relations": [tie],
        "total": 1,
        "lines": lines,
    }
    assert document(capsys, "search", "TEA", "person", "--limit", "1")["total"] == 2
    assert document(capsys, "search", "nothing like this") == {
        "entities": [],
        "relations": [],
        "total": 0,
    }


@claim("memory:commands")
def test_an_entity_goes_with_its_relations_and_comes_back(
    filled: Path, capsys: Captured
) -> None:
    answer(capsys, "delete", "Bob", code=2)
    assert filled.read_bytes() == signed(filled, WHOLE)
    assert document(capsys, "delete", "Bob", "--yes")["deleted"] == [
        "person Bob",
        "observation: likes tea",
        "relation Alice knows Bob",
    ]
    assert document(capsys, "show")["relations"] == []
    assert "take it back" not in answer(capsys, "undo", code=2)
    assert document(capsys, "undo", "--yes")["restored"] == "person Bob"
    assert filled.read_bytes() == signed(filled, WHOLE)
    assert "no deletion" in answer(capsys, "undo", "--yes", code=2)


@claim("memory:commands")
def test_one_observation_or_one_relation_can_go(filled: Path, capsys: Captured) -> None:
    assert answer(capsys, "delete", "Alice", "--observation", "likes tea", "--yes") == (
        "deleted; agentco memory undo takes it back\n"
    )
    answer(capsys, "delete", "Alice", "--relation", "knows", "Bob", "--yes")
    shown = document(capsys, "show", "Alice")
    assert shown["entities"][0]["observations"] == ["is 40", "left"]
    assert shown["relations"] == []
    assert filled.exists()


@claim("memory:commands")
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["show", "Alise"], "did you mean 'Alice'?"),
        (["show", "bob"], "did you mean 'Bob'?"),
        (["delete", "nobody", "--yes"], "'nobody' is not in the memory"),
        (["delete", "Bob", "--observation", "x", "--yes"], "has no observation 'x'"),
        (["delete", "Bob", "--relation", "knows", "Alice", "--yes"], "no relation"),
        (
            ["delete", "Bob", "--relation", "a", "b", "--observation", "x", "--yes"],
            "at once",
        ),
        (["add", "New", "x"], "needs a type"),
        (["add", "Bob", "x", "--type", "client"], "is a 'person'"),
        (["add", "Bob"], "nothing to add"),
        (["add", "Bob", "a\nb"], "control character"),
        (["add", "Bob", "a\x1b[31m"], "control character"),
        (["add", "Bob", "a\udcff"], "control character"),
        (["add", "a\tb", "x", "--type", "t"], "control character"),
        (["add", "Bob", " "], "empty"),
        (["relate", "Bob", "knows", "Zoe"], "'Zoe' is not in the memory"),
        (["search", "x", "--limit", "0"], "limit"),
    ],
)
def test_wrong_usage_is_named_and_changes_nothing(
    filled: Path, capsys: Captured, args: list[str], says: str
) -> None:
    assert says in answer(capsys, *args, code=2)
    assert filled.read_bytes() == signed(filled, WHOLE)


@claim("memory:commands")
def test_names_can_be_tied_together(filled: Path, capsys: Captured) -> None:
    assert answer(capsys, "relate", "Bob", "knows", "Alice") == "Bob knows Alice\n"
    line = json.loads(filled.read_bytes().splitlines()[-1])
    assert (line["from"], line["to"], line["relationType"], line["by"]) == (
        "Bob",
        "Alice",
        "knows",
        "founder",
    )


@claim("memory:commands")
def test_a_long_observation_is_warned_about_and_kept(
    filled: Path, capsys: Captured
) -> None:
    assert main(["memory", "add", "Bob", "x" * 2001]) == 0
    assert "2,001 characters" in capsys.readouterr().err
    assert b"x" * 2001 in filled.read_bytes()


@claim("memory:commands")
def test_check_lists_what_is_wrong_and_repair_mends_it(
    filled: Path, capsys: Captured
) -> None:
    filled.write_bytes(signed(filled, BROKEN))
    found = document(capsys, "check")
    assert [(d["line"], d["code"], d["level"]) for d in found["diagnostics"]] == [
        (3, "bad-line", "warning"),
        (6, "bad-line", "warning"),
        (None, "repeated", "info"),
    ]
    assert found["diagnostics"][0]["file"] == "memory/memory.jsonl"
    assert "memory.jsonl:3: warning" in answer(capsys, "check")
    assert document(capsys, "repair")["rejected"] == 2
    assert answer(capsys, "repair") == "nothing to repair\n"
    assert filled.read_bytes() == signed(filled, WHOLE)


@claim("memory:conflict-markers")
@pytest.mark.parametrize(
    "command", [["check"], ["show"], ["search", "x"], ["repair"], ["add", "Bob", "x"]]
)
def test_fault_36_conflict_markers_end_every_command_with_5(
    filled: Path, capsys: Captured, command: list[str]
) -> None:
    filled.write_bytes(b"<<<<<<< HEAD\n" + WHOLE + b"=======\n>>>>>>> b\n")
    before = filled.read_bytes()
    assert "in lines 1, 7, 8" in answer(capsys, *command, code=5)
    assert filled.read_bytes() == before


@claim("memory:commands")
def test_stats_count_what_is_known(filled: Path, capsys: Captured) -> None:
    answer(capsys, "add", "Lumen", "is live", "--type", "product")
    counted = document(capsys, "stats")
    month = json.loads(filled.read_bytes().splitlines()[-1])["at"][:7]
    assert counted == {
        "entities": 3,
        "observations": 5,
        "relations": 1,
        "bytes": filled.stat().st_size,
        "types": {"person": 2, "product": 1},
        "growth": {month: {"product": 1}},
        "next": [],
        "untrusted": 0,
        "rejected": 0,
        "heaviest": [
            {"name": "Alice", "characters": 18},
            {"name": "Bob", "characters": 9},
            {"name": "Lumen", "characters": 7},
        ],
        "months": {month: 1},
    }
    assert "3 entities, 5 observations" in answer(capsys, "stats")


@claim("memory:commands")
def test_nothing_is_written_before_the_company_is_adopted(
    company: Path, capsys: Captured
) -> None:
    (company / ".github" / "agentco.yml").unlink()
    (company / "memory").rmdir()
    assert "agentco init" in answer(capsys, "add", "Bob", "x", "--type", "t", code=3)
    assert answer(capsys, "show").startswith("the memory is empty")
    assert document(capsys, "show") == {"entities": [], "relations": [], "total": 0}
    assert not (company / "memory").exists()


@claim("memory:safe-screen")
@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["show", "E"],
        ["search", "x"],
        ["stats"],
        ["check"],
        ["delete", "E", "--yes"],
    ],
)
def test_fault_70_escape_sequences_never_reach_the_terminal(
    filled: Path, capsys: Captured, command: list[str]
) -> None:
    filled.write_text(
        '{"type":"entity","name":"E","entityType":"t\\u001b[2J","observations":["x\\u001b]0;owned\\u0007[red]y[/red]"]}\n'
        '{"type":"relation","from":"E","to":"\\u001b[31mF","relationType":"r\\u009b1m"}\n'
    )
    assert main(["memory", *command]) == 0
    out = "".join(capsys.readouterr())
    assert out
    assert not {"\x1b", "\x07", "\x9b"} & set(out)
    if command == ["show", "E"]:
        assert "[red]y[/red]" in out


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "AGENTCO_COMPANY"}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "agentco", "memory", *args]
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@claim("memory:commands")
def test_the_whole_way_in_real_processes(company: Path) -> None:
    assert (
        run("add", "Acme", "pays late", "--type", "client", cwd=company).returncode == 0
    )
    assert json.loads(run("search", "late", "--json", cwd=company).stdout)["total"] == 1
    refused = run("delete", "Acme", cwd=company)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "pays late" in refused.stderr
    assert run("delete", "Acme", "--yes", cwd=company).returncode == 0
    assert run("show", "Acme", "--json", cwd=company).returncode == 2
    assert run("undo", "--yes", cwd=company).stdout.startswith("restored: client Acme")
    assert "pays late" in run("show", "Acme", cwd=company / ".github").stdout


@claim("memory:commands")
def test_every_command_explains_itself_with_an_example(capsys: Captured) -> None:
    commands = "show search add relate delete undo prune check repair stats graph export import"
    for command in commands.split():
        said = answer(capsys, command, "--help").partition("Examples:")[2]
        assert said.strip().startswith(f"agentco memory {command}")
