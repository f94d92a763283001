"""What git leaves out of a company, and what agents therefore never see.

Among the `.gitignore` files the nearest that speaks decides, those of the repository above the
company included. What the founder's own files leave out (`info/exclude` and whatever any
configuration calls `core.excludesFile`) no `.gitignore` brings back. Doubt closes: another
spelling, a pattern that would take for ever, a file that cannot be read.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from agentco.adapters.files.git_repository import (
    GitRepository,
    expand_home,
    find_repository,
    read_config_values,
    repository_at,
)
from agentco.adapters.files.safe_read import read_regular
from agentco.kernel.company_paths import fold_path, fold_text

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_STARS = 2
"""In one part of a pattern; more could take for ever to match."""
MAX_ANY_FOLDERS = 3
"""How often `**` may stand in a pattern, for the same reason."""
MAX_PATTERNS = 2_000
MAX_FILE_BYTES = 8 * 1024 * 1024
EVERYTHING = ["*"]
EXCLUDES_KEY = "core.excludesfile"
UNREADABLE = {errno.EACCES, errno.EIO}
SYSTEM_CONFIGS = (
    "/etc/gitconfig",
    "/usr/local/etc/gitconfig",
    "/opt/homebrew/etc/gitconfig",
)


class IgnoreRules(Struct, frozen=True, kw_only=True):
    """Where the rules for a folder lie: from `top` down, then in the founder's `own` files.

    `above` is the path of the folder below `top`, with a slash at its end; no `.gitignore` above
    the folder `first` counts.
    """

    top: Path
    above: str = ""
    first: str = ""
    own: tuple[Path, ...] = ()


class Patterns(Struct, frozen=True):
    """The patterns of a file, as they are written and folded."""

    exact: "GitIgnoreSpec"
    folded: "GitIgnoreSpec"

    def leave_out(self, path: str) -> bool | None:
        """Whether they leave a path out in any spelling; False brings back, None says nothing."""
        said = self.exact.check_file(path).include
        return said or self.folded.check_file(fold_path(path)).include or said


class GitIgnore:
    """What version control leaves out below `root`. Files are read when they are first needed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.names = _plain_names(_read_lines(Path(root, ".gitignore")))
        self._patterns = cache(_load_patterns)
        self._repository_at = cache(repository_at)
        self._leaves_out = cache(self._is_left_out)

    def ignores_folder(self, name: str) -> bool:
        """Whether no company file is looked for in folders of that name."""
        return name.startswith(".") or name in self.names

    def ignores_path(self, path: str) -> bool:
        """Whether a path or a folder above it is left out; a folder's path ends with a slash."""
        above = self._rules.above
        ends = (match.end() for match in re.finditer("[^/]+/?", path))
        return any(self._leaves_out(f"{above}{path[:end]}") for end in ends)

    def _is_left_out(self, path: str) -> bool:
        rules = self._rules
        folders = [*_folders_of(path, rules.first)]
        if self._gitignore_leaves_out(rules.top, path, folders):
            return True
        if any(self._says(file, path) for file in rules.own):
            return True
        for folder in filter(None, folders):
            inner = self._repository_at(rules.top / folder)
            if inner and self._says(inner.exclude_file, path, folder):
                return True
        return False

    def _gitignore_leaves_out(
        self, top: Path, path: str, folders: Iterable[str]
    ) -> bool:
        """Whether the nearest `.gitignore` that says something of a path leaves it out."""
        for folder in folders:
            is_left_out = self._says(top / folder / ".gitignore", path, folder)
            if is_left_out is not None:
                return is_left_out
        return False

    def _says(self, file: Path, path: str, folder: str = "") -> bool | None:
        """What a file whose patterns are meant from a folder says of a path."""
        patterns = self._patterns(file)
        return patterns and patterns.leave_out(path[len(folder) :].lstrip("/"))

    @cached_property
    def _rules(self) -> IgnoreRules:
        """Those of the repository; what leaves out the company itself says nothing of it."""
        root = Path(os.path.realpath(self.root))
        repository = find_repository(root)
        if not repository:
            return IgnoreRules(top=root, own=tuple(_own_ignore_files(root)))
        own = [repository.exclude_file, *_own_ignore_files(repository.top, repository)]
        inside = root.relative_to(repository.top).as_posix()
        if inside == ".":
            return IgnoreRules(top=repository.top, own=tuple(own))
        above = [
            f"{inside}/",
            *(f"{name}/" for name in _folders_of(inside, "") if name),
        ]
        is_left_out = any(
            self._gitignore_leaves_out(repository.top, path, _folders_of(path, ""))
            for path in above
        )
        return IgnoreRules(
            top=repository.top,
            above=above[0],
            first=inside if is_left_out else "",
            own=tuple(
                file
                for file in own
                if not any(self._says(file, path) for path in above)
            ),
        )


def _folders_of(path: str, first: str) -> Iterator[str]:
    """The folders above a path, nearest first, up to the `first` that counts."""
    folder = path.rstrip("/")
    while folder and folder != first:
        folder, _, _ = folder.rpartition("/")
        yield folder


def _own_ignore_files(
    top: Path, repository: GitRepository | None = None
) -> Iterator[Path]:
    """Every file that could say what this user leaves out of all repositories."""
    env = os.environ
    folder = env.get("XDG_CONFIG_HOME") or expand_home("~/.config")
    named = [f"{folder}/git/ignore"]
    configs = [*SYSTEM_CONFIGS, f"{folder}/git/config", expand_home("~/.gitconfig")]
    configs += filter(None, map(env.get, ("GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL")))
    for file in configs:
        named += read_config_values(Path(file), EXCLUDES_KEY)
    if repository:
        named += repository.config_values(EXCLUDES_KEY)
    for name in named:
        file = top / expand_home(name)
        if os.access(file, os.R_OK):
            yield file


def _read_lines(path: Path) -> list[str]:
    """The lines of a file; one that leaves out everything in place of one that cannot be read."""
    try:
        data = read_regular(path, MAX_FILE_BYTES + 1)
    except OSError as error:
        return EVERYTHING if error.errno in UNREADABLE else []
    except ValueError:
        return []
    if len(data) > MAX_FILE_BYTES:
        return EVERYTHING
    text = data.decode("utf-8-sig", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _load_patterns(path: Path) -> Patterns | None:
    lines = dict.fromkeys(map(_quick_pattern, _read_lines(path)))
    lines.pop("", None)
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    patterns = [*lines] if len(lines) <= MAX_PATTERNS else EVERYTHING
    patterns = [*filter(_is_matchable, patterns)]
    return Patterns(
        GitIgnoreSpec.from_lines(patterns),
        GitIgnoreSpec.from_lines(filter(_is_matchable, map(fold_text, patterns))),
    )


def _plain_names(lines: list[str]) -> set[str]:
    """The names that are left out, but for those that another line brings back."""
    left_out, kept = set[str](), set[str]()
    for line in lines:
        if line.startswith("!"):
            kept.add(line.strip("!/ "))
        elif not line.startswith("#"):
            left_out.add(line.strip().strip("/"))
    return left_out - kept


def _quick_pattern(line: str) -> str:
    """A pattern that is quickly matched, and leaves out no less; empty for none."""
    if not line.strip() or line.startswith("#"):
        return ""
    parts = [*map(_quick_part, line.split("/"))]
    if parts.count("**") > MAX_ANY_FOLDERS:
        end = "/" if not parts[-1] else ""
        names = [part for part in parts if part not in {"", "**"}]
        parts = ["**", (names or ["*"])[-1] + end]
    quick = "/".join(parts)
    return "" if line.startswith("!") and quick != line else quick


def _quick_part(part: str) -> str:
    pieces = re.split(r"\*+", part)
    if not any(pieces):
        return part[:2]
    if len(pieces) <= MAX_STARS + 1:
        return part if "[" in part or "\\" in part else "*".join(pieces)
    first, *middle, last = pieces
    if "[" in part or "\\" in part:
        return "*"
    return f"{first}*{last}" if first or last else f"*{max(middle, key=len)}*"


def _is_matchable(line: str) -> bool:
    """Whether a line of .gitignore is a pattern."""
    from pathspec import GitIgnoreSpec

    try:
        return bool(GitIgnoreSpec.from_lines([line]))
    except (ValueError, re.error):
        return False
