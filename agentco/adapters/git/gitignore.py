"""What git leaves out of a company, and what agents therefore never see.

Among the `.gitignore` files the nearest that speaks decides, those of the repository above the
company included. What the founder's own files leave out (`info/exclude` and whatever any
configuration calls `core.excludesFile`) no `.gitignore` brings back. Doubt closes: another
spelling, patterns that are too many, a file that cannot be read.
"""

import errno
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path

from msgspec import Struct

from agentco.adapters.files.safe_read import read_regular
from agentco.adapters.git.git_repository import (
    GitRepository,
    expand_home,
    find_repository,
    read_config_values,
    repository_at,
)
from agentco.company.closed_names import is_private_path
from agentco.file_formats.ignore_patterns import IgnorePatterns, read_ignore_lines
from agentco.kernel.company_paths import MAX_DEPTH, fold_path, fold_text

MAX_PATTERNS = 2_000
MAX_PATTERN_CHARS = 200_000
"""Of all patterns of a file together."""
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_PATH_CHARS = 4096
MAX_SETTINGS = 1_000
"""Of git's that are looked at in the environment."""
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

    exact: IgnorePatterns
    folded: IgnorePatterns

    def leave_out(self, path: str) -> bool | None:
        """Whether they leave a path out in any spelling; False brings back, None says nothing."""
        said = self.exact.leave_out(_as_bytes(path))
        return said or self.folded.leave_out(fold_path(path)) or said


class GitIgnore:
    """What version control leaves out below `root`. Files are read when they are first needed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._patterns = cache(_load_patterns)
        self._repository_at = cache(repository_at)
        self._leaves_out = cache(self._is_left_out)

    def closes(self, path: str) -> bool:
        """Whether no agent sees a path: by its name, or since git ignores it.

        A backslash in it may be a letter, or a slash.
        """
        forms = {path, path.replace("\\", "/")}
        return any(is_private_path(one) or self.ignores_path(one) for one in forms)

    def ignores_path(self, path: str) -> bool:
        """Whether a path or a folder above it is left out; a folder's path ends with a slash.

        One that is longer or deeper than any that is looked at counts as left out.
        """
        if len(path) > MAX_PATH_CHARS or path.count("/") > MAX_DEPTH:
            return True
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
    named = [f"{folder}/git/ignore", *_named_in_environment(env)]
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


def _named_in_environment(env: Mapping[str, str]) -> Iterator[str]:
    """What `git -c` and whoever else hands settings on in the environment call that file."""
    count = env.get("GIT_CONFIG_COUNT", "")
    for i in range(min(int(count), MAX_SETTINGS) if count.isdecimal() else 0):
        if env.get(f"GIT_CONFIG_KEY_{i}", "").lower() == EXCLUDES_KEY:
            yield env.get(f"GIT_CONFIG_VALUE_{i}", "")
    with suppress(ValueError):
        for setting in shlex.split(env.get("GIT_CONFIG_PARAMETERS", "")):
            key, _, value = setting.partition("=")
            if key.lower() == EXCLUDES_KEY:
                yield value


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
    # of equal lines the last counts: what stands between them may say the contrary
    lines = [*dict.fromkeys(filter(None, reversed(_read_lines(path))))]
    lines = [line for line in reversed(lines) if not line.startswith("#")]
    if not lines:
        return None
    if len(lines) > MAX_PATTERNS or sum(map(len, lines)) > MAX_PATTERN_CHARS:
        lines = EVERYTHING
    exact = IgnorePatterns(read_ignore_lines(map(_as_bytes, lines)))
    folded = IgnorePatterns(read_ignore_lines(map(fold_text, lines)))
    return Patterns(exact, folded)


def _as_bytes(text: str) -> str:
    """A text with a letter for each of its bytes, as git sees it."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")
