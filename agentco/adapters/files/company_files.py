"""Finds and reads the files of a company and the founder's own; judges nothing, follows no link out."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from agentco.adapters.files.ignored import LARGEST, Ignored
from agentco.adapters.files.safe_read import open_regular
from agentco.company.file_locations import (
    CATALOGUE,
    FILES,
    FOLDERS,
    NESTED,
    Dialect,
    Kind,
    Place,
    place_of,
)
from agentco.company.includes import DEEPEST as DEEPEST_INCLUDE, includes, private
from agentco.company.settings import FILE as SETTINGS
from agentco.company.source_file import Source
from agentco.kernel.errors import Diagnostic, Level

DEEPEST = 6
MOST_FOLDERS = 2_000
_MOVED, _COPILOT = "COPILOT_HOME", "~/.copilot/"
Marks = frozenset[tuple[str, int, int]]
_SKIPPED = frozenset({".git", "node_modules"})


class Files(Struct, frozen=True, kw_only=True):
    """What was read, and what could not be."""

    sources: tuple[Source, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_company(root: Path, env: Mapping[str, str] | None = None) -> Files:
    """Every file of the places in FORMATS section 1, below `root` and in the founder's home."""
    company = _Reader(os.path.realpath(root), "", other="~/")
    company.read_company(catalogue=not (root / ".github" / "agents").is_dir())
    env = os.environ if env is None else env
    home = env.get("HOME", "")
    if not home.startswith("/") or not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        hint = "set HOME to a folder of yours: your own agents and skills are missing"
        company.tell(
            "~",
            "no-home",
            "there is no home folder that can be used",
            hint,
            Level.WARNING,
        )
        return company.files()
    readers = [
        company,
        _Reader(
            os.path.realpath(home), "~/", other=_COPILOT if env.get(_MOVED) else None
        ),
    ]
    if moved := env.get(_MOVED):
        readers.append(_Reader(os.path.realpath(moved), _COPILOT))
    for own in readers[1:]:
        own.read_places(FOLDERS)
    read = [reader.files() for reader in readers]
    return Files(
        sources=tuple(s for files in read for s in files.sources),
        diagnostics=tuple(d for files in read for d in files.diagnostics),
    )


class _Reader:
    """Reads the tree of the paths with a prefix, but for those of `other`; reads nothing twice."""

    def __init__(self, root: str, prefix: str, other: str | None = None) -> None:
        self.root = root
        self.other = other
        self.prefix = prefix
        self._sources: list[Source] = []
        self._diagnostics: list[Diagnostic] = []
        self._seen: set[str] = set()
        self._folders = 0

    def files(self) -> Files:
        return Files(sources=tuple(self._sources), diagnostics=tuple(self._diagnostics))

    def tell(
        self, path: str, code: str, what: str, hint: str, level: Level = Level.ERROR
    ) -> None:
        self._diagnostics.append(
            Diagnostic(file=path, level=level, code=code, message=what, hint=hint)
        )

    def read_company(self, *, catalogue: bool) -> None:
        self.read_places((*FOLDERS, *CATALOGUE) if catalogue else FOLDERS)
        for path in self._nested_agents(Ignored(self.root)):
            self._read(path)
        self._read_included(
            [
                s
                for s in self._sources
                if FILES.get(s.path, NESTED).dialect is Dialect.CLAUDE
            ]
        )

    def _read_included(self, including: Sequence[Source]) -> None:
        """What these files pull in with `@path`, and what that pulls in; read as text, judged elsewhere."""
        for _ in range(DEEPEST_INCLUDE + 1):
            start = len(self._sources)
            for source in including:
                for _, path, _ in includes(
                    source.path, source.data.decode("utf-8", "replace")
                ):
                    real = os.path.realpath(self._on_disk(path)) if path else ""
                    inside = real.removeprefix(self.root.rstrip("/") + "/")
                    if (
                        path
                        and os.path.isfile(real)  # noqa: PTH113
                        and not private(inside)
                        and self._followed(path)
                    ):
                        self._read(path)
            including = self._sources[start:]

    def read_places(self, places: Sequence[Place]) -> None:
        """The single files first, so that they win where a link leads to one of them."""
        for path in (
            p for p in FILES if self._mine(p) and os.path.lexists(self._on_disk(p))
        ):
            if self._followed(path):
                self._read(path)
        for folder, kind in dict.fromkeys(
            (p.folder, p.kind) for p in places if self._mine(p.folder)
        ):
            if Path(self._on_disk(folder)).is_dir() and (
                real := self._followed(folder)
            ):
                found = list(self._walk(folder, real, 0))
                for path in found:
                    self._read(path)
                if kind is Kind.SKILL:
                    self._tell_empty_skills(folder, found)

    def _mine(self, path: str) -> bool:
        return path.startswith(self.prefix) and not (
            self.other and path.startswith(self.other)
        )

    def _on_disk(self, path: str) -> str:
        return f"{self.root}/{path.removeprefix(self.prefix)}"

    def _walk(self, folder: str, real: str, depth: int) -> Iterator[str]:
        """The company files below a folder, by name; `real` is the folder without links."""
        if depth > DEEPEST or not self._folder_allowed():
            return
        for entry in self._entries(folder):
            path, is_folder = f"{folder}/{entry.name}", _is_folder(entry)
            if not is_folder and not place_of(path):
                continue
            inner = (
                self._followed(path)
                if entry.is_symlink()
                else self._first_time(f"{real}/{entry.name}")
            )
            if inner and is_folder:
                yield from self._walk(path, inner, depth + 1)
            elif inner:
                yield path

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._on_disk(folder)) as entries:
                return sorted(
                    (e for e in entries if e.name not in _SKIPPED), key=lambda e: e.name
                )
        except OSError as error:
            self.tell(
                folder,
                "unreadable",
                f"cannot be listed: {error.strerror}",
                "mend its permissions",
            )
            return []

    def _folder_allowed(self) -> bool:
        self._folders += 1
        if self._folders == MOST_FOLDERS + 1:
            what = "too many folders: the rest is not read"
            hint = "list what is no company file in .gitignore"
            self.tell(self.prefix or ".", "too-many-folders", what, hint, Level.WARNING)
        return self._folders <= MOST_FOLDERS

    def _followed(self, path: str) -> str | None:
        """Where a path leads, unless it leads out of the tree or was read before."""
        real = os.path.realpath(self._on_disk(path))
        if not real.startswith(self.root.rstrip("/") + "/"):
            hint = "copy what it leads to into the company"
            self.tell(
                path,
                "link-out",
                "a link leads out of the company and is not followed",
                hint,
            )
            return None
        return self._first_time(real)

    def _first_time(self, real: str) -> str | None:
        if real in self._seen:
            return None
        self._seen.add(real)
        return real

    def _read(self, path: str) -> None:
        try:
            with open_regular(Path(self._on_disk(path))) as file:
                if os.fstat(file.fileno()).st_size > LARGEST:
                    hint = "keep long text in files that are read on demand"
                    self.tell(path, "too-large", "larger than 8 MiB", hint)
                else:
                    self._sources.append(
                        Source(path=_printable(path), data=file.read())
                    )
        except OSError as error:
            self.tell(
                path,
                "unreadable",
                f"cannot be read: {error.strerror}",
                "mend its permissions",
            )

    def _nested_agents(self, ignored: Ignored) -> Iterator[str]:
        """Every AGENTS.md below the root, nearest first, outside what version control ignores."""
        waiting = [("", 0)]
        while waiting:
            folder, depth = waiting.pop(0)
            if not self._folder_allowed():
                return
            for entry in self._entries(folder):
                path = f"{folder}/{entry.name}".removeprefix("/")
                if (
                    entry.name == "AGENTS.md"
                    and folder
                    and not ignored.file(path)
                    and self._followed(path)
                ):
                    yield path
                elif (
                    depth < DEEPEST
                    and entry.is_dir(follow_symlinks=False)
                    and not ignored.folder(entry.name)
                ):
                    waiting.append((path, depth + 1))

    def _tell_empty_skills(self, folder: str, found: Sequence[str]) -> None:
        for name in (e.name for e in self._entries(folder) if _is_folder(e)):
            if not any(path.startswith(f"{folder}/{name}/") for path in found):
                what, hint = (
                    "a skill's folder without SKILL.md",
                    "write one, or move the folder elsewhere",
                )
                self.tell(f"{folder}/{name}", "no-skill", what, hint, Level.WARNING)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry leads to a folder; a link that leads to itself does not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _printable(path: str) -> str:
    """A path whose name is no UTF-8, so that it can be shown."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def marks(root: Path, *more: Path) -> Marks:
    """What changes when a file of the company does, or one more, without reading any: paths, sizes and times."""
    places = {SETTINGS, *FILES, *(place.folder for place in FOLDERS)}
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
