"""What git leaves out of a company: the nearest `.gitignore` that speaks decides, then the others.

Those of the repository above the company count, its `info/exclude`, and the founder's own file.
"""

import os
import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.files.git_repository import (
    GitRepository,
    find_repository,
    read_config_values,
)
from agentco.adapters.files.safe_read import read_regular

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_STARS = 2
"""In one part of a pattern; more could take for ever to match."""
MAX_PATTERNS = 2_000
MAX_FILE_BYTES = 8 * 1024 * 1024


class IgnoreRules(Struct, frozen=True, kw_only=True):
    """Where the rules for a folder lie: from `top` down, then in `others`.

    `above` is the path of the folder below `top`, with a slash at its end.
    """

    top: Path
    above: str = ""
    others: tuple[Path, ...] = ()

    def files_for(self, path: str) -> Iterator[tuple[str, Path]]:
        """Every file that may say something of a path below `top`, those that count first first.

        Each comes with the folder from which its patterns are meant.
        """
        folder = path.rstrip("/")
        while folder:
            folder, _, _ = folder.rpartition("/")
            yield folder, self.top / folder / ".gitignore"
        for file in self.others:
            yield "", file


class GitIgnore:
    """What version control leaves out below `root`. Files are read when they are first needed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.names = _plain_names(_read_lines(Path(root, ".gitignore")))
        self._spec = cache(_load_spec)

    def ignores_folder(self, name: str) -> bool:
        """Whether no company file is looked for in folders of that name."""
        return name.startswith(".") or name in self.names

    def ignores_path(self, path: str) -> bool:
        """Whether a path or a folder above it is left out; a folder's path ends with a slash."""
        rules = self._rules
        ends = (match.end() for match in re.finditer("[^/]+/?", path))
        return any(
            self._is_excluded(rules, f"{rules.above}{path[:end]}") for end in ends
        )

    def _is_excluded(self, rules: IgnoreRules, path: str) -> bool:
        """Whether the first file that says something of a path leaves it out."""
        for folder, file in rules.files_for(path):
            spec = self._spec(file)
            if not spec:
                continue
            is_left_out = spec.check_file(path[len(folder) :].lstrip("/")).include
            if is_left_out is not None:
                return is_left_out
        return False

    @cached_property
    def _rules(self) -> IgnoreRules:
        """Those of the repository, unless it leaves out the company itself."""
        root = Path(os.path.realpath(self.root))
        repository = find_repository(root)
        if not repository:
            return IgnoreRules(top=root)
        others = repository.common / "info" / "exclude", _own_ignore_file(repository)
        rules = IgnoreRules(top=repository.top, others=others)
        inside = root.relative_to(repository.top)
        folders = [f"{folder.as_posix()}/" for folder in (inside, *inside.parents)]
        if any(self._is_excluded(rules, folder) for folder in folders[:-1]):
            return IgnoreRules(top=root)
        return replace(rules, above=folders[0].removeprefix("./"))


def _own_ignore_file(repository: GitRepository) -> Path:
    """The file in which this user says what to leave out of every repository."""
    home = os.environ.get("HOME", "")
    folder = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    named = [f"{folder}/git/ignore"]
    for file in (f"{folder}/git/config", f"{home}/.gitconfig"):
        named += read_config_values(Path(file), "core", "excludesfile")
    named += repository.config_values("core", "excludesfile")
    return repository.top / re.sub("^~(?=/)", lambda _: home, named[-1])


def _read_lines(path: Path) -> list[str]:
    try:
        data = read_regular(path, MAX_FILE_BYTES)
    except (OSError, ValueError):
        return []
    return data.decode("utf-8", "replace").splitlines()


def _load_spec(path: Path) -> "GitIgnoreSpec | None":
    lines = _read_lines(path)[:MAX_PATTERNS]
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(filter(_is_matchable, lines))


def _plain_names(lines: list[str]) -> set[str]:
    """The names that are left out, but for those that another line brings back."""
    left_out, kept = set[str](), set[str]()
    for line in lines:
        if line.startswith("!"):
            kept.add(line.strip("!/ "))
        elif not line.startswith("#"):
            left_out.add(line.strip().strip("/"))
    return left_out - kept


def _is_matchable(line: str) -> bool:
    """Whether a line of .gitignore is a pattern, and one that is quickly matched."""
    from pathspec import GitIgnoreSpec

    if any(part.count("*") > MAX_STARS for part in line.split("/")):
        return False
    try:
        return bool(GitIgnoreSpec.from_lines([line]))
    except (ValueError, re.error):
        return False
