"""Company files for agents: none that lies outside, is ignored or secret."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from stat import S_ISDIR
from typing import Self

from msgspec import structs

from agentco.adapters.files.hard_links import SeenNames, file_status
from agentco.adapters.files.safe_read import (
    SAFE_READ_FLAGS,
    open_inside,
    require_regular,
)
from agentco.adapters.git.gitignore import MAX_PATH_CHARS
from agentco.adapters.papers.paper_limits import MAX_PAPER_BYTES
from agentco.adapters.papers.paper_reader import read_file_text
from agentco.company.closed_names import is_private_path
from agentco.company.globs import matches_any_glob
from agentco.file_formats.paper_kinds import PaperKind, is_table_name, paper_kind
from agentco.file_formats.plain_text import PlainText, read_plain_text
from agentco.file_formats.tables import describe_table
from agentco.kernel.errors import WrongUsage
from agentco.kernel.words import count_of
from agentco.runs.actions import Read, Search, name_of

HASH_DIGITS = 12
"""Of a file's sha256, by which an edit names what was read."""
HIDDEN_NAME = "it has another name that you may not see; go on without it"
MEGABYTE = 1024 * 1024
MAX_READ_BYTES = 4 * MEGABYTE
DRAFTS = "drafts"
ZIP_BEGINNING = b"PK\x03\x04"
MAX_LINE_CHARS = 2000
"""A longer line counts as several, so that every part of it can be asked for."""
MAX_HITS = 100
MAX_HIT_CHARS = 300


@dataclass(frozen=True)
class AgentFiles:
    """What agents may see of a folder: `may_read` rules on a path, what `is_closed` nobody sees.

    Without `seen` a file may have any number of names. Once `is_stopped`, whatever reads many files
    ends with CancelledError.
    """

    root: Path
    may_read: Callable[[str], bool]
    is_closed: Callable[[str], bool] = is_private_path
    seen: SeenNames | None = None
    is_stopped: Callable[[], bool] = lambda: False

    def for_call(
        self,
        is_stopped: Callable[[], bool],
        may_read: Callable[[str], bool] = lambda _: True,
    ) -> Self:
        """The same files for one call of a tool."""
        return replace(self, is_stopped=is_stopped, may_read=may_read)

    def read_text(self, path: str) -> str:
        """Read a file, or list the files below a folder. Raises OSError and WrongUsage."""
        return self.read_plain_text(path)[0].text

    def read_plain_text(self, path: str) -> tuple[PlainText, str]:
        """The same with what it was made from, and the hash by which an edit names what was read.

        Papers such as PDF are read as text, also HTML but for drafts, which may be edited.
        """
        self._refuse_when_stopped()
        inside, handle = self._open(path)
        if S_ISDIR(os.fstat(handle).st_mode):
            os.close(handle)
            paths = [file for file, _ in self.walk(inside) if self.may_read(file)]
            return PlainText(text="\n".join(paths)), ""
        data = read_handle(handle, inside)
        text = self._text_of(path, inside, data)
        return text, sha256(data).hexdigest()[:HASH_DIGITS]

    def read_whole_text(self, path: str) -> str:
        """A file of which nothing is left out. Raises OSError and WrongUsage."""
        plain, _ = self.read_plain_text(path)
        if plain.is_part:
            about = plain.about or f"its first {MAX_READ_BYTES // MEGABYTE} MB"
            what = f"only a part of {path!r} can be read ({about})"
            raise WrongUsage(what, hint="give the numbers, or a file with fewer rows")
        return plain.text

    def read_for_hash(self, path: str) -> str:
        """The text of a file as it stands, else the hash of its bytes. Raises as `read_text`."""
        self._refuse_when_stopped()
        _, handle = self._open(path)
        data = read_handle(handle)
        text = decode_beginning(data)
        return text.text if text else sha256(data).hexdigest()

    def _open(self, path: str) -> tuple[str, int]:
        """The real path of what is there for agents, and a handle of it."""
        inside = self.resolve_path(path)
        handle = open_inside(os.path.realpath(self.root), inside)
        if self.has_hidden_name(os.fstat(handle)):
            os.close(handle)
            raise WrongUsage(f"{path!r} is not for agents", hint=HIDDEN_NAME)
        return inside, handle

    def _text_of(self, path: str, inside: str, data: bytes) -> PlainText:
        if is_shown_as_it_stands(inside, data):
            text = decode_beginning(data)
            if text and is_table_name(inside):
                return structs.replace(text, about=describe_table(text.text))
            if text:
                return text
        return read_file_text(path, data, is_stopped=self.is_stopped)

    def resolve_path(self, path: str) -> str:
        """Resolve links. Raises WrongUsage for a path that leads outside or is not for agents."""
        parts = path.split("/")
        is_odd = not path or len(path) > MAX_PATH_CHARS or "\0" in path
        if is_odd or path.startswith(("/", "~")) or ".." in parts:
            hint = (
                "give a path from the company's folder, such as BOARD.md; "
                "'.' is the folder itself"
            )
            raise WrongUsage(f"{path!r} is not a path in the company", hint=hint)
        home = os.path.realpath(self.root)
        real = os.path.realpath(f"{home}/{path}")
        if real != home and not real.startswith(f"{home.rstrip('/')}/"):
            what = f"{path!r} leads out of the company"
            raise WrongUsage(what, hint="only what lies inside can be read")
        inside = real[len(home) :].strip("/")
        is_link = inside != "/".join(part for part in parts if part not in {"", "."})
        if self.is_closed(inside) or (is_link and not self.may_read(inside)):
            raise WrongUsage(f"{path!r} is not for agents", hint="go on without it")
        return inside

    def has_hidden_name(self, status: os.stat_result) -> bool:
        """Whether a file has another name than those that the agent may read: a hard link."""
        if self.seen is None:
            return False
        names = self.seen.names_of(status, self._refuse_when_stopped)
        return names is None or not all(map(self.may_read, names))

    def walk(self, folder: str = "") -> Iterator[tuple[str, int]]:
        """Yield the files below a folder by name, each with a handle of the folder it lies in."""
        names = SeenNames(self.root, self.is_closed)
        for path, handle in names.walk(folder, self._refuse_when_stopped):
            status = file_status(handle, path)
            if status and not self.has_hidden_name(status):
                yield path, handle

    def search(self, action: Search) -> str:
        """The lines of the files that hold every word, and how many files were not looked into."""
        closed, unopened = list[str](), list[str]()
        hits = format_hits(self._search_files(action, closed, unopened))
        if closed:
            hits += f"\n(left out, as they may not be read: {len(closed)} files)"
        if unopened:
            papers = count_of(len(unopened), "paper")
            hits += f"\n(not opened: {papers} such as {unopened[0]}; {name_of(Read)} opens one)"
        return hits

    def _search_files(
        self, action: Search, closed: list[str], unopened: list[str]
    ) -> Iterator[str]:
        """The hits of all files.

        The paths that may not be read are put among the `closed` ones, PDF and the like among
        the `unopened` ones.
        """
        for path, folder in self.walk():
            if not matches_any_glob((action.files,), path):
                continue
            if not self.may_read(path):
                closed.append(path)
                continue
            text = self._text_in(folder, path)
            if text is None:
                unopened.append(path)
                continue
            for hit in matching_lines(text, action.words):
                yield f"{path}:{hit}"

    def _text_in(self, folder: int, path: str) -> str | None:
        """The text of a file in an open folder; empty for what cannot be read or is no text.

        None for a paper, which another process would have to read.
        """
        flags = SAFE_READ_FLAGS | os.O_NOFOLLOW
        try:
            handle = os.open(path.rpartition("/")[2], flags, dir_fd=folder)
            with require_regular(handle) as file:
                if self.has_hidden_name(os.fstat(handle)):
                    return ""
                data = file.read(MAX_READ_BYTES + 1)
        except OSError:
            return ""
        text = decode_beginning(data)
        if text:
            return text.text
        return None if paper_kind(path, data) else ""

    def _refuse_when_stopped(self) -> None:
        if self.is_stopped():
            raise CancelledError


def read_handle(handle: int, name: str = "") -> bytes:
    """The bytes behind a handle, and no more than tell that they are too many. Raises OSError.

    With the `name` of a paper it is read as far as papers may be large.
    """
    with require_regular(handle) as file:
        data = file.read(MAX_READ_BYTES + 1)
        if name and not is_shown_as_it_stands(name, data):
            data += file.read(MAX_PAPER_BYTES - MAX_READ_BYTES)
        return data


def is_shown_as_it_stands(path: str, data: bytes) -> bool:
    """Whether what stands in a file is its text, or that of a page which may be edited."""
    kind = paper_kind(path, data)
    if kind is PaperKind.HTML:
        return path.startswith(f"{DRAFTS}/")
    return kind is None and not data.startswith(ZIP_BEGINNING)


def decode_beginning(data: bytes) -> PlainText | None:
    """The text in bytes, as far as it is read; None when it is none."""
    is_cut = len(data) > MAX_READ_BYTES
    text = read_plain_text(data[:MAX_READ_BYTES], is_cut=is_cut)
    return structs.replace(text, is_part=is_cut) if text else None


def split_lines(text: str) -> list[str]:
    """The lines of a text, very long ones in pieces."""
    pieces = list[str]()
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        for start in range(0, max(len(line), 1), MAX_LINE_CHARS):
            pieces.append(line[start : start + MAX_LINE_CHARS])
    return pieces


def requested_lines(what: str, text: str, action: Read, version: str = "") -> str:
    """The lines that were asked for, under a line that says which of how many they are.

    It names the hash of a file's `version`.
    """
    lines, first = split_lines(text), action.first_line
    last = min(first + action.lines - 1, len(lines))
    if first > last:
        problem = f"{what} has only {len(lines):,} lines"
        raise WrongUsage(problem, hint="ask for an earlier first_line")
    of_version = f", hash {version}" if version else ""
    heading = f"[{what}: lines {first:,} to {last:,} of {len(lines):,}{of_version}]"
    return "\n".join((heading, *lines[first - 1 : last]))


def matching_lines(text: str, words: str) -> Iterator[str]:
    """The lines that hold every word, whatever its case, each with its number."""
    folded_words = words.casefold().split()
    if not holds_all(text, folded_words):
        return
    for number, line in enumerate(split_lines(text), 1):
        if holds_all(line, folded_words):
            yield f"{number}: {line.strip()[:MAX_HIT_CHARS]}"


def holds_all(text: str, folded_words: Iterable[str]) -> bool:
    """Whether a text holds every word, whatever its case."""
    folded = text.casefold()
    return all(word in folded for word in folded_words)


def format_hits(hits: Iterable[str]) -> str:
    """The first hits, and how many more there are."""
    rest = iter(hits)
    lines = [*islice(rest, MAX_HITS)]
    more = sum(1 for _ in rest)
    if more:
        lines.append(f"…{more:,} more: use more words, or a glob")
    return "\n".join(lines) or "no file has all of these words"
