"""The git repository of a company, read without git: what a clone configures could run programs.

Only a `.git` counts, never a bare repository that lies there as plain files.
"""

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from agentco.adapters.files.safe_read import open_regular, read_regular
from agentco.kernel.errors import StateBroken

MAX_WORDS_BYTES = 4096
MAX_CONFIG_BYTES = 1024 * 1024
MAX_INCLUDES = 5
"""How deep configurations may include others."""
CONFIG_HEADING = re.compile(
    r'\s*+\[\s*+([^\]\s"]*+)\s*+(?:"((?:\\.|[^"\\])*+)"\s*+)?\]'
)
CONFIG_VALUE = re.compile(r'"((?:\\.|[^"\\])*)"?|((?:\\.|[^"#;\\])+)|[#;].*')
MAX_ENTRIES = 1_000_000
MAX_PATH_BYTES = 4096
LONG_NAME = 0xFFF
"""What stands for the length of a path that is as long or longer."""
VERSIONS = (2, 3, 4)
"""Of the index: from the second on an entry may have more flags, in the last paths are packed."""
MORE_FLAGS = 0x4000
FOLDER_MODE = 0o040000
HEADER = struct.Struct(">4sLL")
MORE_FLAGS_BYTES = 2
BITMAP = struct.Struct(">LL")
WORD = struct.Struct(">Q")
EXTENSION = struct.Struct(">4sL")
MAX_EXTENSIONS = 100
MAX_LINK_BYTES = 1_000_000
"""Of the bitmaps of a split index; those of the largest one take a quarter of that."""
RUN_BITS, LITERAL_SHIFT = 0xFFFFFFFF, 33
"""Of a word in a packed bitmap: how long its run is, and where the count of plain words begins."""


class GitRepository(Struct, frozen=True, kw_only=True):
    """Where a repository has its files, its index, and what all its working trees share."""

    top: Path
    folder: Path
    common: Path

    @property
    def exclude_file(self) -> Path:
        """Where its user says what to leave out of it alone."""
        return self.common / "info" / "exclude"

    def config_values(self, key: str) -> Iterator[str]:
        """What its own configuration says of a key such as `core.bare`."""
        for file in (self.common / "config", self.folder / "config.worktree"):
            yield from read_config_values(file, key)


def find_repository(root: Path) -> GitRepository | None:
    """The repository that a folder lies in."""
    real = Path(os.path.realpath(root))
    found = filter(None, map(repository_at, (real, *real.parents)))
    return next(found, None)


def repository_at(top: Path) -> GitRepository | None:
    """The repository whose working tree begins at a folder."""
    place = folder = top / ".git"
    if not place.is_dir():
        folder = top / _read_words(place, "gitdir:")
    if folder == top or not os.path.lexists(folder / "HEAD"):
        return None
    common = folder / _read_words(folder / "commondir")
    return GitRepository(top=top, folder=folder, common=common)


def _read_words(path: Path, before: str = "") -> str:
    """What a file of one line says after a word; empty when it does not."""
    try:
        text = os.fsdecode(read_regular(path, MAX_WORDS_BYTES)).strip()
    except (OSError, ValueError):
        return ""
    if "\0" in text or not text.startswith(before):
        return ""
    return text.removeprefix(before).strip()


def read_config_values(path: Path, key: str, depth: int = 0) -> Iterator[str]:
    """What a configuration file of git, or one that it includes, says of a key, in order.

    Every include counts, whatever its condition.
    """
    for name, value in _read_settings(path):
        if name == key:
            yield value
        elif re.fullmatch(r"include(if\..*)?\.path", name) and depth < MAX_INCLUDES:
            included = path.parent / expand_home(value)
            yield from read_config_values(included, key, depth + 1)


def expand_home(path: str) -> str:
    """A path with somebody's home in place of `~`."""
    return os.path.expanduser(path)  # noqa: PTH111  Path's raises for nobody's home


def _read_settings(path: Path) -> Iterator[tuple[str, str]]:
    """Each key of a configuration file, as `section.name` in lower case, with its value."""
    try:
        data = read_regular(path, MAX_CONFIG_BYTES)
    except OSError:
        return
    text = data.decode("utf-8-sig", "surrogateescape")
    section = ""
    for line in re.sub(r"\\\r?\n", "", text).splitlines():
        heading = CONFIG_HEADING.match(line)
        if heading:
            section = ".".join(filter(None, heading.groups())).lower()
        setting = line[heading.end() :] if heading else line
        name, _, value = setting.partition("=")
        pieces = [quoted or plain for quoted, plain in CONFIG_VALUE.findall(value)]
        plain = re.sub(r"\\(.)", r"\1", "".join(pieces))
        yield f"{section}.{name.strip().lower()}", plain.strip()


def tracked_path(root: Path, name: str) -> str:
    """What git would give of a name in `root`, or below it, to whoever clones; empty for nothing.

    In any case of its letters, as some disks see no difference. Raises StateBroken for an index
    that cannot be read.
    """
    repository = find_repository(root)
    if not repository:
        return ""
    inside = Path(os.path.realpath(root)).relative_to(repository.top)
    wanted = os.fsencode(inside / name).lower()
    try:
        for mode, path in _tracked_entries(repository, last=wanted + b"0"):
            lower = path.lower()
            holds_it = mode == FOLDER_MODE and wanted.startswith(lower)
            if lower == wanted or lower.startswith(wanted + b"/") or holds_it:
                return os.fsdecode(path)
    except FileNotFoundError:
        return ""
    except (OSError, struct.error, ValueError) as error:
        index = repository.folder / "index"
        raise StateBroken(
            f"{str(index)!r} cannot be read, so nobody knows what came with a clone ({error})",
            hint="git status says what is wrong with it",
        ) from error
    return ""


def _tracked_entries(
    repository: GitRepository, last: bytes
) -> Iterator[tuple[int, bytes]]:
    """Mode and path of everything in the index, up to the path `last` at least.

    Raises OSError, struct.error and ValueError for what is no index.
    """
    formats = [*repository.config_values("extensions.objectformat")]
    digest = 32 if "sha256" in formats else 20
    is_split = any(repository.folder.glob("sharedindex.*"))
    with open_regular(repository.folder / "index") as file:
        for mode, path in _read_entries(file, digest):
            if path > last and not is_split:
                return
            if path:
                yield mode, path
            elif not is_split:  # there it stands for an entry of the shared index
                raise ValueError("a file without a path")
        link = _find_extension(file, digest, b"link") if is_split else b""
    if not link.strip(b"\0"):
        return
    deleted = _unpack_bitmap(link[digest:])
    with open_regular(repository.folder / f"sharedindex.{link[:digest].hex()}") as file:
        for i, entry in enumerate(_read_entries(file, digest)):
            if i not in deleted:
                yield entry


def _read_entries(file: BinaryIO, digest: int) -> Iterator[tuple[int, bytes]]:
    """Mode and path of every entry, in order."""
    magic, version, count = HEADER.unpack(file.read(HEADER.size))
    if magic != b"DIRC" or version not in VERSIONS:
        raise ValueError("no index that is known")
    entry = struct.Struct(f">24xL12x{digest}xH")
    path = b""
    for number in range(count):
        if number == MAX_ENTRIES:
            raise ValueError(f"more than {MAX_ENTRIES:,} files")
        mode, flags = entry.unpack(file.read(entry.size))
        size = entry.size
        if version != VERSIONS[0] and flags & MORE_FLAGS:
            size += len(file.read(MORE_FLAGS_BYTES))
        if version == VERSIONS[-1]:
            kept = path[: len(path) - _read_varint(file)]
            path = kept + _read_path(file, flags, len(kept))
        else:
            path = _read_path(file, flags)
            # zero bytes up to the next eighth, the one that was read among them
            file.read(7 - (size + len(path)) % 8)
        yield mode, path


def _read_path(file: BinaryIO, flags: int, known: int = 0) -> bytes:
    """The rest of a path whose first bytes are `known`, and the zero behind it."""
    length = flags & LONG_NAME
    path = file.read(max(length - known, 0))
    sign = file.read(1)
    while sign != b"\0":
        if length < LONG_NAME or not sign or len(path) > MAX_PATH_BYTES:
            raise ValueError("a path that does not end")
        path += sign
        sign = file.read(1)
    return path


def _read_varint(file: BinaryIO) -> int:
    """A number as git packs offsets: seven bits a byte, each further byte one more."""
    (byte,) = file.read(1) or b"\0"
    number = byte & 0x7F
    while byte & 0x80 and number <= MAX_PATH_BYTES:
        (byte,) = file.read(1) or b"\0"
        number = ((number + 1) << 7) | (byte & 0x7F)
    if number > MAX_PATH_BYTES:
        raise ValueError("a path that is too long")
    return number


def _find_extension(file: BinaryIO, digest: int, wanted: bytes) -> bytes:
    """An extension that stands behind the entries; empty if there is none."""
    end = os.fstat(file.fileno()).st_size - digest
    for _ in range(MAX_EXTENSIONS):
        if file.tell() + EXTENSION.size > end:
            return b""
        name, size = EXTENSION.unpack(file.read(EXTENSION.size))
        if size > end - file.tell():
            return b""
        if name == wanted:
            return file.read(min(size, MAX_LINK_BYTES))
        file.seek(size, os.SEEK_CUR)
    raise ValueError("more parts than git writes")


def _unpack_bitmap(data: bytes) -> set[int]:
    """The positions of the ones in a bitmap as git packs it (EWAH): runs, then plain words."""
    bits, count = BITMAP.unpack_from(data)
    if bits > MAX_ENTRIES:
        raise ValueError(f"more than {MAX_ENTRIES:,} files")
    words = iter(
        WORD.unpack_from(data, BITMAP.size + WORD.size * i)[0] for i in range(count)
    )
    ones, start = set[int](), 0
    for marker in words:
        run = (marker >> 1 & RUN_BITS) * 64
        if marker & 1:
            ones.update(range(start, min(start + run, bits)))
        start += run
        for _ in range(marker >> LITERAL_SHIFT):
            word = next(words, 0)
            ones.update(start + bit for bit in range(64) if word >> bit & 1)
            start += 64
            if start > bits + 64:
                raise ValueError("a bitmap that does not end")
    return ones
