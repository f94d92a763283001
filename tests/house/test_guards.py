"""The guards themselves: each is shown an offence, and each must notice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from claims import CLAIMS, Claim, claim, nameless_tests, unproved_promises
from rules import (
    contracts,
    forbidden_imports,
    house_graph,
    planted_import,
    project,
    rooms_without_a_layer,
    upward_imports,
)
from test_clock import asks_for_the_time, strings_in
from test_docs import transcript_pattern
from test_size import code_lines, code_tokens, long_functions

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


@claim("house:layers")
def test_every_import_of_the_house_points_down() -> None:
    assert upward_imports(house_graph()) == set()
    assert rooms_without_a_layer(house_graph()) == set()


@claim("house:layers")
@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("agentco.kernel.errors", "agentco.memory.graph"),
        ("agentco.memory.graph", "agentco.board.document"),
        ("agentco.file_formats.document", "agentco.company.records"),
        ("agentco.runs.advance", "agentco.engine.drive"),
        ("agentco.runs.advance", "agentco.briefing.transcript"),
        ("agentco.rules.rule", "agentco.briefing.prompt_parts"),
        ("agentco.engine.drive", "agentco.desk.working"),
        ("agentco.desk.working", "agentco.adapters.clock"),
        ("agentco.adapters.clock", "agentco.desk.working"),
        ("agentco.wiring", "agentco.cli.main"),
        ("agentco.mcp_server.session", "agentco.cli.main"),
        ("agentco.cli.main", "agentco.daemon.tree"),
        ("agentco.terminal.screen", "agentco.cli.main"),
        ("agentco.desk.working", "agentco.upkeep.doctor"),
    ],
)
def test_an_import_that_points_up_or_sideways_is_refused(
    importer: str, imported: str
) -> None:
    rooms = tuple(".".join(name.split(".")[:2]) for name in (importer, imported))
    with planted_import(importer, imported) as graph:
        assert rooms in upward_imports(graph)


@claim("house:layers")
def test_a_room_without_a_layer_is_refused() -> None:
    with planted_import("agentco.helpers", "agentco.kernel.errors") as graph:
        assert rooms_without_a_layer(graph) == {"helpers"}
    assert contracts()["layers"]["exhaustive"]


@claim("house:pure-domain")
@pytest.mark.parametrize(
    "room",
    [
        "rules",
        "briefing",
        "runs",
        "day",
        "review",
        "public_text",
        "figures",
        "page",
        "file_formats",
        "kernel",
    ],
)
@pytest.mark.parametrize(
    "module", ["os", "pathlib", "time", "random", "logging", "threading", "pkgutil"]
)
def test_a_pure_room_cannot_import_the_world(room: str, module: str) -> None:
    importer = f"agentco.{room}.guilty"
    with planted_import(importer, module) as graph:
        found = forbidden_imports(graph, "pure-domain")
        assert found == {(importer, module)}


@claim("house:faces")
@pytest.mark.parametrize("module", ["agentco.adapters.clock", "sqlite3"])
@pytest.mark.parametrize("face", ["cli", "mcp_server", "daemon", "terminal", "upkeep"])
def test_a_face_cannot_import_an_adapter_or_sql(face: str, module: str) -> None:
    assert forbidden_imports(house_graph(), "faces") == set()
    importer = f"agentco.{face}.guilty"
    with planted_import(importer, module) as graph:
        assert forbidden_imports(graph, "faces") == {(importer, module)}


@claim("house:pure-domain")
@pytest.mark.parametrize(
    ("place", "body", "rule"),
    [
        ("runs", "from datetime import datetime\n\nNOW = datetime.now()", "TID251"),
        ("runs", "from datetime import date\n\nTODAY = date.today()", "TID251"),
        ("runs", "import time\n\nNOW = time.time()", "TID251"),
        ("runs", "import time\n\nNOW = time.localtime()", "TID251"),
        ("adapters", "from datetime import datetime\n\nNOW = datetime.now()", "TID251"),
        ("runs", 'TEXT = open("x").read()', "PTH123"),
        (
            "runs",
            "def f(x: int) -> int:\n    "
            + "\n    ".join(f"if x == {i}:\n        return {i}" for i in range(11))
            + "\n    return x",
            "C901",
        ),
        ("runs", 'WORDS = "' + "x" * 120 + '"', "E501"),
    ],
    ids=["now", "today", "time", "localtime", "adapter", "open", "complexity", "long"],
)
def test_ruff_sees_clocks_files_tangles_and_long_lines(
    place: str, body: str, rule: str
) -> None:
    name = f"agentco/{place}/guilty.py"
    command = [
        str(TOOLS / "ruff"),
        "check",
        "--no-cache",
        "--stdin-filename",
        name,
        "-",
    ]
    done = subprocess.run(
        command,
        input=f'"""Guilty."""\n\n{body}\n',
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert rule in done.stdout


@claim("house:pure-domain")
def test_pyright_is_strict_about_code_tests_and_benchmarks() -> None:
    settings = project()["tool"]["pyright"]
    assert settings["typeCheckingMode"] == "strict"
    assert set(settings["include"]) == {"agentco", "tests", "benchmarks"}


@claim("house:size")
def test_the_size_test_sees_what_grows_and_what_is_dense(tmp_path: Path) -> None:
    module = tmp_path / "guilty.py"
    body = "".join(f"    print({number})\n" for number in range(51))
    module.write_text(f'"""Two\nlines."""\n\n# one\ndef f() -> None:\n{body}')
    assert (code_lines(module), long_functions(module)) == (52, ["f"])
    module.write_text("x = [y for y in (1, 2, 3, 4, 5, 6) if y]\n")
    assert len(code_tokens(module)) == 23


@claim("house:clock")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "SQL = \"SELECT 1 FROM runs WHERE ended < strftime('%s', 'NOW')\""),
        (
            "a.py",
            "OF = f\"SELECT {1} FROM runs WHERE at < datetime( 'now', '-1 day')\"",
        ),
        ("a.py", 'SQL = "INSERT INTO ledger VALUES (CURRENT_TIMESTAMP)"'),
        ("a.py", 'SQL = "SELECT julianday() - at FROM runs"'),
        ("a.py", "SQL = \"SELECT strftime('%s') - at FROM runs\""),
        ("a.sql", "CREATE TABLE x (at TEXT DEFAULT current_date);"),
    ],
)
def test_the_clock_test_sees_a_query_that_asks_for_the_time(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert any(map(asks_for_the_time, strings_in(path)))


@claim("docs:transcripts")
def test_the_docs_test_sees_a_screen_that_changed() -> None:
    pattern = transcript_pattern("agentco 9.9.9\n…\n2026-11-20 is over\n")
    assert re.fullmatch(pattern, "agentco 9.9.9\nanything\n2027-01-01 is over")
    assert not re.fullmatch(pattern, "agentco 0.1.0\nanything\n2027-01-01 is over")


@claim("house:claims")
def test_a_test_that_proves_nothing_is_refused() -> None:
    names = {"a": set[str](), "b": {"no:such"}, "c": {"house:layers"}}
    assert nameless_tests(names) == ["a", "b"]


@claim("house:claims")
def test_a_promise_without_a_test_is_refused() -> None:
    known = {
        "a:proved": Claim("a:proved", "here", "Shown."),
        "a:missing": Claim("a:missing", "here", "Nobody shows it."),
        "a:gap": Claim("a:gap", "here", "Later.", gap="it is known and told why"),
    }
    assert unproved_promises(known, {"a:proved"}) == ["a:missing"]


@claim("house:claims")
def test_a_known_gap_says_why() -> None:
    assert [c.id for c in CLAIMS.values() if c.gap and len(c.gap.split()) < 5] == []
