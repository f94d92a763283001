"""The guards themselves: each is broken on purpose in a copy of the house, and each must notice."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from claims import CLAIMS, claim

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house without its environment and history."""
    house = tmp_path / "house"
    house.mkdir()
    shutil.copytree(
        ROOT / "agentco",
        house / "agentco",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copytree(
        ROOT / "tests", house / "tests", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


def guard(house: Path, *command: str) -> tuple[int, str]:
    args = [str(TOOLS / command[0]), *command[1:]]
    done = subprocess.run(
        args, check=False, cwd=house, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


@claim("house:layers")
@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("agentco/kernel/errors.py", "import agentco.memory"),
        ("agentco/memory/__init__.py", "import agentco.board"),
        ("agentco/runs/__init__.py", "import agentco.engine"),
        ("agentco/engine/__init__.py", "import agentco.adapters"),
    ],
)
def test_an_import_that_points_up_is_refused(copy: Path, place: str, line: str) -> None:
    path = copy / place
    path.write_text(path.read_text() + f"\n{line}\n")
    code, said = guard(copy, "lint-imports", "--no-cache")
    assert code == 1
    assert "Imports point down only BROKEN" in said


@claim("house:layers")
def test_a_folder_without_a_layer_is_refused(copy: Path) -> None:
    (copy / "agentco" / "helpers").mkdir()
    (copy / "agentco" / "helpers" / "__init__.py").write_text('"""Nowhere."""\n')
    code, said = guard(copy, "lint-imports", "--no-cache")
    assert code == 1
    assert "agentco.helpers" in said


@claim("house:pure-domain")
@pytest.mark.parametrize(
    "module", ["os", "pathlib", "time", "random", "logging", "threading", "filelock"]
)
def test_the_domain_cannot_import_the_world(copy: Path, module: str) -> None:
    (copy / "agentco" / "work" / "guilty.py").write_text(
        f'"""Guilty."""\n\nimport {module}\n'
    )
    code, said = guard(copy, "lint-imports", "--no-cache", "--contract", "pure-domain")
    assert code == 1
    assert f"agentco.runs.guilty -> {module}" in said


@claim("house:pure-domain")
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("from datetime import datetime\n\nNOW = datetime.now()", "TID251"),
        ("from datetime import date\n\nTODAY = date.today()", "TID251"),
        ("from time import time\n\nNOW = time()", "TID251"),
        ("import time\n\nNOW = time.localtime()", "TID251"),
        ('TEXT = open("x").read()', "PTH123"),
        ("def f(x: int) -> int:\n    " + "\n    ".join(f"if x == {i}:\n        return {i}" for i in range(11)) + "\n    return x", "C901"),
    ],
    ids=["now", "today", "time", "localtime", "open", "complexity"],
)  # fmt: skip
def test_ruff_sees_clocks_files_and_tangles_in_the_domain(
    copy: Path, body: str, rule: str
) -> None:
    (copy / "agentco" / "work" / "guilty.py").write_text(f'"""Guilty."""\n\n{body}\n')
    code, said = guard(copy, "ruff", "check", "--no-cache", "agentco/runs/guilty.py")
    assert code == 1
    assert rule in said


@claim("house:clock")
def test_ruff_sees_a_second_reader_of_the_clock_in_the_edges(copy: Path) -> None:
    (copy / "agentco" / "edges" / "guilty.py").write_text(
        '"""Guilty."""\n\nimport time\nfrom datetime import UTC, datetime\n\nSECONDS, NOW = time.time(), datetime.now(UTC)\n'
    )
    code, said = guard(
        copy,
        "ruff",
        "check",
        "--no-cache",
        "agentco/adapters/guilty.py",
        "agentco/adapters/clock.py",
    )
    assert code == 1
    assert "`time.time` is banned" in said
    assert "`datetime.datetime.now` is banned" in said
    assert "clock.py" not in said


@claim("house:clock")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "guilty.py",
            "SQL = \"SELECT 1 FROM runs WHERE ended < strftime('%s', 'NOW')\"",
        ),
        (
            "guilty.py",
            "OF = f\"SELECT {1} FROM runs WHERE at < datetime( 'now', '-1 day')\"",
        ),
        ("guilty.py", 'SQL = "INSERT INTO ledger VALUES (CURRENT_TIMESTAMP)"'),
        ("guilty.py", 'SQL = "SELECT julianday() - at FROM runs"'),
        ("guilty.py", """SQL = "SELECT strftime('%s') - at FROM runs\""""),
        ("guilty.sql", "CREATE TABLE x (at TEXT DEFAULT current_date);"),
    ],
)
def test_the_clock_test_sees_a_query_that_asks_for_the_time(
    copy: Path, name: str, text: str
) -> None:
    guilty = f'"""Guilty."""\n\n{text}\n' if name.endswith(".py") else text
    (copy / "agentco" / "edges" / "stores" / name).write_text(guilty)
    code, said = guard(
        copy, "python", "-m", "pytest", "tests/house/test_clock.py", "-p", "no:xdist"
    )
    assert code == 1
    assert f"edges/stores/{name}" in said


@claim("house:pure-domain")
def test_pyright_sees_an_unknown_type_in_code_and_in_tests(copy: Path) -> None:
    (copy / ".venv").symlink_to(sys.prefix)
    (copy / "benchmarks").mkdir()
    for place in ("agentco/runs/guilty.py", "tests/guilty.py"):
        (copy / place).write_text('"""Guilty."""\n\n\ndef f(x):\n    return x.y\n')
        code, said = guard(copy, "basedpyright", place)
        assert code == 1
        assert "reportMissingParameterType" in said


@claim("house:size")
@pytest.mark.parametrize(
    ("lines", "failing"),
    [
        (["x = 1"] * 401, "test_a_module_is_one_idea"),
        (
            ["def f() -> None:", *(f"    print({i})" for i in range(51))],
            "test_a_function_fits_on_a_screen",
        ),
        ([f"x{i} = 1" for i in range(11_001)], "test_the_whole_stays_within_its_lines"),
    ],
)
def test_the_size_test_sees_what_grows(
    copy: Path, lines: list[str], failing: str
) -> None:
    (copy / "agentco" / "work" / "guilty.py").write_text(
        '"""Guilty."""\n\n' + "\n".join(lines) + "\n"
    )
    code, said = guard(
        copy, "python", "-m", "pytest", "tests/house/test_size.py", "-p", "no:xdist"
    )
    assert code == 1
    assert failing in said


@claim("house:imports")
@pytest.mark.parametrize(
    ("place", "line", "failing"),
    [
        (
            "agentco/desk/current_company.py",
            "import asyncio",
            "test_help_loads_nothing_heavy",
        ),
        (
            "agentco/kernel/words.py",
            "import logging",
            "test_the_domain_loads_nothing_of_the_world",
        ),
    ],
)
def test_the_import_test_sees_what_is_loaded(
    copy: Path, place: str, line: str, failing: str
) -> None:
    path = copy / place
    path.write_text(f"{path.read_text()}\n{line}\n")
    code, said = guard(
        copy, "python", "-m", "pytest", "tests/house/test_imports.py", "-p", "no:xdist"
    )
    assert code == 1
    assert failing in said


@claim("docs:transcripts")
def test_the_docs_test_sees_a_screen_that_changed(copy: Path) -> None:
    shutil.copytree(ROOT / "docs", copy / "docs")
    (copy / "README.md").write_text(
        "```console\n$ agentco --version\nagentco 9.9.9\n```\n"
    )
    args = (
        "-m",
        "pytest",
        "tests/house/test_docs.py",
        "-p",
        "no:xdist",
        "-k",
        "transcript and README",
    )
    code, said = guard(copy, "python", *args)
    assert code == 1
    assert "agentco 9.9.9" in said or "agentco 0.1.0" in said


@claim("house:claims")
@pytest.mark.parametrize(
    ("source", "said_instead"),
    [
        ("def test_x() -> None: ...", "name no known promise"),
        (
            "from claims import claim\n\n@claim('no:such')\ndef test_x() -> None: ...",
            "name no known promise",
        ),
    ],
)
def test_a_test_that_proves_nothing_is_refused(
    copy: Path, source: str, said_instead: str
) -> None:
    (copy / "tests" / "test_guilty.py").write_text(source + "\n")
    code, said = guard(
        copy, "python", "-m", "pytest", "--collect-only", "tests/test_guilty.py"
    )
    assert code != 0
    assert said_instead in said


@claim("house:claims")
def test_a_promise_without_a_test_is_refused(copy: Path) -> None:
    register = copy / "tests" / "claims.py"
    more = (
        'HOUSE.append(Claim("house:unproved", "here", "Nobody shows it."))\nCLAIMS = '
    )
    register.write_text(register.read_text().replace("CLAIMS = ", more, 1))
    code, said = guard(
        copy, "python", "-m", "pytest", "--collect-only", "-m", "not soak"
    )
    assert code != 0
    assert "house:unproved" in said


@claim("house:claims")
def test_a_known_gap_says_why() -> None:
    assert [c.id for c in CLAIMS.values() if c.gap and len(c.gap.split()) < 5] == []
