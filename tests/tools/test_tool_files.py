"""Reading and searching the company: nothing outside it, nothing closed, large things part by part."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from claims import claim
from meanwhile import at_opening, become_link
from small_company import Place
from toolbox import Desk, act

from agentco.adapters.files import open_inside
from agentco.adapters.git import GitIgnore
from agentco.calculation import ComputeAct
from agentco.runs import Compute, Edit, Gather, Read, Search, Skill

ELSEWHERE = "what only others may know"


@pytest.fixture
def desk(place: Place) -> Desk:
    (place.root / "notes" / "deep").mkdir(parents=True)
    (place.root / "notes" / "deep" / "plan.md").write_text(
        "Plan\nCall ACME about the Price\n"
    )
    (place.root.parent / "outside").mkdir()
    (place.root.parent / "outside" / "plan.md").write_text(ELSEWHERE)
    return Desk(place)


@claim("tools:files-inside")
@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../outside/plan.md",
        "notes/../../outside/plan.md",
        "notes/deep/../deep/plan.md",
        "/etc/passwd",
        "~/.ssh/id_rsa",
        "~",
        "notes\0/plan.md",
        "gone.md",
        "notes/deep/plan.md/x",
        "x" * 5000,
        "x" * 200_000,
        "x/" * 100_000,
        "./" * 100_000 + "out/plan.md",
        "out/plan.md",
        "out",
        "file-out",
        "loop",
        "pipe",
        "device",
        "socket-like/../../outside",
        "notes\\..\\..\\outside\\plan.md",
    ],
)
def test_fault_71_nothing_outside_is_read_and_nothing_hangs(
    desk: Desk, path: str
) -> None:
    root, outside = desk.place.root, desk.place.root.parent / "outside"
    (root / "out").symlink_to(outside)
    (root / "file-out").symlink_to(outside / "plan.md")
    (root / "loop").symlink_to("loop")
    (root / "device").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe")
    assert ELSEWHERE not in desk.refused(Read(path=path))


@claim("tools:files-inside")
@pytest.mark.parametrize(
    "path", ["notes/deep/plan.md", "./notes//deep/plan.md", "link.md", "folder/plan.md"]
)
def test_what_lies_inside_is_read_also_by_a_link_that_stays_inside(
    desk: Desk, path: str
) -> None:
    (desk.place.root / "link.md").symlink_to("notes/deep/plan.md")
    (desk.place.root / "folder").symlink_to(desk.place.root / "notes" / "deep")
    assert desk.told(Read(path=path)).endswith(
        "lines 1 to 2 of 2, hash e64d85b12014]\nPlan\nCall ACME about the Price"
    )


def not_private(path: str) -> bool:
    return not path.startswith("private/")


@claim("tools:files-inside")
@pytest.mark.parametrize(
    "action",
    [
        Read(path="notes/deep/plan.md"),
        Search(words="only others"),
        Read(path="notes"),
        Skill(name="how", file="deep/plan.md"),
    ],
    ids=["read", "search", "list", "skill"],
)
@pytest.mark.parametrize("swapped", ["notes", "notes/deep", "notes/deep/plan.md"])
def test_fault_71_a_folder_that_becomes_a_link_at_any_moment_leads_nowhere(
    places: Callable[[], Place], action: Read | Search | Skill, swapped: str
) -> None:
    number, happened = 0, True
    while happened:
        place = places()
        desk, outside = Desk(place), place.root.parent / "outside"
        skill = place.root / ".github" / "skills" / "how"
        skill.mkdir(parents=True)
        (skill / "SKILL.md").write_text(
            "---\nname: how\ndescription: How.\n---\n\nSo.\n"
        )
        home = skill if isinstance(action, Skill) else place.root / "notes"
        swap = home / swapped.removeprefix("notes").removeprefix("/")
        for folder, text in ((home, "inside"), (outside, ELSEWHERE)):
            (folder / "deep").mkdir(parents=True)
            (folder / "deep" / "plan.md").write_text(text)
        goal = outside / swapped.removeprefix("notes").removeprefix("/")
        desk.tools.company.load()
        desk.tools.company.settings()

        with at_opening(number, partial(become_link, swap, goal)) as left:
            said = desk.does(action, act(skills=("how",))).text
        assert ELSEWHERE not in said
        happened = left[0] < 0
        number += 1
    assert number > 2


@claim("permissions:closed-links")
def test_a_hard_link_that_is_put_there_at_any_moment_shows_nothing(
    places: Callable[[], Place],
) -> None:
    def become_secret(path: Path, secret: Path) -> None:
        path.unlink()
        path.hardlink_to(secret)

    number, happened = 0, True
    while happened:
        place = places()
        place.write(".env", ELSEWHERE)
        plan = place.write("notes/plan.md", "what others know")
        desk = Desk(place)
        desk.tools.company.load()
        secret = place.root / ".env"
        with at_opening(number, partial(become_secret, plan, secret)) as left:
            said = desk.does(Search(words="others know", files="notes/**")).text
        assert ELSEWHERE not in said
        happened = left[0] < 0
        number += 1
    assert number > 2


@claim("tools:files-closed")
@pytest.mark.parametrize(
    "path",
    [".env", ".env.local", ".env\nx", "build\\x", ".git\\x", "notes/.ENV", ".git/config", ".agentco/x", "memory/memory.jsonl", "memory/trash.jsonl", "secret.log", "build/out.txt", "notes/own.txt", "to-env", "to-private/x.md"],
)  # fmt: skip
def test_what_keeps_secrets_or_is_ignored_is_closed_to_reading_listing_and_searching(
    desk: Desk, path: str
) -> None:
    root = desk.place.root
    for folder in (".git", ".agentco", "build", "private"):
        (root / folder).mkdir()
    (root / ".gitignore").write_text("*.log\nbuild/\n!kept.log\n")
    (root / "notes" / ".gitignore").write_text("own.txt\n")
    for name in (
        ".env",
        ".env.local",
        ".env\nx",
        "build\\x",
        ".git\\x",
        "notes/.ENV",
        ".git/config",
        ".agentco/x",
        "memory/memory.jsonl",
        "memory/trash.jsonl",
        "secret.log",
        "build/out.txt",
        "notes/own.txt",
        "private/x.md",
    ):
        (root / name).write_text("needle")
    (root / "kept.log").write_text("needle")
    (root / "to-env").symlink_to(".env")
    (root / "to-private").symlink_to("private")
    desk = Desk(desk.place, may_read=not_private)
    assert "needle" not in desk.refused(Read(path=path))
    assert (
        desk.told(Search(words="needle"))
        == "kept.log:1: needle\n(left out, as they may not be read: 1 files)"
    )
    listed = set(desk.told(Read(path=".")).split("\n")[1:])
    assert listed.isdisjoint({path} - {"to-env"})
    assert not any(name.startswith(("private", ".git/", "build")) for name in listed)


@claim("permissions:closed-links")
@pytest.mark.parametrize("other", ["build/x", ".env", "../outside/x", "a.pem"])
def test_a_hard_link_to_what_agents_do_not_see_is_closed_however_it_is_asked_for(
    desk: Desk, other: str
) -> None:
    root = desk.place.root
    (root / ".gitignore").write_text("build/\n")
    (root / other).parent.mkdir(exist_ok=True)
    (root / other).write_text("needle 5")
    (root / "drafts").mkdir()
    for name in ("notes/plain.md", "drafts/b.md"):
        (root / name).hardlink_to(root / other)
    (root / "notes" / "by-link.md").symlink_to("plain.md")
    for path in ("notes/plain.md", "drafts/b.md", "notes/by-link.md"):
        assert "another name that you may not see" in desk.refused(Read(path=path))
    assert "no file has all" in desk.told(Search(words="needle"))
    assert "plain.md" not in desk.told(Read(path="notes"))
    edit = Edit(path="notes/plain.md", hash="0" * 12, old="needle", new="thread")
    assert "not for agents" in desk.refused(edit)
    asked = Compute(operation=ComputeAct.SUM, file="notes/plain.md", column="needle")
    assert "not for agents" in desk.refused(asked)


@claim("permissions:closed-links")
def test_a_file_whose_names_agents_all_see_is_open(desk: Desk) -> None:
    root = desk.place.root
    (root / "twin.md").hardlink_to(root / "notes" / "deep" / "plan.md")
    assert "ACME" in desk.told(Read(path="twin.md"))
    assert desk.told(Search(words="acme")).count("ACME") == 2
    (root / ".gitignore").write_text("twin.md\n")
    desk = Desk(desk.place)
    assert "not for agents" in desk.refused(Read(path="notes/deep/plan.md"))


@claim("permissions:closed-links")
def test_a_hard_link_to_what_a_rule_closes_is_closed_to_that_agent(desk: Desk) -> None:
    root = desk.place.root
    desk.place.write("private/a.md", "needle 5")
    (root / "notes" / "plain.md").hardlink_to(root / "private" / "a.md")
    assert "needle" in desk.told(Read(path="notes/plain.md"))
    desk = Desk(desk.place, may_read=not_private)
    assert "not for agents" in desk.refused(Read(path="notes/plain.md"))
    assert "needle 5" not in desk.does(Search(words="needle")).text
    assert "plain.md" not in desk.told(Read(path="notes"))


@claim("tools:files-closed")
def test_ignored_files_are_those_that_git_ignores(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*.tmp\n/a/b/only.md\nlogs/\n# note\n****.x\n")
    (tmp_path / "a" / ".gitignore").write_text("!kept.tmp\nb/late.md\n")
    ignored = GitIgnore(str(tmp_path))
    closed = [
        "x.tmp",
        "a/x.tmp",
        "a/b/only.md",
        "logs/",
        "logs/x",
        "c/logs/deep/x",
        "a/b/late.md",
        "y.x",
    ]
    open_ = [
        "a/kept.tmp",
        "a/b/kept.tmp",
        "late.md",
        "only.md",
        "b/late.md",
        "logs",
        "",
    ]
    assert [path for path in closed if not ignored.ignores_path(path)] == []
    assert [path for path in open_ if ignored.ignores_path(path)] == []


def open_files() -> list[str]:
    return sorted(path.name for path in Path("/dev/fd").iterdir())


@claim("tools:files-inside")
def test_a_handle_is_opened_below_a_folder_and_left_nowhere(desk: Desk) -> None:
    before = open_files()
    os.close(open_inside(desk.place.root, "notes/deep"))
    for path in ("gone", "notes/deep/plan.md/x"):
        with pytest.raises(OSError, match=r"No such file|Not a directory"):
            open_inside(desk.place.root, path)
    desk.told(Search(words="plan"))
    desk.told(Read(path="."))
    assert open_files() == before


@claim("tools:files-window")
def test_a_window_says_which_lines_of_how_many(desk: Desk) -> None:
    path = desk.place.root / "long.md"
    path.write_text("".join(f"line {n}\r\n" for n in range(1, 1001)))
    assert (
        desk.told(Read(path="long.md", first_line=2, lines=2))
        == "[long.md: lines 2 to 3 of 1,000, hash c102fa325ea2]\nline 2\nline 3"
    )
    assert desk.told(Read(path="long.md")).startswith(
        "[long.md: lines 1 to 400 of 1,000, hash "
    )
    assert "only 1,000 lines" in desk.refused(Read(path="long.md", first_line=1001))


@claim("tools:files-window")
def test_every_part_of_a_stored_result_can_be_reached_also_of_one_endless_line(
    desk: Desk,
) -> None:
    desk = Desk(desk.place, stored={"r1.4": "x" * 4000 + "needle" + "y" * 10})
    said = desk.told(Read(handle="r1.4", first_line=3, lines=1))
    assert said == f"[r1.4: lines 3 to 3 of 3]\nneedle{'y' * 10}"
    assert desk.told(Search(handle="r1.4", words="NEEDLE")) == f"3: needle{'y' * 10}"
    assert "no stored result 'r9.9'" in desk.refused(Read(handle="r9.9"))
    assert "no stored result 'r9.9'" in desk.refused(Search(handle="r9.9", words="x"))


@claim("tools:files-window")
def test_a_file_that_is_no_text_or_too_large_is_told_or_cut(desk: Desk) -> None:
    (desk.place.root / "logo.png").write_bytes(b"\x89PNG\0\0")
    (desk.place.root / "huge.txt").write_bytes(b"a" * 5 * 1024 * 1024)
    (desk.place.root / "odd.txt").write_bytes(
        b"\xef\xbb\xbfok \xff\x1b[31mred\x1b[0m\xe2\x80\xae"
    )
    assert "is an image (PNG)" in desk.refused(Read(path="logo.png"))
    assert (
        len(desk.told(Read(path="huge.txt", lines=2000)).replace("\n", ""))
        < 4 * 1024 * 1024 + 60
    )
    (desk.place.root / "empty.md").write_text("")
    assert (
        desk.told(Read(path="empty.md"))
        == "[empty.md: lines 1 to 1 of 1, hash e3b0c44298fc]\n"
    )
    assert desk.told(Read(path="odd.txt")).endswith("\nok \ufffdred\\u202e")


@claim("tools:files-window")
def test_a_folder_lists_the_files_below_it(desk: Desk) -> None:
    (desk.place.root / "notes" / "a.md").write_text("a")
    assert (
        desk.told(Read(path="notes"))
        == "[notes: lines 1 to 2 of 2]\nnotes/a.md\nnotes/deep/plan.md"
    )
    assert ".github/agentco.yml" in desk.told(Read(path=".")).split("\n")


@claim("tools:search")
def test_all_words_stand_on_one_line_whatever_their_case(desk: Desk) -> None:
    (desk.place.root / "notes" / "b.md").write_text("price\nacme\n")
    assert (
        desk.told(Search(words="price acme"))
        == "notes/deep/plan.md:2: Call ACME about the Price"
    )
    assert desk.told(Search(words="acme", files="notes/*.md")) == "notes/b.md:2: acme"
    assert (
        desk.told(Search(words="price", files="drafts/**"))
        == "no file has all of these words"
    )


@contextmanager
def endless(root: Path) -> Generator[None]:
    """Folders so deep that no path names the last; whoever cleans up behind us would stumble over them."""
    here = os.open(root, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deeper", dir_fd=here)
        inner = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        yield
    finally:
        first, second = root / "deeper", root / "deeper" / "deeper"
        while second.exists():
            second.rename(root / "next")
            first.rmdir()
            (root / "next").rename(first)
        first.rmdir()


@claim("tools:search")
def test_endless_folders_end(desk: Desk) -> None:
    with endless(desk.place.root):
        assert desk.told(Search(words="price")).startswith("notes/deep/plan.md")
    assert not (desk.place.root / "deeper").exists()


@claim("tools:search")
def test_a_hundred_lines_are_shown_and_the_rest_is_counted(desk: Desk) -> None:
    (desk.place.root / "many.md").write_text("needle\n" * 150)
    said = desk.told(Search(words="needle")).split("\n")
    assert len(said) == 101
    assert said[-1].startswith("…50 more")


def skill(place: Place, name: str, files: int = 0) -> Path:
    folder = place.root / ".github" / "skills" / name
    (folder / "references").mkdir(parents=True)
    (folder / "SKILL.md").write_text(
        f"---\nname: {name}\ndescription: Does {name}.\n---\n\n# How\n\nSo.\n"
    )
    for n in range(files):
        (folder / "references" / f"{n:03}.md").write_text(f"part {n}")
    return folder


@claim("tools:skill")
def test_a_skill_is_its_body_its_folder_and_the_names_of_its_files(
    place: Place,
) -> None:
    skill(place, "pricing", 2)
    said = Desk(place).told(Skill(name="pricing"), act(skills=("pricing",)))
    assert said == (
        '<skill_content name="pricing">\n# How\n\nSo.\n'
        "Skill directory: .github/skills/pricing; relative paths are relative to it\n"
        "<skill_resources>\n<file>references/000.md</file>\n<file>references/001.md</file>\n</skill_resources>\n"
        "</skill_content>"
    )


@claim("tools:skill")
def test_fifty_files_are_named_and_the_rest_counted_and_each_is_read_on_demand(
    place: Place,
) -> None:
    skill(place, "pricing", 53)
    desk, mine = Desk(place), act(skills=("pricing",))
    said = desk.told(Skill(name="pricing"), mine)
    assert said.count("<file>") == 50
    assert "\n…3 more\n" in said
    assert desk.told(Skill(name="pricing", file="references/052.md"), mine) == "part 52"


@claim("tools:skill")
@pytest.mark.parametrize(
    "file",
    [
        "../other/SKILL.md",
        "/etc/passwd",
        "link.md",
        "gone.md",
        ".env",
        ".",
        "references/../../other/SKILL.md",
    ],
)
def test_only_the_skills_own_files_are_read(place: Place, file: str) -> None:
    folder = skill(place, "pricing")
    (skill(place, "other") / "SKILL.md").write_text(
        "---\nname: other\ndescription: o\n---\nhidden\n"
    )
    (folder / "link.md").symlink_to("../other/SKILL.md")
    (folder / ".env").write_text("hidden")
    assert "hidden" not in Desk(place).refused(
        Skill(name="pricing", file=file), act(skills=("pricing",))
    )


@claim("tools:skill")
def test_only_granted_skills_and_the_agents_own_are_given(place: Place) -> None:
    skill(place, "pricing")
    skill(place, "law")
    text = (
        "---\nname: lawyer\ndescription: Law.\nagentco:\n  skills: [law]\n---\n\nLaw.\n"
    )
    place.agent("lawyer", text)
    desk = Desk(place)
    assert "did you mean 'pricing'" in desk.refused(
        Skill(name="pricings"), act(skills=("pricing",))
    )
    assert "your skills are none" in desk.refused(Skill(name="law"))
    assert "Does" not in desk.told(Skill(name="Law"), act(agent="lawyer"))


@claim("tools:skill")
def test_a_skill_of_the_founders_own_home_is_read_there(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".copilot" / "skills" / "mine"
    folder.mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*\n")
    (folder / "SKILL.md").write_text(
        "---\nname: mine\ndescription: Mine.\n---\n\nSo.\n"
    )
    (folder / "more.md").write_text("more")
    desk = Desk(place)
    assert "<file>more.md</file>" in desk.told(
        Skill(name="mine"), act(skills=("mine",))
    )
    assert (
        desk.told(Skill(name="mine", file="more.md"), act(skills=("mine",))) == "more"
    )


@claim("tools:told")
def test_what_is_no_tool_here_is_told(desk: Desk) -> None:
    assert "not a tool" in desk.refused(Gather(handle="r1.2", question="What?"))


@claim("tools:told")
def test_a_file_that_may_not_be_opened_is_told_in_words(desk: Desk) -> None:
    assert desk.refused(Read(path="gone.md")).startswith(
        "it cannot be read: No such file"
    )


def not_rebates(path: str) -> bool:
    return "rebates" not in path


@claim("tools:skill")
def test_a_file_that_rules_close_is_closed_as_a_part_of_a_skill_too(
    place: Place,
) -> None:
    folder = skill(place, "pricing", 2)
    (folder / "references" / "rebates.md").write_text(ELSEWHERE)
    desk = Desk(place, may_read=not_rebates)
    mine = act(skills=("pricing",))
    said = desk.refused(Skill(name="pricing", file="references/rebates.md"), mine)
    assert "not for agents" in said
    assert "rebates" not in desk.told(Skill(name="pricing"), mine)
    assert desk.told(Skill(name="pricing", file="references/000.md"), mine) == "part 0"
