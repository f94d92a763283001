"""Files in an agent's hands: written where it may, on what it read, once, and nowhere else."""

import errno
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from claims import claim
from small_company import Place
from toolbox import KEY, Desk, act

from agentco.adapters.files import Disk
from agentco.adapters.tools import written_file
from agentco.kernel import StateBroken
from agentco.runs import Edit, Read

PLAN = "# Plan\nPrice: EUR 19\nDay: Monday\n"
ELSEWHERE = "what only others may write"


@pytest.fixture
def desk(place: Place) -> Desk:
    place.write("drafts/plan.md", PLAN)
    (place.root.parent / "outside").mkdir()
    (place.root.parent / "outside" / "plan.md").write_text(ELSEWHERE)
    return Desk(place)


def version(desk: Desk, path: str = "drafts/plan.md") -> str:
    """The hash that reading shows."""
    found = re.search(r", hash ([0-9a-f]+)\]", desk.told(Read(path=path)))
    assert found
    return found[1]


def kept(desk: Desk) -> dict[str, bytes]:
    """The files of the company, without those of locks."""
    files = desk.place.files()
    return {path: data for path, data in files.items() if ".agentco/" not in path}


def text_of(desk: Desk, path: str = "drafts/plan.md") -> str:
    return (desk.place.root / path).read_text()


def price(desk: Desk, **more: str) -> Edit:
    facts = {"old": "EUR 19", "new": "EUR 24", "hash": version(desk)} | more
    return Edit(path="drafts/plan.md", **facts)


@claim("tools:edit")
def test_a_passage_is_replaced_and_the_new_hash_is_told(desk: Desk) -> None:
    said = desk.told(price(desk))
    assert text_of(desk) == PLAN.replace("19", "24")
    assert said == f"drafts/plan.md is written, hash {version(desk)}"


@claim("tools:edit")
def test_a_new_file_is_written_with_its_folders(desk: Desk) -> None:
    desk.told(Edit(path="drafts/2026/nov/week.md", text="# Week\nDone"))
    assert text_of(desk, "drafts/2026/nov/week.md") == "# Week\nDone\n"


@claim("tools:edit")
def test_a_short_file_is_replaced_whole_and_keeps_its_mode(desk: Desk) -> None:
    path = desk.place.root / "drafts/plan.md"
    path.chmod(0o640)
    desk.told(Edit(path="drafts/plan.md", text="New", hash=version(desk)))
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("New\n", 0o640)


@claim("tools:edit")
def test_differences_that_were_passed_over_are_told(desk: Desk) -> None:
    desk.place.write("drafts/plan.md", "It\u2019s so\nEnd\n")
    said = desk.told(price(desk, old="It's so"))
    assert said.endswith(
        "your old text was found although its typographic quotes differed"
    )


@claim("tools:edit")
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"hash": ""}, "is there already: Read it, and give the hash"),
        ({"hash": "0" * 12}, "is not what you read: it changed since"),
        ({"hash": "abc"}, "is not what you read"),
        ({"old": "EUR 29"}, "nearest is line 2: Price: EUR 19"),
        ({"old": "a"}, "3 times, on lines 1, 3, 3"),
        ({"old": "", "new": "x"}, "give `old` and `new`"),
        ({"old": "", "new": "", "text": ""}, "give `old` and `new`"),
        ({"text": "x"}, "give `old` and `new`"),
        ({"new": "EUR 19"}, "says exactly this"),
        ({"new": "a\0b"}, "control character"),
        ({"new": "x" * 1_000_001}, "larger than 1,000,000 bytes"),
        ({"new": KEY}, "what looks like an API key"),
    ],
    ids=ascii,
)
def test_what_cannot_be_is_told_and_nothing_changes(
    desk: Desk, more: dict[str, str], why: str
) -> None:
    before = kept(desk)
    edit = price(desk, **more)
    assert desk.image(edit) is None
    assert why in desk.refused(edit)
    assert kept(desk) == before


@claim("tools:edit")
def test_a_long_file_is_not_given_whole_and_no_file_is_made_by_a_replacement(
    desk: Desk,
) -> None:
    desk.place.write("drafts/long.md", "line\n" * 9_000)
    whole = Edit(path="drafts/long.md", text="x", hash=version(desk, "drafts/long.md"))
    assert "too long to be given whole" in desk.refused(whole)
    new = Edit(path="drafts/new.md", old="a", new="b")
    assert "there is no file" in desk.refused(new)


HOSTILE = [
    "",
    ".",
    "..",
    "../outside/plan.md",
    "drafts/../../outside/plan.md",
    "drafts/../.git/config",
    "drafts/../.GIT/config",
    "drafts/..\\..\\..\\outside\\plan.md",
    "/etc/cron.d/x",
    "~/.bashrc",
    "C:/x.md",
    "drafts/a\0b.md",
    "drafts/a\nb.md",
    "drafts/evil\u202egpj.md",
    "drafts/in\u200bvisible.md",
    "drafts/" + "x" * 5000,
    "drafts/" + "x" * 250 + ".md",
    "drafts/" + "d/" * 200 + "x.md",
    "out/plan.md",
    "drafts/out/new.md",
    "drafts/file-out.md",
    "drafts/inside.md",
    "drafts/loop",
    "drafts/pipe",
    "drafts/folder",
    "drafts/hard.md",
    "drafts/plan.md/x",
    "drafts/PLAN.md",
    "Drafts/new.md",
    "drafts/cafe\u0301.md",
    ".env",
    ".env.local",
    ".agentco/state.db",
    ".AGENTCO/x",
    ".git/hooks/pre-commit",
    "memory/memory.jsonl",
    "secret/x.md",
    "drafts/../secret/x.md",
]


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path): b"" if path.is_symlink() or path.is_fifo() else path.read_bytes()
        for path in folder.rglob("*")
        if not path.is_dir() and ".agentco" not in path.parts
    }


@claim("tools:edit-inside")
@pytest.mark.parametrize("path", HOSTILE, ids=ascii)
def test_fault_71_nothing_is_written_elsewhere_and_no_file_is_lost(
    desk: Desk, path: str
) -> None:
    root, outside = desk.place.root, desk.place.root.parent / "outside"
    desk.place.write(".gitignore", "secret/\n")
    desk.place.write("secret/x.md", "mine")
    desk.place.write(".git/config", "")
    desk.place.write("drafts/caf\u00e9.md", "mine")
    (root / "out").symlink_to(outside)
    (root / "drafts/out").symlink_to(outside)
    (root / "drafts/file-out.md").symlink_to(outside / "plan.md")
    (root / "drafts/inside.md").symlink_to("plan.md")
    (root / "drafts/loop").symlink_to("loop")
    (root / "drafts/folder").mkdir()
    (root / "drafts/hard.md").hardlink_to(outside / "plan.md")
    os.mkfifo(root / "drafts/pipe")
    before = everything(root.parent)
    for more in ({}, {"hash": "0" * 12}, {"hash": version(desk)}):
        edit = Edit(path=path, text="x", **more)
        assert ELSEWHERE not in desk.refused(edit)
        assert desk.image(edit) is None
    assert everything(root.parent) == before


def swap(path: Path, goal: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(goal)


@claim("tools:edit-inside")
@pytest.mark.parametrize("what", ["folder", "file", "new", "saved"])
@pytest.mark.parametrize("when", ["written", "synced"])
def test_what_is_swapped_while_a_file_is_written_is_not_written_through(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str, when: str
) -> None:
    root, outside = desk.place.root, desk.place.root.parent / "outside"
    before = everything(outside)

    def meddle() -> None:
        match what:
            case "folder":
                swap(root / "drafts", outside)
            case "file":
                swap(root / "drafts/plan.md", outside / "plan.md")
            case "new":
                (root / "drafts/new.md").symlink_to(outside / "new.md")
            case _:
                (root / "drafts/plan.md").write_text("the founder's")

    act_of = {"written": "write", "synced": "sync"}[when]
    real: Callable[..., object] = getattr(Disk, act_of)

    def meddling(disk: Disk, *args: object) -> object:
        meddle()
        return real(disk, *args)

    edit = price(desk)
    if what == "new":
        edit = Edit(path="drafts/new.md", text="x")
    monkeypatch.setattr(Disk, act_of, meddling)
    done = desk.does(edit)
    assert everything(outside) == before
    assert not list(root.rglob("*.tmp"))
    if what == "saved":
        assert (done.ok, text_of(desk)) == (False, "the founder's")
    if what == "folder":
        assert done.ok
        assert (root / "moved/plan.md").read_text() == PLAN.replace("19", "24")
    else:
        assert not done.ok


@claim("tools:edit-inside")
@pytest.mark.parametrize("act_of", ["write", "sync"])
def test_fault_87_a_full_disk_leaves_the_file_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, act_of: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    edit = price(desk)
    before = kept(desk)
    with monkeypatch.context() as patch:
        patch.setattr(Disk, act_of, full)
        with pytest.raises(StateBroken, match="No space left"):
            desk.does(edit)
    assert kept(desk) == before
    assert desk.told(edit)


@claim("tools:edit-inside")
@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_fault_44_a_folder_that_cannot_be_written_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    edit = price(desk)
    monkeypatch.setattr(Disk, "write", refuse)
    assert f"cannot be written: {os.strerror(number)}" in desk.refused(edit)
    assert text_of(desk) == PLAN


@claim("tools:edit-inside")
def test_a_disk_without_hard_links_still_takes_a_new_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(written_file.os, "link", none)
    desk.told(Edit(path="drafts/new.md", text="x"))
    assert text_of(desk, "drafts/new.md") == "x\n"


def not_of_clients(path: str) -> bool:
    return not path.startswith("clients/")


@claim("tools:edit-inside")
def test_what_an_agent_may_not_read_it_does_not_see_by_writing(place: Place) -> None:
    place.write("clients/acme.md", "The price of ACME is 900\n")
    desk = Desk(place, may_read=not_of_clients)
    edit = Edit(path="clients/acme.md", old="price of", new="x", hash="0" * 12)
    assert "is not for agents" in desk.refused(edit)


@claim("tools:once")
@pytest.mark.parametrize("kind", ["new", "there"])
def test_an_edit_that_was_made_is_not_made_again(desk: Desk, kind: str) -> None:
    edit = price(desk) if kind == "there" else Edit(path="drafts/new.md", text="x")
    image = desk.image(edit)
    assert image
    first = desk.does(edit, act(), image)
    after = desk.place.files()
    assert desk.does(edit, act(again=True), image) == first
    assert desk.place.files() == after


@claim("tools:once")
def test_an_edit_that_was_not_made_is_made_when_it_comes_again(desk: Desk) -> None:
    edit = price(desk)
    image = desk.image(edit)
    assert desk.does(edit, act(again=True), image).ok
    assert "EUR 24" in text_of(desk)


@claim("tools:once")
def test_a_kill_between_the_two_names_of_a_new_file_leaves_one(desk: Desk) -> None:
    edit = Edit(path="drafts/new.md", text="x")
    image = desk.image(edit)
    beside = desk.place.root / "drafts/.agentco-r1.2.tmp"
    beside.write_text("x\n")
    (desk.place.root / "drafts/new.md").hardlink_to(beside)
    assert desk.does(edit, act(again=True), image).ok
    assert not beside.exists()
    assert (desk.place.root / "drafts/new.md").stat().st_nlink == 1


@claim("tools:once")
@pytest.mark.parametrize("again", [True, False])
def test_a_file_that_changed_since_it_was_looked_at_stays(
    desk: Desk, again: bool
) -> None:
    edit = price(desk)
    image = desk.image(edit)
    desk.place.write("drafts/plan.md", PLAN + "The founder's line\n")
    done = desk.does(edit, act(again=again), image)
    assert (done.ok, done.doubtful) == (False, again)
    assert text_of(desk).endswith("The founder's line\n")


@claim("tools:edit")
def test_a_name_in_other_letters_than_one_that_is_there_is_named(desk: Desk) -> None:
    said = desk.refused(Edit(path="drafts/Plan.md", text="x"))
    assert "there is 'plan.md'" in said
    name = unicodedata.normalize("NFD", "é.md")
    desk.place.write("drafts/\u00e9.md", "x")
    assert "there is" in desk.refused(Edit(path=f"drafts/{name}", text="x"))
