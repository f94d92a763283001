"""Where `--out` has something written: a new file, or over what the same prompt wrote there."""

import errno
import os
from collections.abc import Collection, Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path

from msgspec import Struct

from agentco.desk.out_files import OutVersion
from agentco.kernel.errors import WrongUsage
from agentco.terminal import screen

EMPTY = sha256(b"").hexdigest()
CHANGED = "it was changed meanwhile, and stays as it is"


class OutFile(Struct, frozen=True, kw_only=True):
    """A file to write; `before` is the sha256 of the version that it replaces, empty for none."""

    path: Path
    before: str = ""


@contextmanager
def claim_out_file(name: str, own: Collection[str] = ()) -> Generator[OutFile]:
    """A place for a text before anybody is asked; a new file is removed if it stays empty.

    `own` are the hashes of versions that may be replaced. Raises WrongUsage for any other file
    that stands there, or if none can be made.
    """
    path = Path(name)
    before = file_hash(path)
    if before and before in own:
        yield OutFile(path=path, before=before)
        return
    try:
        path.touch(exist_ok=False)
    except (OSError, ValueError) as error:
        what = f"{name!r} cannot be made: {getattr(error, 'strerror', error)}"
        hint = "name a new file; nothing is overwritten"
        if own:
            hint = "name a new file; only what this prompt wrote there is replaced"
        raise WrongUsage(what, hint=hint) from None
    try:
        yield OutFile(path=path)
    finally:
        with suppress(OSError):
            if not path.stat().st_size:
                path.unlink()


def write_out_file(out: OutFile, text: str) -> OutVersion | None:
    """Write a deliverable, the version before beside it; None if that failed, which is said."""
    data = f"{text}\n".encode()
    after = sha256(data).hexdigest()
    try:
        require_unchanged(out)
        kept = ""
        if out.before and after != out.before:
            kept = put_aside(out)
        if after != out.before:
            replace_file(out.path, data)
    except OSError as error:
        screen.print_note(
            f"error: {str(out.path)!r} cannot be written: {error.strerror}"
        )
        screen.print_note("hint:  the deliverable is on stdout")
        return None
    beside = f" (the version before: {kept})" if kept else ""
    screen.print_note(f"written to {out.path}{beside}")
    return OutVersion(before=out.before, after=after, kept=kept)


def require_unchanged(out: OutFile) -> None:
    """Raise OSError unless the version before stands there: none or an empty one for a new file."""
    now = file_hash(out.path)
    if not out.before and not now and not os.path.lexists(out.path):
        out.path.touch(exist_ok=False)
        return
    if now != (out.before or EMPTY):
        raise OSError(errno.EBUSY, CHANGED)


def put_aside(out: OutFile) -> str:
    """Copy the version before to a free name beside it. Raises OSError if another stands there."""
    path, data = out.path, out.path.read_bytes()
    if sha256(data).hexdigest() != out.before:
        raise OSError(errno.EBUSY, CHANGED)
    for number in count(1):
        beside = path.with_name(f"{path.stem}.old-{number}{path.suffix}")
        with suppress(FileExistsError), beside.open("xb") as file:
            file.write(data)
            return str(beside)
    raise AssertionError(path)


def replace_file(path: Path, data: bytes) -> None:
    """Put bytes in the place of a file in one step, with its mode; what a crash left goes first."""
    beside = path.with_name(f".{path.name}.agentco.tmp")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def file_hash(path: Path) -> str:
    """The sha256 of a file's bytes; empty for what is none, a link or cannot be read."""
    with suppress(OSError, ValueError):
        if path.is_file() and not path.is_symlink():
            return sha256(path.read_bytes()).hexdigest()
    return ""
