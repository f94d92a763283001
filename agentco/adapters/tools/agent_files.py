"""Company files for agents: nothing outside, nothing ignored, nothing secret, whatever links there are."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from stat import S_ISDIR

from agentco.adapters.files.gitignore import GitIgnore
from agentco.adapters.files.safe_read import (
    SAFE_READ_FLAGS,
    open_inside,
    require_regular,
)
from agentco.company.globs import matches_any_glob
from agentco.company.includes import is_private_path
from agentco.kernel.errors import WrongUsage
from agentco.runs.actions import Read, Search

MAX_READ_BYTES = 4 * 1024 * 1024
MAX_LINE_CHARS = 2000
"""A longer line counts as several, so that every part of it can be asked for."""
MAX_HITS = 100
MAX_DEPTH = 32
MAX_HIT_CHARS = 300


@dataclass(frozen=True)
class AgentFiles:
    """What agents may see of a folder; `may_read` rules on one path, `ignored` is None where nothing is."""

    root: Path
    may_read: Callable[[str], bool]
    ignored: GitIgnore | None = None

    def read_text(self, path: str) -> str:
        """The text of a file, or the files below a folder. Raises OSError, and WrongUsage where none is."""
        inside = self.resolve_path(path)
        handle = open_inside(os.path.realpath(self.root), inside)
        if S_ISDIR(os.fstat(handle).st_mode):
            os.close(handle)
            return "\n".join(
                filter(self.may_read, (found for found, _ in self.walk(inside)))
            )
        text = read_handle_text(handle)
        if text is None:
            raise WrongUsage(f"{path!r} is no text", hint="only text can be read")
        return text

    def resolve_path(self, path: str) -> str:
        """Where a path leads, links resolved. Raises WrongUsage when that is outside, or not for agents."""
        home = os.path.realpath(self.root)
        if (
            not path
            or path.startswith(("/", "~"))
            or ".." in path.split("/")
            or "\0" in path
        ):
            hint = "give a path from the company's folder, such as BOARD.md; '.' is the folder itself"
            raise WrongUsage(f"{path!r} is no path of the company", hint=hint)
        real = os.path.realpath(f"{home}/{path}")
        if real != home and not real.startswith(f"{home.rstrip('/')}/"):
            raise WrongUsage(
                f"{path!r} leads out of the company",
                hint="only what lies inside can be read",
            )
        inside = real[len(home) :].strip("/")
        linked = inside != "/".join(
            part for part in path.split("/") if part not in {"", "."}
        )
        if self.is_closed_to_agents(inside) or (linked and not self.may_read(inside)):
            raise WrongUsage(f"{path!r} is not for agents", hint="go on without it")
        return inside

    def is_closed_to_agents(self, path: str) -> bool:
        """Whether no agent sees a path: what keeps secrets, what is ignored, and the memory's own files."""
        memory = fnmatchcase(path.casefold(), "memory/*.jsonl")
        return (
            memory
            or is_private_path(path)
            or bool(self.ignored and self.ignored.ignores_path(path))
        )

    def walk(self, folder: str = "") -> Iterator[tuple[str, int]]:
        """Files below a located folder, by name, each with a handle of the folder that it lies in."""
        top = open_inside(os.path.realpath(self.root), folder)
        try:
            for at, folders, names, handle in os.fwalk(".", dir_fd=top):
                above = "".join(f"{part}/" for part in (folder, at[2:]) if part)
                kept = (
                    n
                    for n in folders
                    if n != "node_modules"
                    and not self.is_closed_to_agents(f"{above}{n}/")
                )
                folders[:] = sorted(kept) if above.count("/") < MAX_DEPTH else ()
                yield from (
                    (f"{above}{n}", handle)
                    for n in sorted(names)
                    if not self.is_closed_to_agents(f"{above}{n}")
                )
        finally:
            os.close(top)

    def search(self, action: Search) -> str:
        """The lines of the files that hold every word, and how many files were not looked into."""
        shut = list[str]()
        texts = self._readable_texts(action.files, shut)
        said = format_hits(
            f"{path}:{hit}"
            for path, text in texts
            for hit in matching_lines(text, action.words)
        )
        return (
            f"{said}\n(left out, as they may not be read: {len(shut)} files)"
            if shut
            else said
        )

    def _readable_texts(self, glob: str, shut: list[str]) -> Iterator[tuple[str, str]]:
        for path, folder in (
            found for found in self.walk() if matches_any_glob((glob,), found[0])
        ):
            if not self.may_read(path):
                shut.append(path)
                continue
            with suppress(OSError):
                handle = os.open(
                    path.rpartition("/")[2],
                    SAFE_READ_FLAGS | os.O_NOFOLLOW,
                    dir_fd=folder,
                )
                yield path, read_handle_text(handle) or ""


def read_handle_text(handle: int) -> str | None:
    """The text behind a handle, as far as it is read; None when it is none. Raises OSError."""
    with require_regular(handle) as file:
        data = file.read(MAX_READ_BYTES)
    return None if b"\0" in data else data.decode("utf-8-sig", "replace")


def split_lines(text: str) -> list[str]:
    """The lines of a text, very long ones in pieces."""
    whole = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return [
        row[at : at + MAX_LINE_CHARS]
        for row in whole
        for at in range(0, len(row) or 1, MAX_LINE_CHARS)
    ]


def requested_lines(what: str, text: str, action: Read) -> str:
    """The lines that were asked for, under a line that says which of how many they are."""
    every, first = split_lines(text), action.first_line
    last = min(first + action.lines - 1, len(every))
    if first > last:
        raise WrongUsage(
            f"{what} has only {len(every):,} lines",
            hint="ask for an earlier first_line",
        )
    return "\n".join(
        (
            f"[{what}: lines {first:,} to {last:,} of {len(every):,}]",
            *every[first - 1 : last],
        )
    )


def matching_lines(text: str, words: str) -> Iterator[str]:
    """The lines that hold every word, whatever its case, each with its number."""
    wanted, whole = words.casefold().split(), text.casefold()
    if all(word in whole for word in wanted):
        for number, row in enumerate(split_lines(text), 1):
            if all(word in row.casefold() for word in wanted):
                yield f"{number}: {row.strip()[:MAX_HIT_CHARS]}"


def format_hits(hits: Iterable[str]) -> str:
    """The first hits, and how many more there are."""
    rest = iter(hits)
    found, more = [*islice(rest, MAX_HITS)], sum(1 for _ in rest)
    told = (*found, f"…{more:,} more: use more words, or a glob") if more else found
    return "\n".join(told) or "nothing holds all of these words"
