"""Find and read the company's files and the founder's own; judge nothing, follow no link out."""

import errno
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from agentco.adapters.files.hard_links import LinkedNames, find_linked_names
from agentco.adapters.files.safe_read import open_inside, require_regular
from agentco.adapters.git.gitignore import MAX_FILE_BYTES, GitIgnore
from agentco.company.closed_names import is_private_path
from agentco.company.file_locations import (
    CATALOGUE_FOLDERS,
    COMPANY_FOLDERS,
    EXACT_FILES,
    NESTED_AGENTS_FILE,
    Dialect,
    FileKind,
    FileLocation,
    location_of,
)
from agentco.company.includes import MAX_INCLUDE_DEPTH, MAX_INCLUDES, find_includes
from agentco.file_formats.source_file import SourceFile
from agentco.kernel.errors import Diagnostic, Severity

MAX_DEPTH = 6
"""How deep files are looked for below a place of company files, in folders."""
MAX_FOLDERS = 2_000
MAX_TOTAL_BYTES = 2 * MAX_FILE_BYTES
"""All files of a company together; what comes after is not read."""
COPILOT_HOME_VARIABLE = "COPILOT_HOME"
HOME_PREFIX, COPILOT_PREFIX = "~/", "~/.copilot/"
SKIPPED_NAMES = frozenset({".git", "node_modules"})
NESTED_AGENTS_NAME = "AGENTS.md"
MEND_PERMISSIONS = "fix its permissions"


class CompanySources(Struct, frozen=True, kw_only=True):
    """What was read, and what could not be."""

    sources: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_company(root: Path, env: Mapping[str, str] | None = None) -> CompanySources:
    """Read every file that FORMATS section 1 names, below `root` and in the founder's home."""
    env = os.environ if env is None else env
    company = _TreeReader(os.path.realpath(root), "", other_prefix=HOME_PREFIX)
    is_catalogue = not (root / ".github" / "agents").is_dir()
    company.read_company(is_catalogue=is_catalogue)
    home = env.get("HOME", "")
    if not _is_usable_home(home):
        company.add_diagnostic(
            "~",
            "no-home",
            "there is no home folder that can be used",
            "set HOME to a folder of yours: your own agents and skills are missing",
            Severity.WARNING,
        )
        return company.collected_files()
    readers = [company, *_home_readers(home, env.get(COPILOT_HOME_VARIABLE))]
    for reader in readers[1:]:
        reader.read_places(COMPANY_FOLDERS)
    parts = [reader.collected_files() for reader in readers]
    return CompanySources(
        sources=tuple(source for part in parts for source in part.sources),
        diagnostics=tuple(problem for part in parts for problem in part.diagnostics),
    )


def _is_usable_home(home: str) -> bool:
    return home.startswith("/") and os.access(home, os.R_OK | os.W_OK | os.X_OK)


def _home_readers(home: str, copilot_home: str | None) -> Iterator["_TreeReader"]:
    """The founder's home, and Copilot's folder where it lies elsewhere."""
    real_home = os.path.realpath(home)
    if not copilot_home:
        yield _TreeReader(real_home, HOME_PREFIX)
        return
    yield _TreeReader(real_home, HOME_PREFIX, other_prefix=COPILOT_PREFIX)
    yield _TreeReader(os.path.realpath(copilot_home), COPILOT_PREFIX)


class _TreeReader:
    """Reads the tree of the paths with a prefix, but for those of `other_prefix`; nothing twice."""

    def __init__(self, root: str, prefix: str, other_prefix: str | None = None) -> None:
        self.root = root
        self.prefix = prefix
        self.other_prefix = other_prefix
        self._sources: list[SourceFile] = []
        self._diagnostics: list[Diagnostic] = []
        self._seen: set[str] = set()
        self._not_entered: list[str] = []
        self._folders = 0
        self._bytes = 0
        self._ignored = GitIgnore(root)
        self._is_closed = is_private_path if prefix else self._ignored.closes

    def collected_files(self) -> CompanySources:
        return CompanySources(
            sources=tuple(self._sources), diagnostics=tuple(self._diagnostics)
        )

    def add_diagnostic(
        self,
        path: str,
        code: str,
        what: str,
        hint: str,
        level: Severity = Severity.ERROR,
    ) -> None:
        self._diagnostics.append(
            Diagnostic(file=path, level=level, code=code, message=what, hint=hint)
        )

    def read_company(self, *, is_catalogue: bool) -> None:
        """Read a company's own tree; one that is a catalogue has its files in other folders too."""
        places = [*COMPANY_FOLDERS]
        if is_catalogue:
            places += CATALOGUE_FOLDERS
        self.read_places(places)
        for path in self._nested_agent_files():
            self._read_file(path)
        including = [source for source in self._sources if _may_include(source)]
        self._read_included(including)

    def read_places(self, places: Sequence[FileLocation]) -> None:
        """Read the single files first, so that they win where a link leads to one of them."""
        for path in EXACT_FILES:
            if not self._is_in_tree(path) or not os.path.lexists(self._disk_path(path)):
                continue
            if self._resolve_unseen(path):
                self._read_file(path)
        folders = dict.fromkeys((place.folder, place.kind) for place in places)
        for folder, kind in folders:
            if self._is_in_tree(folder) and Path(self._disk_path(folder)).is_dir():
                self._read_folder(folder, kind)

    def _read_folder(self, folder: str, kind: FileKind) -> None:
        real = self._resolve_unseen(folder)
        if not real:
            return
        paths = list(self._walk_folder(folder, real, 0))
        for path in paths:
            self._read_file(path)
        if kind is FileKind.SKILL:
            self._report_empty_skills(folder, paths)

    def _read_included(self, including: Sequence[SourceFile]) -> None:
        """Read what these files pull in with `@path`, and what that pulls in in turn."""
        left = MAX_INCLUDES
        for _ in range(MAX_INCLUDE_DEPTH + 1):
            start = len(self._sources)
            for source in including:
                text = source.data.decode("utf-8", "replace")
                for _, path, _ in islice(find_includes(source.path, text), left):
                    left -= 1
                    if path and self._may_be_included(path):
                        self._read_file(path, most_names=1)
            including = self._sources[start:]

    def _may_be_included(self, path: str) -> bool:
        """Whether agents may see a path: a link of any kind could lead where a rule forbids."""
        real = os.path.realpath(self._disk_path(path))
        if real != self._disk_path(path) or not os.path.isfile(real):  # noqa: PTH113
            return False
        return not self._is_closed(path) and self._resolve_unseen(path) is not None

    @cached_property
    def _linked_names(self) -> LinkedNames:
        return find_linked_names(self.root, self._is_closed)

    def _is_in_tree(self, path: str) -> bool:
        if self.other_prefix and path.startswith(self.other_prefix):
            return False
        return path.startswith(self.prefix)

    @property
    def _root_with_slash(self) -> str:
        return self.root.rstrip("/") + "/"

    def _disk_path(self, path: str) -> str:
        return f"{self.root}/{path.removeprefix(self.prefix)}"

    def _walk_folder(self, folder: str, real: str, depth: int) -> Iterator[str]:
        """The company files below a folder, by name; `real` is the folder without links."""
        if depth > MAX_DEPTH or not self._count_folder():
            return
        for entry in self._list_entries(folder):
            path = f"{folder}/{entry.name}"
            is_folder = _is_folder(entry)
            if not is_folder and not location_of(path):
                continue
            real_inner = self._enter(entry, path, f"{real}/{entry.name}")
            if real_inner and is_folder:
                yield from self._walk_folder(path, real_inner, depth + 1)
            elif real_inner:
                yield path

    def _enter(
        self, entry: "os.DirEntry[str]", path: str, real_if_no_link: str
    ) -> str | None:
        """Where an entry leads, unless it leads out of the tree or was read before."""
        if entry.is_symlink():
            real = self._resolve_unseen(path)
        else:
            real = self._mark_seen(real_if_no_link)
        if not real:
            self._not_entered.append(path)
        return real

    def _list_entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._disk_path(folder)) as entries:
                kept = [entry for entry in entries if entry.name not in SKIPPED_NAMES]
        except OSError as error:
            what = f"cannot be listed: {error.strerror}"
            self.add_diagnostic(folder, "unreadable", what, MEND_PERMISSIONS)
            return []
        return sorted(kept, key=lambda entry: entry.name)

    def _count_folder(self) -> bool:
        """Whether one more folder may be read; says so once when it may not."""
        self._folders += 1
        if self._folders == MAX_FOLDERS + 1:
            self.add_diagnostic(
                self.prefix or ".",
                "too-many-folders",
                "too many folders: the rest is not read",
                "list what is not a company file in .gitignore",
                Severity.WARNING,
            )
        return self._folders <= MAX_FOLDERS

    def _resolve_unseen(self, path: str) -> str | None:
        """Where a path leads, unless it leads out of the tree or was read before."""
        real = os.path.realpath(self._disk_path(path))
        if not real.startswith(self._root_with_slash):
            self.add_diagnostic(
                path,
                "link-out",
                "a link leads out of the company and is not followed",
                "copy what it leads to into the company",
            )
            return None
        inside = real.removeprefix(self._root_with_slash)
        if real != self._disk_path(path) and self._is_closed(inside):
            self._report_closed(path, "a link to what is closed to agents")
            return None
        return self._mark_seen(real)

    def _report_closed(self, path: str, what: str) -> None:
        hint = "copy into a file of its own what agents may read"
        self.add_diagnostic(path, "link-closed", f"{what} is not followed", hint)

    def _mark_seen(self, real: str) -> str | None:
        if real in self._seen:
            return None
        self._seen.add(real)
        return real

    def _read_file(self, path: str, most_names: float = math.inf) -> None:
        """Read a file whose path was resolved; a link that was put there since is not followed.

        One with more names is left out without a word.
        """
        real = os.path.realpath(self._disk_path(path))
        try:
            with self._open_real(real) as file:
                status = os.fstat(file.fileno())
                size = status.st_size
                is_too_large = size > min(MAX_FILE_BYTES, MAX_TOTAL_BYTES - self._bytes)
                data = b"" if is_too_large else file.read(MAX_FILE_BYTES)
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            self.add_diagnostic(path, "unreadable", what, MEND_PERMISSIONS)
            return
        if status.st_nlink > most_names or self._is_closed_link(path, status):
            return
        self._bytes += len(data)
        if is_too_large:
            what = "larger than 8 MiB, or more than 16 MiB with the files before it"
            hint = "keep long text in files that are read on demand"
            self.add_diagnostic(path, "too-large", what, hint)
            return
        self._sources.append(SourceFile(path=_printable_path(path), data=data))

    def _is_closed_link(self, path: str, status: os.stat_result) -> bool:
        """Whether a file is, or may be, what is closed to agents under another name; says so."""
        if status.st_nlink == 1:
            return False
        if self._linked_names.has_closed_name(status):
            self._report_closed(path, "a hard link to what is closed to agents")
        elif self._linked_names.has_unknown_name(status):
            self._report_closed(
                path, "a hard link whose other names were not all found"
            )
        else:
            return False
        return True

    def _open_real(self, real: str) -> BinaryIO:
        """A file below the root by its path without links. Raises OSError."""
        if real not in self._seen:
            raise OSError(errno.ELOOP, "it was moved meanwhile")
        inside = real.removeprefix(self._root_with_slash)
        return require_regular(open_inside(self.root, inside))

    def _nested_agent_files(self) -> Iterator[str]:
        """Every AGENTS.md below the root, nearest first, outside what version control ignores."""
        waiting = [("", 0)]
        while waiting:
            folder, depth = waiting.pop(0)
            if not self._count_folder():
                return
            for entry in self._list_entries(folder):
                path = f"{folder}/{entry.name}".removeprefix("/")
                is_nested_file = entry.name == NESTED_AGENTS_NAME and bool(folder)
                may_be_read = is_nested_file and not self._ignored.ignores_path(path)
                if may_be_read and self._resolve_unseen(path):
                    yield path
                    continue
                if depth >= MAX_DEPTH or entry.name.startswith("."):
                    continue
                is_folder = entry.is_dir(follow_symlinks=False)
                if is_folder and not self._ignored.ignores_path(f"{path}/"):
                    waiting.append((path, depth + 1))

    def _report_empty_skills(self, folder: str, found: Sequence[str]) -> None:
        """Warn of folders without a skill; a skill that was read under another path is one."""
        within = len(folder) + 1
        full = {
            file[within:].partition("/")[0] for file in found if "/" in file[within:]
        }
        for path in self._not_entered:
            if path.startswith(f"{folder}/"):
                full.add(path[within:].partition("/")[0])
        for entry in self._list_entries(folder):
            path = f"{folder}/{entry.name}"
            if not _is_folder(entry) or entry.name in full:
                continue
            self.add_diagnostic(
                path,
                "no-skill",
                "a skill's folder without SKILL.md",
                "write one, or move the folder elsewhere",
                Severity.WARNING,
            )


def _may_include(source: SourceFile) -> bool:
    """Whether a file is written for Claude, where `@path` pulls another one in."""
    location = EXACT_FILES.get(source.path, NESTED_AGENTS_FILE)
    return location.dialect is Dialect.CLAUDE


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry leads to a folder; a link that leads to itself does not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _printable_path(path: str) -> str:
    """A path that can be shown, whatever the bytes of its name."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
