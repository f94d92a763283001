"""Finds and reads the files of a company and the founder's own; judges nothing, follows no link out."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from agentco.adapters.files.gitignore import MAX_FILE_BYTES, GitIgnore
from agentco.adapters.files.safe_read import open_regular
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
from agentco.company.includes import (
    MAX_INCLUDE_DEPTH as DEEPEST_INCLUDE,
    find_includes,
    is_private_path,
)
from agentco.company.settings import SETTINGS_FILE as SETTINGS
from agentco.company.source_file import SourceFile
from agentco.kernel.errors import Diagnostic, Severity

MAX_DEPTH = 6
MAX_FOLDERS = 2_000
_COPILOT_HOME, _COPILOT_PREFIX = "COPILOT_HOME", "~/.copilot/"
FileStamps = frozenset[tuple[str, int, int]]
_SKIPPED = frozenset({".git", "node_modules"})


class CompanyFiles(Struct, frozen=True, kw_only=True):
    """What was read, and what could not be."""

    sources: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_company(root: Path, env: Mapping[str, str] | None = None) -> CompanyFiles:
    """Every file of the places in FORMATS section 1, below `root` and in the founder's home."""
    company = _TreeReader(os.path.realpath(root), "", other="~/")
    company.read_company(catalogue=not (root / ".github" / "agents").is_dir())
    env = os.environ if env is None else env
    home = env.get("HOME", "")
    if not home.startswith("/") or not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        hint = "set HOME to a folder of yours: your own agents and skills are missing"
        company.add_diagnostic(
            "~",
            "no-home",
            "there is no home folder that can be used",
            hint,
            Severity.WARNING,
        )
        return company.collected_files()
    readers = [
        company,
        _TreeReader(
            os.path.realpath(home),
            "~/",
            other=_COPILOT_PREFIX if env.get(_COPILOT_HOME) else None,
        ),
    ]
    if moved := env.get(_COPILOT_HOME):
        readers.append(_TreeReader(os.path.realpath(moved), _COPILOT_PREFIX))
    for own in readers[1:]:
        own.read_places(COMPANY_FOLDERS)
    read = [reader.collected_files() for reader in readers]
    return CompanyFiles(
        sources=tuple(s for files in read for s in files.sources),
        diagnostics=tuple(d for files in read for d in files.diagnostics),
    )


class _TreeReader:
    """Reads the tree of the paths with a prefix, but for those of `other`; reads nothing twice."""

    def __init__(self, root: str, prefix: str, other: str | None = None) -> None:
        self.root = root
        self.other = other
        self.prefix = prefix
        self._sources: list[SourceFile] = []
        self._diagnostics: list[Diagnostic] = []
        self._seen: set[str] = set()
        self._folders = 0

    def collected_files(self) -> CompanyFiles:
        return CompanyFiles(
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

    def read_company(self, *, catalogue: bool) -> None:
        self.read_places(
            (*COMPANY_FOLDERS, *CATALOGUE_FOLDERS) if catalogue else COMPANY_FOLDERS
        )
        for path in self._nested_agent_files(GitIgnore(self.root)):
            self._read_file(path)
        self._read_included(
            [
                s
                for s in self._sources
                if EXACT_FILES.get(s.path, NESTED_AGENTS_FILE).dialect is Dialect.CLAUDE
            ]
        )

    def _read_included(self, including: Sequence[SourceFile]) -> None:
        """What these files pull in with `@path`, and what that pulls in; read as text, judged elsewhere."""
        for _ in range(DEEPEST_INCLUDE + 1):
            start = len(self._sources)
            for source in including:
                for _, path, _ in find_includes(
                    source.path, source.data.decode("utf-8", "replace")
                ):
                    real = os.path.realpath(self._disk_path(path)) if path else ""
                    inside = real.removeprefix(self.root.rstrip("/") + "/")
                    if (
                        path
                        and os.path.isfile(real)  # noqa: PTH113
                        and not is_private_path(inside)
                        and self._resolve_unseen(path)
                    ):
                        self._read_file(path)
            including = self._sources[start:]

    def read_places(self, places: Sequence[FileLocation]) -> None:
        """The single files first, so that they win where a link leads to one of them."""
        for path in (
            p
            for p in EXACT_FILES
            if self._is_in_tree(p) and os.path.lexists(self._disk_path(p))
        ):
            if self._resolve_unseen(path):
                self._read_file(path)
        for folder, kind in dict.fromkeys(
            (p.folder, p.kind) for p in places if self._is_in_tree(p.folder)
        ):
            if Path(self._disk_path(folder)).is_dir() and (
                real := self._resolve_unseen(folder)
            ):
                found = list(self._walk_folder(folder, real, 0))
                for path in found:
                    self._read_file(path)
                if kind is FileKind.SKILL:
                    self._report_empty_skills(folder, found)

    def _is_in_tree(self, path: str) -> bool:
        return path.startswith(self.prefix) and not (
            self.other and path.startswith(self.other)
        )

    def _disk_path(self, path: str) -> str:
        return f"{self.root}/{path.removeprefix(self.prefix)}"

    def _walk_folder(self, folder: str, real: str, depth: int) -> Iterator[str]:
        """The company files below a folder, by name; `real` is the folder without links."""
        if depth > MAX_DEPTH or not self._count_folder():
            return
        for entry in self._list_entries(folder):
            path, is_folder = f"{folder}/{entry.name}", _is_folder(entry)
            if not is_folder and not location_of(path):
                continue
            inner = (
                self._resolve_unseen(path)
                if entry.is_symlink()
                else self._mark_seen(f"{real}/{entry.name}")
            )
            if inner and is_folder:
                yield from self._walk_folder(path, inner, depth + 1)
            elif inner:
                yield path

    def _list_entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._disk_path(folder)) as entries:
                return sorted(
                    (e for e in entries if e.name not in _SKIPPED), key=lambda e: e.name
                )
        except OSError as error:
            self.add_diagnostic(
                folder,
                "unreadable",
                f"cannot be listed: {error.strerror}",
                "mend its permissions",
            )
            return []

    def _count_folder(self) -> bool:
        self._folders += 1
        if self._folders == MAX_FOLDERS + 1:
            what = "too many folders: the rest is not read"
            hint = "list what is no company file in .gitignore"
            self.add_diagnostic(
                self.prefix or ".", "too-many-folders", what, hint, Severity.WARNING
            )
        return self._folders <= MAX_FOLDERS

    def _resolve_unseen(self, path: str) -> str | None:
        """Where a path leads, unless it leads out of the tree or was read before."""
        real = os.path.realpath(self._disk_path(path))
        if not real.startswith(self.root.rstrip("/") + "/"):
            hint = "copy what it leads to into the company"
            self.add_diagnostic(
                path,
                "link-out",
                "a link leads out of the company and is not followed",
                hint,
            )
            return None
        return self._mark_seen(real)

    def _mark_seen(self, real: str) -> str | None:
        if real in self._seen:
            return None
        self._seen.add(real)
        return real

    def _read_file(self, path: str) -> None:
        try:
            with open_regular(Path(self._disk_path(path))) as file:
                if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                    hint = "keep long text in files that are read on demand"
                    self.add_diagnostic(path, "too-large", "larger than 8 MiB", hint)
                else:
                    self._sources.append(
                        SourceFile(path=_printable_path(path), data=file.read())
                    )
        except OSError as error:
            self.add_diagnostic(
                path,
                "unreadable",
                f"cannot be read: {error.strerror}",
                "mend its permissions",
            )

    def _nested_agent_files(self, ignored: GitIgnore) -> Iterator[str]:
        """Every AGENTS.md below the root, nearest first, outside what version control ignores."""
        waiting = [("", 0)]
        while waiting:
            folder, depth = waiting.pop(0)
            if not self._count_folder():
                return
            for entry in self._list_entries(folder):
                path = f"{folder}/{entry.name}".removeprefix("/")
                if (
                    entry.name == "AGENTS.md"
                    and folder
                    and not ignored.ignores_path(path)
                    and self._resolve_unseen(path)
                ):
                    yield path
                elif (
                    depth < MAX_DEPTH
                    and entry.is_dir(follow_symlinks=False)
                    and not ignored.ignores_folder(entry.name)
                ):
                    waiting.append((path, depth + 1))

    def _report_empty_skills(self, folder: str, found: Sequence[str]) -> None:
        for name in (e.name for e in self._list_entries(folder) if _is_folder(e)):
            if not any(path.startswith(f"{folder}/{name}/") for path in found):
                what, hint = (
                    "a skill's folder without SKILL.md",
                    "write one, or move the folder elsewhere",
                )
                self.add_diagnostic(
                    f"{folder}/{name}", "no-skill", what, hint, Severity.WARNING
                )


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry leads to a folder; a link that leads to itself does not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _printable_path(path: str) -> str:
    """A path whose name is no UTF-8, so that it can be shown."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def file_stamps(root: Path, *more: Path) -> FileStamps:
    """What changes when a file of the company does, or one more, without reading any: paths, sizes and times."""
    places = {SETTINGS, *EXACT_FILES, *(place.folder for place in COMPANY_FOLDERS)}
    paths = [
        *map(str, more),
        *(os.path.join(root, place) for place in places if not place.startswith("~")),  # noqa: PTH118  below too
    ]
    for folder, _, names in (step for path in tuple(paths) for step in os.walk(path)):
        paths += [os.path.join(folder, name) for name in names]  # noqa: PTH118
    found = set[tuple[str, int, int]]()
    for path in paths:
        with suppress(OSError):
            stat = os.stat(path)  # noqa: PTH116
            found.add((path, stat.st_size, stat.st_mtime_ns))
    return frozenset(found)
