"""What git keeps of a company is read without git, and as git itself says it."""

import os
import subprocess
from pathlib import Path

import pytest
from claims import claim

from agentco.adapters.git import GitIgnore, find_repository, tracked_path
from agentco.kernel import StateBroken

STATE = ".agentco/state.db"
WHO = ("-c", "user.name=a", "-c", "user.email=a@example.com")
IGNORED = {
    ".gitignore": "*.log\n/only-top\nbuild/\n!keep.log\n",
    "sub/.gitignore": "*.csv\n!b.csv\n",
    ".git/info/exclude": "secrets/\nsub/x.txt\n!sub/a.csv\n",
}
FILES = [
    "a.log",
    "keep.log",
    "only-top",
    "build/x",
    "build/keep.log",
    "plain",
    "secrets/keys.txt",
    "sub/secrets/k",
    "sub/a.csv",
    "sub/b.csv",
    "sub/x.txt",
    "sub/only-top",
    "a.mine",
    "sub/deep/c.csv",
    "sub/deep/y.other",
]


def git(folder: Path, *args: str, text: str | None = None) -> str:
    command = ["git", "-C", str(folder), *WHO, *args]
    done = subprocess.run(
        command, check=False, capture_output=True, input=text, text=True
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def write(root: Path, path: str, text: str = "x") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def repository(root: Path, *more: str) -> Path:
    root.mkdir(parents=True)
    git(root, "init", "-q", *more)
    for i in range(60):
        write(root, f"d{i % 7}/file{i}.txt", str(i))
    write(root, f"{'long' * 40}/{'name' * 40}")
    write(root, ".agents/x")
    write(root, STATE)
    git(root, "add", "-A")
    return root


@claim("trust:no-git")
@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("split", [False, True])
def test_every_form_of_an_index_says_what_git_ls_files_says(
    tmp_path: Path, digest: str, version: str, split: bool
) -> None:
    root = repository(tmp_path / "one", f"--object-format={digest}")
    git(root, "update-index", "--index-version", version)
    write(root, "promised")
    git(root, "add", "-N", "promised")
    if split:
        git(root, "update-index", "--split-index")
        git(root, "rm", "-q", "--cached", "d1/file1.txt", "d3/file3.txt")
        write(root, "d0/file0.txt", "changed")
        write(root, "later")
        git(root, "add", "d0/file0.txt", "later")
    listed = git(root, "ls-files").split()
    some = ["d1/file1.txt", "d0/file0.txt", "later", "promised", "d5/file54.txt", STATE]
    for name in some:
        assert tracked_path(root, name) == (name if name in listed else "")
    assert tracked_path(root, ".agentco") == STATE
    git(root, "rm", "-rq", "--cached", ".agentco")
    assert tracked_path(root, ".agentco") == ""


@claim("trust:no-git")
def test_a_working_tree_a_submodule_and_a_folder_below_are_found(
    tmp_path: Path,
) -> None:
    root = repository(tmp_path / "one")
    write(root, "company/.agentco/state.db")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    assert tracked_path(root / "company", ".agentco") == "company/.agentco/state.db"
    git(root, "worktree", "add", "-q", "../two")
    assert tracked_path(tmp_path / "two", ".agentco") == STATE
    git(tmp_path / "two", "rm", "-rq", "--cached", ".agentco")
    assert tracked_path(tmp_path / "two", ".agentco") == ""
    assert tracked_path(root, ".agentco") == STATE
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(
        outer,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        str(root),
        "in",
    )
    assert tracked_path(outer / "in", ".agentco") == STATE
    assert tracked_path(outer, "in") == "in"


@claim("trust:no-git")
def test_a_sparse_index_says_no_less(tmp_path: Path) -> None:
    root = repository(tmp_path / "one")
    write(root, "company/.agentco/state.db")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "d1")
    assert tracked_path(root, ".agentco") == ".agentco/"
    assert tracked_path(root / "company", ".agentco") == "company/"
    assert tracked_path(root, "nothing") == ""


@claim("trust:no-git")
def test_a_bare_repository_that_lies_as_plain_files_is_none(tmp_path: Path) -> None:
    root = tmp_path / "bare"
    root.mkdir()
    git(root, "init", "-q", "--bare")
    assert find_repository(root) is None
    (root / ".git").mkdir()
    assert find_repository(root) is None
    (root / ".git").rmdir()
    (root / ".git").write_text("gitdir: \0\n")
    assert find_repository(root) is None


@claim("trust:no-git")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"DIRC",
        b"DIRC" + b"\xff" * 8,
        b"DIRC\0\0\0\2\xff\xff\xff\xff",
        b"DIRC\0\0\0\4\xff\xff\xff\xff" + b"\xff" * 5000,
        b"DIRC\0\0\0\2\0\0\0\1" + b"\0" * 60 + b"\x0f\xff" + b"a" * 10_000,
    ],
)
def test_what_is_no_index_is_an_error_that_names_it(
    tmp_path: Path, data: bytes
) -> None:
    root = repository(tmp_path / "one")
    (root / ".git" / "index").write_bytes(data)
    with pytest.raises(StateBroken, match="index' cannot be read"):
        tracked_path(root, "zzz")
    (root / ".git" / "index").unlink()
    os.mkfifo(root / ".git" / "index")
    with pytest.raises(StateBroken):
        tracked_path(root, "zzz")


@claim("trust:no-git")
def test_a_split_index_with_parts_without_end_is_an_error_at_once(
    tmp_path: Path,
) -> None:
    root = repository(tmp_path / "one")
    git(root, "update-index", "--split-index")
    index = b"DIRC\0\0\0\2" + b"\0" * 4 + b"NONE\0\0\0\0" * 1000 + b"\0" * 20
    (root / ".git" / "index").write_bytes(index)
    with pytest.raises(StateBroken, match="more parts than git writes"):
        tracked_path(root, STATE)


@claim("trust:no-git")
@pytest.mark.parametrize("folder", ["", "sub/"])
def test_what_is_left_out_is_what_git_check_ignore_says(
    tmp_path: Path, folder: str
) -> None:
    """Situation 7a, and its neighbours: files above the company, and the founder's own."""
    root = tmp_path / "top"
    root.mkdir()
    git(root, "init", "-q")
    home = Path(os.environ["HOME"])
    write(home, ".config/git/ignore", "*.mine\n")
    for path, text in IGNORED.items():
        write(root, path, text)
    for path in FILES:
        write(root, path)
    for own in ("", "*.other\n"):
        if own:
            write(home, "own-rules", own)
            write(home, ".gitconfig", "[core]\n\texcludesFile = ~/own-rules\n")
        said = git(root, "check-ignore", "--no-index", "--stdin", text="\n".join(FILES))
        rules = GitIgnore(str(root / folder))
        ours = [
            path
            for path in FILES
            if path.startswith(folder) and rules.ignores_path(path.removeprefix(folder))
        ]
        left_out = {*said.split(), "a.mine"}  # by the file that git no longer reads
        assert ours == [p for p in FILES if p in left_out and p.startswith(folder)]


@claim("trust:no-git")
def test_a_company_that_the_repository_around_it_leaves_out_stands_for_itself(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, ".gitignore", "*\n")
    write(tmp_path, "co/.gitignore", "private/\n")
    rules = GitIgnore(str(tmp_path / "co"))
    assert not rules.ignores_path("BOARD.md")
    assert rules.ignores_path("private/x")


def closed(root: Path, *paths: str) -> list[str]:
    rules = GitIgnore(str(root))
    return [path for path in paths if rules.ignores_path(path)]


@claim("permissions:ignored")
@pytest.mark.parametrize(
    "unlifted",
    [
        ".gitignore: !own.txt\n!*.key2\n!private/\n",
        "a/.gitignore: !*\n",
        ".git/config: [core]\n\texcludesFile = /dev/null\n",
        ".git/config: [core]\n\texcludesFile = nothing-here\n",
        ".git/config: [core]\nexcludesfile=\n[include]\npath = config\n",
        ".git/info/exclude: !*.key2\n!own.txt\n!private/\n",
    ],
)
def test_nothing_in_a_repository_brings_back_what_the_founder_leaves_out(
    tmp_path: Path, unlifted: str
) -> None:
    root, home = tmp_path / "top", Path(os.environ["HOME"])
    root.mkdir()
    git(root, "init", "-q")
    write(home, ".gitconfig", '[user]\nname = "x"\n[include]\n\tpath = "more" # mine\n')
    write(home, "more", "[CORE]\n  excludesFile = ~/own-rules ; a comment\n")
    write(home, "own-rules", "*.key2\nown.txt\n")
    write(home, ".config/git/ignore", "private/\n")
    path, _, text = unlifted.partition(": ")
    write(root, path, text)
    paths = ["own.txt", "a/own.txt", "a/x.key2", "a/private/x"]
    assert closed(root, *paths, "a/open.txt") == paths


@claim("permissions:ignored")
def test_what_is_ignored_is_closed_however_it_is_spelt(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", "Secrets/\r\nCaf\u00e9.txt\r\n# no\r\nlast")
    shut = ["Secrets/x", "secrets/x", "SECRETS./x", "cafe\u0301.txt", "Last", "last "]
    assert closed(tmp_path, *shut, "secret", "# no", "no") == shut


@claim("permissions:ignored")
def test_patterns_that_are_too_many_to_read_close_everything(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", "# a comment\n" * 9_000 + "x\n" * 9_000)
    assert closed(tmp_path, "x", "y") == ["x"]
    write(tmp_path, ".gitignore", "".join(f"x{i}\n" for i in range(9_000)))
    assert closed(tmp_path, "y", "a/b") == ["y", "a/b"]


@claim("permissions:ignored")
def test_a_repository_inside_the_company_and_none_at_all_close_what_they_say(
    tmp_path: Path,
) -> None:
    write(Path(os.environ["HOME"]), ".config/git/ignore", "*.mine\n")
    inner = tmp_path / "vendor" / "lib"
    inner.mkdir(parents=True)
    git(inner, "init", "-q")
    write(inner, ".git/info/exclude", "notes/\n")
    shut = ["a.mine", "vendor/lib/notes/x"]
    assert closed(tmp_path, *shut, "notes/x", "vendor/lib/x") == shut


@claim("permissions:ignored")
def test_the_founders_own_file_counts_in_a_company_that_the_repository_leaves_out(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, ".gitignore", "co/\n*.above\n")
    write(tmp_path, ".git/info/exclude", "*.mine\n")
    write(tmp_path, "co/BOARD.md")
    assert closed(tmp_path / "co", "a.mine", "a.above", "BOARD.md") == ["a.mine"]
