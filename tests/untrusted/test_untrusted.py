"""A folder that nobody trusts yet: no command starts a program, connects, hangs or writes outside."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from claims import claim
from small_company import Place
from untrusted.commands import COMMANDS
from untrusted.repositories import PLANTERS

import agentco

ROOT = Path(agentco.__file__).parents[1]
WATCHED = Path(__file__).parent / "watched.py"
MAX_SECONDS, MAX_MEGABYTES = 2.0, 300
FEW = [["standup"], ["board", "add", "Task"], ["check"], ["status"], ["up"]]
KEPT = (".local/state/agentco/", ".cache/agentco/")
TRUSTED_BY_NOBODY = {"ask", "run", "up"}


def company(folder: Path) -> Place:
    place = Place(folder / "company")
    place.agent("cto")
    place.board("- [ ] Task id:T1")
    (place.root / "more.jsonl").write_text(
        '{"type":"entity","name":"b","entityType":"t","observations":["y"]}\n'
    )
    return place


class Watcher:
    """A process that runs commands under watch."""

    def __init__(self, notes: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(WATCHED), str(notes)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(self, place: Place, home: Path, command: list[str]) -> dict[str, Any]:
        """What a command did in a company."""
        assert self.process.stdin
        assert self.process.stdout
        order = {"folder": str(place.root), "home": str(home), "command": command}
        self.process.stdin.write(json.dumps(order) + "\n")
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory) -> Generator[Watcher]:
    watcher = Watcher(tmp_path_factory.mktemp("notes"))
    with watcher.process:
        yield watcher
        assert watcher.process.stdin
        watcher.process.stdin.close()


def marks_outside(folder: Path) -> dict[str, tuple[int, int]]:
    """What lies outside the company and the user's own state."""
    found: dict[str, tuple[int, int]] = {}
    for path in folder.rglob("*"):
        info = path.lstat()
        found[str(path)] = (info.st_size, info.st_mtime_ns)
    return found


def problems_of(did: dict[str, Any]) -> list[str]:
    """What a command did that no command may do in such a folder."""
    found = [f"it asked for a {line}" for line in did["heard"]]
    if did["code"] < 0 or did["code"] > 7:
        found.append(f"it ended with {did['code']}")
    if "Traceback" in did["said"] or "a bug in agentco" in did["said"]:
        found.append(did["said"])
    shows_only = "--show-prompt" in did["command"]
    if did["code"] == 0 and did["command"][0] in TRUSTED_BY_NOBODY and not shows_only:
        found.append("it needs no trust")
    if did["seconds"] > MAX_SECONDS:
        found.append(f"it took {did['seconds']:.1f} s")
    if did["megabytes"] > MAX_MEGABYTES:
        found.append(f"it took {did['megabytes']} MB")
    return found


def untouched(
    watcher: Watcher, name: str, tmp_path: Path, commands: list[list[str]]
) -> None:
    place = company(tmp_path)
    outside, home = tmp_path / "outside", tmp_path / "home"
    outside.mkdir()
    home.mkdir()
    PLANTERS[name](place.root, outside)
    before = marks_outside(outside)
    found: dict[str, list[str]] = {}
    for command in commands:
        if problems := problems_of(watcher.run(place, home, command)):
            found[" ".join(command)] = problems
    assert found == {}
    assert marks_outside(outside) == before
    kept = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    assert all(str(path).startswith(KEPT) for path in kept)


@claim("trust:untrusted")
@pytest.mark.parametrize("name", PLANTERS)
def test_a_hostile_repository_gets_nothing_from_the_commands_of_a_morning(
    watcher: Watcher, name: str, tmp_path: Path
) -> None:
    untouched(watcher, name, tmp_path, FEW)


@claim("trust:untrusted")
@pytest.mark.soak
@pytest.mark.parametrize("name", PLANTERS)
def test_a_hostile_repository_gets_nothing_from_any_command(
    watcher: Watcher, name: str, tmp_path: Path
) -> None:
    untouched(watcher, name, tmp_path, COMMANDS)
