"""Files with several names: told once and for all, and closed wherever that cannot be told."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from claims import claim
from meanwhile import at_opening, become_link
from small_company import SETTINGS, Place
from typed import Do

from agentco.adapters.files import SeenNames, find_linked_names, read_company

ELSEWHERE = "what only others may know"

pytestmark = claim("permissions:closed-links")


def write(root: Path, path: str, text: str = "x") -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    return root / path


class Looks:
    """Tells that everything below `shut` is closed, and counts how often it is asked."""

    def __init__(self) -> None:
        self.count = 0

    def is_closed(self, path: str) -> bool:
        self.count += 1
        return path.startswith("shut")


def test_a_tree_is_looked_through_once_for_each_new_link(tmp_path: Path) -> None:
    first = write(tmp_path, "a/one")
    (tmp_path / "b").hardlink_to(first)
    (tmp_path / "hidden").hardlink_to(write(tmp_path, "shut/x"))
    looks = Looks()
    seen = SeenNames(tmp_path, looks.is_closed)

    def is_hidden(name: str) -> bool:
        return seen.names_of((tmp_path / name).stat()) is None

    assert (is_hidden("b"), is_hidden("hidden")) == (False, True)
    once = looks.count
    assert (is_hidden("a/one"), is_hidden("hidden"), is_hidden("b")) == (
        False,
        True,
        False,
    )
    assert looks.count == once
    (tmp_path / "shut" / "y").hardlink_to(first)
    assert is_hidden("b")
    (tmp_path / "shut" / "y").unlink()
    assert not is_hidden("b")
    (tmp_path / "a").rename(tmp_path / "shut" / "a")
    assert is_hidden("b")
    (tmp_path / "a").symlink_to("shut/a")
    assert is_hidden("b")


def test_a_file_that_goes_while_a_tree_is_looked_through_stops_nothing(
    tmp_path: Path,
) -> None:
    for name in ("a", "b"):
        write(tmp_path, name)
        (tmp_path / f"{name}2").hardlink_to(tmp_path / name)

    def lose_all(_: str) -> bool:
        for path in tmp_path.iterdir():
            path.unlink()
        return False

    assert sum(find_linked_names(str(tmp_path), lose_all).found.values()) == 1


@pytest.mark.parametrize("folder", ["objects", "data/objects", ".git", "node_modules"])
def test_a_secret_in_a_folder_of_any_name_is_found_under_its_other_name(
    tmp_path: Path, folder: str
) -> None:
    secret = write(tmp_path, f"{folder}/.env", ELSEWHERE)
    (tmp_path / "AGENTS.md").hardlink_to(secret)
    files = read_company(tmp_path, {})
    assert files.sources == ()
    assert [d.code for d in files.diagnostics] == ["link-closed", "no-home"]
    assert "a hard link to what is closed to agents" in files.diagnostics[0].message


def test_what_lies_in_a_part_that_nobody_looked_into_is_not_known(
    tmp_path: Path,
) -> None:
    one = write(tmp_path, "one")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "two").hardlink_to(one)
    (tmp_path / "near").hardlink_to(write(tmp_path, "near2"))

    def unknown(most: int) -> list[bool]:
        names = find_linked_names(str(tmp_path), lambda _: False, most)
        statuses = [(tmp_path / name).stat() for name in ("one", "near")]
        return [names.has_unknown_name(status) for status in statuses]

    assert unknown(9) == [False, False]
    assert unknown(2) == [True, False]


@pytest.mark.parametrize("swapped", ["CLAUDE.md", "notes/more.md", "notes"])
def test_a_company_file_that_becomes_a_link_at_any_moment_tells_nothing(
    places: Callable[[], Place], swapped: str
) -> None:
    number, happened = 0, True
    while happened:
        root = places().root
        write(root, "CLAUDE.md", "@notes/more.md")
        write(root, "notes/more.md", "more")
        secret = write(root, "id_rsa/more.md", ELSEWHERE)
        goal = secret.parent if swapped == "notes" else secret
        with at_opening(number, partial(become_link, root / swapped, goal)) as left:
            files = read_company(root, {"HOME": os.environ["HOME"]})
        assert not any(ELSEWHERE.encode() in source.data for source in files.sources)
        happened = left[0] < 0
        number += 1
    assert number > 2


RULES = """permissions:
  deny: ["Read(by-link/**)", "Read(clients/**)"]
  ask: ["Read(letters/**)"]
"""


@pytest.mark.parametrize(
    ("act", "ruling", "why"),
    [
        ("Read(hidden.md)", "deny", "another name that agents do not see"),
        ("Compute(hidden.md)", "deny", "another name that agents do not see"),
        ("Edit(drafts/hidden.md)", "deny", "another name that agents do not see"),
        ("Read(to-hidden.md)", "deny", "another name that agents do not see"),
        ("Read(twin.md)", "allow", ""),
        ("Read(notes/denied.md)", "deny", "deny Read(clients/**)"),
        ("Read(notes/asked.md)", "ask", "ask Read(letters/**)"),
        ("Read(by-link/a.md)", "deny", "deny Read(by-link/**)"),
        ("Read(notes/a.md)", "allow", ""),
        ("Read(letters/to-clients)", "deny", "deny Read(clients/**)"),
        ("Read(by-link/../notes/a.md)", "deny", "without '..'"),
        ("Edit(x/../drafts/b.md)", "allow", ""),
        ("Read(to-letters/x)", "ask", "ask Read(letters/**)"),
        ("Read(out/x)", "deny", "leads out of the company"),
        ("Read(memory/memory.jsonl)", "deny", "by their tools, not by its file"),
        ("Edit(memory/memory.jsonl)", "deny", "by their tools, not by its file"),
        ("Read(.env\nx)", "deny", "Read(.env*)"),
    ],
)
def test_policy_never_says_allowed_where_the_tool_refuses(
    place: Place, do: Do, act: str, ruling: str, why: str
) -> None:
    place.settings(SETTINGS + RULES)
    root = place.root
    for path in (".env", "notes/a.md", "clients/a.md", "letters/a.md", "drafts/a.md"):
        write(root, path)
    for path in ("hidden.md", "drafts/hidden.md"):
        (root / path).hardlink_to(root / ".env")
    (root / "twin.md").hardlink_to(root / "notes" / "a.md")
    (root / "notes" / "denied.md").hardlink_to(root / "clients" / "a.md")
    (root / "notes" / "asked.md").hardlink_to(root / "letters" / "a.md")
    for path, goal in (
        ("to-hidden.md", "hidden.md"),
        ("by-link", "notes"),
        ("letters/to-clients", "../clients"),
        ("to-letters", "letters"),
        ("out", ".."),
    ):
        (root / path).symlink_to(goal)
    said = json.loads(do("policy", act, "--json").out)
    assert said["ruling"] == ruling
    assert why in said["why"]


@pytest.mark.parametrize("goal", [".env", ".git/notes", "id_rsa/list", "sub/.ssh/x"])
@pytest.mark.parametrize("file", ["BOARD.md", "memory/memory.jsonl"])
def test_a_board_or_memory_that_is_a_link_to_a_secret_is_not_followed(
    place: Place, do: Do, goal: str, file: str
) -> None:
    secret = write(place.root, goal, f"## A\n- [ ] {ELSEWHERE} id:T9\n")
    (place.root / file).unlink(missing_ok=True)
    (place.root / file).symlink_to(os.path.relpath(secret, (place.root / file).parent))
    before = secret.read_bytes()
    for words in (
        ["board"],
        ["board", "done", "T9"],
        ["board", "add", "one"],
        ["memory", "show"],
        ["memory", "add", "Acme", "x", "--type", "client"],
        ["standup"],
    ):
        done = do(*words)
        assert ELSEWHERE not in done.out
        if words[0] == file.partition(".")[0].partition("/")[0].lower():
            assert done.code != 0
            assert "closed to agents" in done.err
    assert secret.read_bytes() == before
    (place.root / file).unlink()
    (place.root / file).symlink_to(write(place.root, "private/own", ""))
    assert do("board").code == do("memory", "show").code == 0
