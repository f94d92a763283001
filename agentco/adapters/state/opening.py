"""Open the file of a state: to write, or only to read where the disk takes nothing."""

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import quote

from agentco.adapters.files.file_lock import prepare_lock_path
from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.state.migrations import FORMAT, migrate_schema
from agentco.adapters.state.tables.statements import STATEMENTS
from agentco.kernel.errors import Locked, StateBroken, StateGone

PATIENCE_MS = 10_000
"""How long another process may hold the right to write."""
MAX_VALUE_BYTES = 100_000_000
"""Of one prompt, answer or result."""
MAX_COPIED_BYTES = 200_000_000
"""How large a state may be that is read from a copy in memory."""
COMPANION_SUFFIXES = ("-wal", "-shm", "-journal")
"""What SQLite puts beside the file."""


class OpenedFile(NamedTuple):
    """A connection, and why nothing can be written through it; None if it can be."""

    db: sqlite3.Connection
    refusal: StateBroken | None = None


def open_database(path: Path, name: str, making: Callable[[str], object]) -> OpenedFile:
    """Open the file, made if there is none; nobody else may read it.

    One that is there and cannot be written, such as on a full disk, is opened to read.
    """
    try:
        return OpenedFile(open_to_write(path, name, making))
    except (OSError, sqlite3.Error) as error:
        broken = opening_error(path, error)
        is_refused = isinstance(error, (OSError, sqlite3.OperationalError))
        if is_refused and not isinstance(broken, Locked):
            with suppress(OSError, sqlite3.Error):
                return OpenedFile(open_to_read(path), broken)
        raise broken from error


def open_to_write(
    path: Path, name: str, making: Callable[[str], object]
) -> sqlite3.Connection:
    """Open the file as SQLite does. Raises OSError, sqlite3.Error, StateBroken."""
    locked_path = path.parent.with_name("state")
    prepare_lock_path(locked_path)  # makes the folder, which git ignores
    make_private_file(path)
    db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_MS / 1000)
    try:
        refuse_code(db)
        if db.execute("PRAGMA user_version").fetchone() != (FORMAT,):
            with hold_rare_lock(locked_path):
                db.execute("PRAGMA journal_mode = WAL")
                migrate_schema(db, name, making)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA busy_timeout = 0")
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a file of today's format to read. Raises OSError, sqlite3.Error, StateBroken."""
    db = connect_to_read(path)
    try:
        refuse_code(db)
        is_of_today = db.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    except BaseException:
        db.close()
        raise
    if not is_of_today:
        db.close()
        raise sqlite3.OperationalError("it is in another format")
    return db


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a file without writing a byte beside it.

    What a crash left unmerged is read from a copy in memory. Raises OSError, sqlite3.Error,
    StateBroken.
    """
    require_own_files(path)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        if path.stat().st_size + log.stat().st_size > MAX_COPIED_BYTES:
            raise OSError(errno.EFBIG, "it is too large to be read from a copy")
        db = sqlite3.connect(":memory:", isolation_level=None)
        with TemporaryDirectory() as folder:
            copies = [shutil.copy(place, folder) for place in (path, log)]
            with closing(sqlite3.connect(copies[0])) as copy:
                copy.backup(db)
        return db
    # nobody writes: who did would need the files that could not be made
    return connect_to_merged(path)


def connect_to_merged(path: Path) -> sqlite3.Connection:
    """Open a file as if it never changed, without what is not yet merged into it.

    Raises OSError, sqlite3.Error, StateBroken.
    """
    require_own_files(path)
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    return sqlite3.connect(address, isolation_level=None, uri=True)


def name_of_state(path: Path) -> str:
    """The name of the state in a file of any format; empty for anything else.

    It never changes, so a state of any size, and one in use, is asked without what is unmerged.
    """
    for connect in (connect_to_merged, connect_to_read):
        with (
            suppress(OSError, sqlite3.Error, StateBroken, TypeError),
            closing(connect(path)) as db,
        ):
            refuse_code(db)
            [name] = db.execute(STATEMENTS["find_fact"], {"key": "name"}).fetchone()
            return name
    return ""


def refuse_code(db: sqlite3.Connection) -> None:
    """Limit what a file can make us read, and raise StateBroken for what runs when it is read.

    That is views, triggers and tables of modules; none is ours.
    """
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    found = db.execute(STATEMENTS["find_code"]).fetchone()
    if found:
        raise StateBroken(
            f"the state holds {found[0]!r}, which agentco did not make",
            hint="move .agentco/state.db away; agentco begins a new one",
        )


def move_aside(path: Path, why: str) -> None:
    """Move a state out of the way, with what SQLite put beside it. Raises OSError.

    What was moved for the same reason before goes.
    """
    is_there = os.path.lexists(path)
    for suffix in ("", *COMPANION_SUFFIXES):
        found = path.with_name(f"{path.name}{suffix}")
        aside = path.with_name(f"{path.name}.{why}{suffix}")
        if os.path.lexists(found):
            found.replace(aside)
        elif is_there:
            aside.unlink(missing_ok=True)


def make_private_file(path: Path) -> None:
    """Make the file if there is none. Raises StateBroken as `require_own_files` does."""
    with suppress(FileExistsError):
        flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        os.close(os.open(path, flags, 0o600))
    require_own_files(path)


def require_own_files(path: Path) -> None:
    """Raise StateBroken for a state, or a file beside it, that is not a file of ours."""
    companions = [path.with_name(path.name + suffix) for suffix in COMPANION_SUFFIXES]
    for place in (path, *companions):
        with suppress(FileNotFoundError):
            found = place.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                raise StateBroken(
                    f"{str(place)!r} is not a file of yours",
                    hint="move it away; agentco makes its own",
                )


def opening_error(path: Path, error: OSError | sqlite3.Error) -> StateBroken:
    """Return why the file cannot be opened, in words."""
    if isinstance(error, sqlite3.Error):
        return database_error(error)
    return StateBroken(
        f"{str(path)!r} cannot be opened: {error.strerror or error}",
        hint="look at the free space and the folder's permissions",
    )


def database_error(error: sqlite3.Error) -> StateBroken:
    """Return what SQLite cannot do, in words."""
    if "locked" in str(error) or "busy" in str(error):
        return Locked(
            "another process holds the state",
            hint="try again; agentco doctor says who holds what",
        )
    if isinstance(error, sqlite3.OperationalError):
        return StateBroken(
            f"the state cannot be written: {error}",
            hint=(
                "what was stored before is intact; "
                "free some disk space, then run agentco runs resume"
            ),
        )
    return StateBroken(
        f"the state is damaged: {error}",
        hint=(
            "agentco doctor --restore puts back the last backup; without one,"
            " move .agentco/state.db away and agentco trust --new-state begins anew"
        ),
    )


def state_gone(path: Path) -> StateGone:
    """The error for a file that is no longer where it was opened."""
    return StateGone(
        f"{str(path)!r} was moved, deleted or replaced while it was in use",
        hint="nothing was written in its place; go on where the company lies now",
    )
