"""What the `.gitignore` files of a company leave out; the nearest one that speaks decides."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from agentco.adapters.files.safe_read import read_regular

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_STARS = 2
"""In one part of a pattern; more could take for ever to match."""
MAX_PATTERNS = 2_000
MAX_FILE_BYTES = 8 * 1024 * 1024


class GitIgnore:
    """What version control leaves out below `root`. Patterns are compiled when first needed."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.names = _plain_names(self._read_lines(""))
        self._spec = cache(self._load_spec)

    def ignores_folder(self, name: str) -> bool:
        """Whether no company file is looked for in folders of that name."""
        return name.startswith(".") or name in self.names

    def ignores_path(self, path: str) -> bool:
        """Whether a path or a folder above it is left out; a folder's path ends with a slash."""
        ends = (match.end() for match in re.finditer("[^/]+/?", path))
        return any(self._is_excluded(path[:end]) for end in ends)

    def _is_excluded(self, path: str) -> bool:
        """Whether the nearest file that says something of a path leaves it out."""
        above = path.rstrip("/")
        while above:
            above, _, _ = above.rpartition("/")
            spec = self._spec(above)
            if not spec:
                continue
            inside = path[len(above) :].lstrip("/")
            is_left_out = spec.check_file(inside).include
            if is_left_out is not None:
                return is_left_out
        return False

    def _read_lines(self, folder: str) -> list[str]:
        try:
            data = read_regular(Path(self.root, folder, ".gitignore"), MAX_FILE_BYTES)
        except OSError:
            return []
        return data.decode("utf-8", "replace").splitlines()

    def _load_spec(self, folder: str) -> "GitIgnoreSpec | None":
        lines = self._read_lines(folder)[:MAX_PATTERNS]
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
