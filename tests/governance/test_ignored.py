"""Patterns of `.gitignore`: what git says itself of thousands of paths, and what costs it nothing."""

import os
import subprocess
from pathlib import Path
from random import Random
from shutil import rmtree

import pytest
from claims import claim
from processor_time import seconds_of_work

from agentco.adapters.git import GitIgnore
from agentco.file_formats import IgnorePatterns, read_ignore_lines

NAMES = ["a", "b", "ab", "docs", "private", "x.key", "a.b", "[a", "-", "a b", "caf\u00e9", "\\", "!a", "#a", "a\nb", "*", "a ]"]  # fmt: skip
PIECES = [
    "a", "b", "ab", "docs", "private", "*", "**", "***", "?", "x.key", "*.key", "[ab]", "[!a]", "[]a]", "[^x/]", "[a-c]", "[[:alpha:]]",
    "\\", "\\*", "\\a", "/", "/", "/", "!", "#", " ", "\\ ", "[", "]", "-", "[a-", "\u00e9", "[[:foo:]]", "[[:a]", "[--a]", "[]-a]",
    "b*", "*b*", ".", "[c-a]", "[a-\\c]", "[\\]]", "[\u00e9]", "[^[:digit:]-z]",
]  # fmt: skip
PARTS = ["a", "b", "docs", "private", "*", "**", "a*", "*a", "?", "x.*"]


def git(*args: str | Path, text: str = "") -> str:
    done = subprocess.run(
        ["git", *args], check=False, capture_output=True, input=text.encode()
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout.decode()


def some_pattern(chance: Random) -> str:
    if chance.random() < 0.5:
        pattern = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
    else:
        parts = "/".join(chance.choices(PARTS, k=chance.randint(1, 4)))
        pattern = chance.choice(["", "/"]) + parts
        pattern += chance.choice(["", "/", "/**", "/*"])
    return chance.choice(["", "", "!"]) + pattern


def grow_tree(root: Path, chance: Random) -> list[str]:
    """Make folders, files and some `.gitignore`; give the path of each, a folder's with a slash."""
    folders = [""]
    for _ in range(chance.randint(3, 10)):
        above = chance.choice(folders)
        if above.count("/") < 4:
            folders.append(f"{above}{chance.choice(NAMES)}/")
    paths = set(folders[1:])
    for folder in paths:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in folders:
        for name in chance.choices(NAMES, k=3):
            if f"{folder}{name}/" not in paths:
                (root / folder / name).touch()
                paths.add(f"{folder}{name}")
    for folder in ["", *chance.choices(folders, k=2)]:
        lines = [some_pattern(chance) for _ in range(chance.randint(1, 5))]
        lines += chance.choices(lines, k=chance.randint(0, 2))
        (root / folder / ".gitignore").write_text("\n".join(lines))
    return sorted(paths)


@claim("permissions:ignored")
@pytest.mark.parametrize("number", [150, pytest.param(3_000, marks=pytest.mark.soak)])
def test_what_is_closed_is_to_the_path_what_git_ignores(
    tmp_path: Path, number: int
) -> None:
    ignored = asked = 0
    for seed in range(number):
        root = tmp_path / "tree"
        git("init", "-q", root)
        paths = grow_tree(root, Random(seed))  # noqa: S311  it makes inputs
        asked += len(paths)
        text = "\0".join(path.rstrip("/") for path in paths)
        command = ("-C", root, "check-ignore", "--no-index", "--stdin", "-z")
        said = {*git(*command, text=text).split("\0")}
        rules = GitIgnore(str(root))
        for path in paths:
            is_ignored = path.rstrip("/") in said
            ignored += is_ignored
            is_shut = rules.ignores_path(path)
            # a letter of two bytes is one for us, and doubt closes
            is_same = is_shut is is_ignored or (is_shut and not path.isascii())
            assert is_same, (seed, path)
        rmtree(root)
    assert asked / 10 < ignored < asked / 2


@claim("permissions:ignored")
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("*.key\n!docs\n", "docs/my.key"),
        ("*.key\n!docs/\n", "docs/my.key"),
        ("secret.md\n!/notes/**/open/\n", "notes/a/open/secret.md"),
        ("private/\n!private/docs\n!docs\n", "private/docs/x"),
        ("private/*\n!private/docs\n*.key\n", "private/docs/x.key"),
        ("x\ny\n", "a\nb/x"),
        ("build/\n", "a\nb/build/c\nd"),
        ("*.key\n!a.key\n*.key\n", "a.key"),
    ],
)
def test_what_one_line_brings_back_no_other_line_leaves_open(
    tmp_path: Path, text: str, path: str
) -> None:
    (tmp_path / ".gitignore").write_text(text)
    assert GitIgnore(str(tmp_path)).ignores_path(path)


@claim("permissions:ignored")
@pytest.mark.parametrize(
    "pattern",
    [
        f"{'*a' * 40}b",
        f"{'*?' * 40}b/**/z",
        f"**/{'x/**/' * 30}y",
        f"{'**/*a/' * 30}y",
        f"{'[ab]*' * 60}c",
        "**" * 200 + "z",
    ],
)
def test_no_pattern_makes_a_path_take_for_ever(pattern: str) -> None:
    lines = [pattern, pattern + "/z"]
    with seconds_of_work(20):
        patterns = IgnorePatterns(read_ignore_lines(lines))
        for path in ("a" * 4_000, "x/" * 2_000, "aaab/" * 800, f"{'a' * 250}/" * 16):
            assert patterns.leave_out(f"{path}.") is None


@claim("permissions:ignored")
def test_a_path_without_end_is_closed_at_once(tmp_path: Path) -> None:
    lines = [f"*a{i}*b*c/**/d{i}*" for i in range(500)]
    (tmp_path / ".gitignore").write_text("\n".join(lines))
    rules = GitIgnore(str(tmp_path))
    with seconds_of_work(20):
        for path in ("a" * 1_000_000, "a/" * 500_000, "a1b/" * 1_000, "a" * 4_097):
            assert rules.ignores_path(path)
        assert not rules.ignores_path("a1b/" * 60 + "a" * 200)


@claim("permissions:ignored")
@pytest.mark.parametrize(
    "env",
    [
        {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_1": "core.excludesFile", "GIT_CONFIG_VALUE_1": "~/mine"},
        {"GIT_CONFIG_PARAMETERS": "'a.b'='c' 'core.excludesfile'='~/mine'"},
        {"GIT_CONFIG_PARAMETERS": "'core.excludesFile=~/mine'"},
        {"GIT_CONFIG_GLOBAL": "more"},
    ],
)  # fmt: skip
def test_what_the_environment_tells_git_to_ignore_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: dict[str, str]
) -> None:
    (Path(os.environ["HOME"]) / "mine").write_text("*.mine\n")
    (tmp_path / "more").write_text("[core]\nexcludesFile = ~/mine\n")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    rules = GitIgnore(str(tmp_path))
    assert [rules.ignores_path(path) for path in ("a.mine", "a.md")] == [True, False]
