"""Two branches of a company, with the git that everybody has."""

import json
import subprocess
from pathlib import Path

import pytest
from claims import claim

from agentco.cli.main import main

WHO = (
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@t",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "core.hooksPath=/dev/null",
)


def git(root: Path, *args: str) -> str:
    command = ["git", "-C", str(root), *WHO, *args]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def agentco(root: Path, *args: str) -> None:
    assert main(["--company", str(root), *args]) == 0


def names(root: Path) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for line in (root / "memory" / "memory.jsonl").read_text().splitlines():
        record = json.loads(line)
        known.setdefault(record.get("name", ""), []).extend(
            record.get("observations", ())
        )
    return known


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "farol"
    (root / ".github" / "agents").mkdir(parents=True)
    (root / ".github" / "agents" / "boss.agent.md").write_text(
        "---\ndescription: Mine.\n---\nI am the boss.\n"
    )
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    agentco(root, "init", str(root))
    agentco(root, "memory", "add", "Lumen", "is live", "--type", "product")
    agentco(root, "memory", "add", "standup:2020-01-01", "1. Old", "--type", "standup")
    commit(root)
    git(root, "checkout", "-q", "-b", "other")
    return root


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")


def merged(root: Path) -> None:
    commit(root)
    git(root, "merge", "-q", "other", "-m", "both")
    assert git(root, "status", "--porcelain") == ""


@claim("git:union")
def test_what_both_branches_learned_is_known_after_the_merge(root: Path) -> None:
    for name in ("Ana", "Lumen"):
        agentco(
            root,
            "memory",
            "add",
            name,
            "from other",
            *(["--type", "client"] if name == "Ana" else []),
        )
    commit(root)
    git(root, "checkout", "-q", "main")
    for name in ("Rui", "Lumen"):
        agentco(
            root,
            "memory",
            "add",
            name,
            "from main",
            *(["--type", "client"] if name == "Rui" else []),
        )
    merged(root)
    known = names(root)
    assert set(known["Lumen"]) == {"is live", "from other", "from main"}
    assert (known["Ana"], known["Rui"]) == (["from other"], ["from main"])
    agentco(root, "memory", "check")


@claim("git:union")
@pytest.mark.parametrize("how", [["prune", "--yes"], ["repair", "--compact"]])
def test_a_rewrite_here_and_news_there_lose_nothing_and_pruned_lines_go_again(
    root: Path, how: list[str]
) -> None:
    agentco(root, "memory", "add", "Lumen", "from other")
    commit(root)
    git(root, "checkout", "-q", "main")
    agentco(root, "memory", "add", "Lumen", "is loved")
    agentco(root, "memory", *how)
    merged(root)
    assert set(names(root)["Lumen"]) == {"is live", "is loved", "from other"}
    agentco(root, "memory", "prune", "--yes")
    assert "standup:2020-01-01" not in names(root)
