"""`.agentco` is ours alone: no command works with one that somebody else could have made."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from claims import claim
from small_company import Place
from untrusted.commands import COMMANDS

from agentco.cli.main import main
from agentco.kernel import StateBroken
from agentco.memory_wiring import open_memory

OWN = ".agentco"
pytestmark = claim("trust:own-folder")


def git(root: Path, *args: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(
        ["git", "-C", str(root), *who, *args], check=True, capture_output=True
    )


def link(root: Path) -> None:
    (root.parent / "elsewhere").mkdir(exist_ok=True)
    (root / OWN).symlink_to(root.parent / "elsewhere")


def dangling_link(root: Path) -> None:
    (root / OWN).symlink_to("nowhere")


def file(root: Path) -> None:
    (root / OWN).write_text("")


def repository(root: Path) -> None:
    (root / OWN).mkdir()
    (root / OWN / ".git").write_text("gitdir: ../.git/modules/x\n")


def tracked(root: Path) -> None:
    (root / OWN).mkdir()
    (root / OWN / "up.lock").write_text("1\n")
    git(root, "init", "-q")
    git(root, "add", "-fA")


def submodule(root: Path) -> None:
    git(root, "init", "-q")
    (root / OWN).mkdir()
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{OWN}")


def anothers(root: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    (root / OWN).mkdir()
    os.chown(root / OWN, 12345, 12345)


def memorys_link(root: Path) -> None:
    (root / "memory" / OWN).symlink_to(root.parent)


def memorys_tracked(root: Path) -> None:
    (root / "memory" / OWN).mkdir()
    (root / "memory" / OWN / "x").write_text("")
    git(root, "init", "-q")
    git(root, "add", "-fA")


KINDS: dict[Callable[[Path], None], str] = {
    link: "is a link",
    dangling_link: "is a link",
    file: "is not a folder",
    repository: "is a repository of its own",
    tracked: "git tracks '.agentco/up.lock'",
    submodule: "git tracks '.agentco'",
    anothers: "belongs to another user",
    memorys_link: "is a link",
    memorys_tracked: "git tracks 'memory/.agentco/x'",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_refuses_it_in_two_lines(
    place: Place,
    kind: Callable[[Path], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind(place.root)
    monkeypatch.chdir(place.root)
    before = sorted(place.root.parent.rglob("*"))
    for command in COMMANDS:
        if command == ["mcp"]:
            continue  # it opens the memory, as is done below
        assert main([*command]) == 5, command
        said = capsys.readouterr()
        if "--json" in command:
            assert KINDS[kind] in json.loads(said.out)["error"]["what"], command
            continue
        *_, what, hint = said.err.splitlines()
        assert KINDS[kind] in what, command
        assert hint.startswith("hint:  "), command
    assert sorted(place.root.parent.rglob("*")) == before
    with pytest.raises(StateBroken, match=KINDS[kind]):
        open_memory()


def test_what_git_no_longer_tracks_is_ours_again(place: Place) -> None:
    tracked(place.root)
    assert main(["--company", str(place.root), "board"]) == 5
    git(place.root, "rm", "-rq", "--cached", OWN)
    assert main(["--company", str(place.root), "board"]) == 0
