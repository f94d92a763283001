"""`.agentco/state.db`: one thread writes it, and commits together what came meanwhile."""

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, TypeVar

from agentco.adapters.files.file_lock import prepare_lock_path
from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.files.safe_read import real_path
from agentco.adapters.state.migrations import FORMAT, migrate_schema
from agentco.adapters.state.tables.statements import STATEMENTS
from agentco.adapters.state.transaction import SqliteTransaction
from agentco.kernel.errors import Locked, StateBroken

FILE = ".agentco/state.db"
PATIENCE_MS = 10_000
"""How long another process may hold the right to write."""
MAX_VALUE_BYTES = 100_000_000
"""Of one prompt, answer or result."""
MAX_GROUP = 256
"""So many transactions are committed together at most."""
COMPANION_SUFFIXES = ("-wal", "-shm", "-journal")
"""What SQLite puts beside the file."""
T = TypeVar("T")
TransactionFunction = Callable[[SqliteTransaction], T]


class PendingTransaction(NamedTuple):
    """Something to do in a transaction, and where its outcome is awaited."""

    act: TransactionFunction[Any]
    writes: bool
    outcome: Future[Any]


class Result(NamedTuple):
    """What an act returned, or the error that it raised."""

    value: object = None
    error: Exception | None = None

    def tell(self, outcome: Future[Any]) -> None:
        """Let whoever waits have it."""
        if self.error:
            outcome.set_exception(self.error)
        else:
            outcome.set_result(self.value)


class Database:
    """The state of one company. Every method may be called from any thread."""

    def __init__(
        self, root: Path, *, name: str, making: Callable[[str], object] = str
    ) -> None:
        """Open the state of the company in `root`.

        A new one bears `name`, and `making` hears it before it is there. Raises StateBroken if it
        cannot be opened, is no state of ours, or another user's.
        """
        self.path = real_path(root / FILE, root)
        if self.path != root.resolve() / FILE:
            raise StateBroken(
                f"{FILE} is a link, which git could carry along",
                hint="put a real folder in its place",
            )
        self._jobs: SimpleQueue[PendingTransaction | None] = SimpleQueue()
        self._new = name, making
        self._thread = Thread(target=self._run_worker, name="state", daemon=True)
        self._thread.start()
        self.name = self.read(lambda tx: tx.state_name()).result()

    def write(self, act: TransactionFunction[T]) -> "Future[T]":
        """Do it in a transaction of its own; the outcome is on the disk when it arrives."""
        return self._add_to_queue(act, writes=True)

    def read(self, act: TransactionFunction[T]) -> "Future[T]":
        """Look at one moment of the state."""
        return self._add_to_queue(act, writes=False)

    def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        self._jobs.put(None)
        self._thread.join()

    def _add_to_queue(
        self, act: TransactionFunction[T], *, writes: bool
    ) -> "Future[T]":
        outcome: Future[T] = Future()
        # a caller that gives up waiting must not end the one thread that writes
        outcome.set_running_or_notify_cancel()
        self._jobs.put(PendingTransaction(act, writes, outcome))
        return outcome

    def _run_worker(self) -> None:
        try:
            db = open_database(self.path, *self._new)
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits
            while job := self._jobs.get():
                job.outcome.set_exception(error)
            return
        while group := self._next_group():
            self._commit_group(db, group)
        db.close()

    def _next_group(self) -> list[PendingTransaction]:
        """Wait for the next transaction and return all that came meanwhile; nothing at the end."""
        group: list[PendingTransaction] = []
        while len(group) < MAX_GROUP and not (group and self._jobs.empty()):
            job = self._jobs.get()
            if job is None:
                if group:
                    self._jobs.put(None)  # this group first
                break
            group.append(job)
        return group

    def _commit_group(
        self, db: sqlite3.Connection, group: list[PendingTransaction]
    ) -> None:
        """Commit all of them in one transaction; one that fails leaves the others."""
        writes = any(job.writes for job in group)
        try:
            if writes:
                begin_write(db)
            else:
                db.execute("BEGIN")
            results = [run_in_savepoint(db, job) for job in group]
            self._commit(db, writes=writes)
        except Exception as error:  # noqa: BLE001  same
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                error = database_error(error)
            results = [Result(error=error) for _ in group]
        for job, result in zip(group, results, strict=True):
            result.tell(job.outcome)

    def _commit(self, db: sqlite3.Connection, *, writes: bool) -> None:
        """Where a crash is before or after; tests stop here."""
        del writes
        db.execute("COMMIT")


def begin_write(db: sqlite3.Connection) -> None:
    """Take the one right to write.

    Asking every millisecond is fairer than SQLite's own waiting, which backs off.
    """
    end = monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > end:
                raise
            sleep(0.001)  # SQLite tells nobody when the lock is free
        else:
            return


def run_in_savepoint(db: sqlite3.Connection, job: PendingTransaction) -> Result:
    """Carry out one act of a group.

    Raises sqlite3.Error if the disk refuses: then it refuses the whole group.
    """
    db.execute("SAVEPOINT one")
    try:
        return Result(value=job.act(SqliteTransaction(db)))
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  it belongs to whoever waits
        db.execute("ROLLBACK TO one")
        return Result(error=error)
    finally:
        with suppress(sqlite3.Error):
            db.execute("RELEASE one")


def open_database(
    path: Path, name: str, making: Callable[[str], object]
) -> sqlite3.Connection:
    """Open the file, made if there is none; nobody else may read it."""
    locked_path = path.parent.with_name("state")
    prepare_lock_path(locked_path)  # makes the folder, which git ignores
    try:
        make_private_file(path)
        db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_MS / 1000)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        refuse_code(db)
        if db.execute("PRAGMA user_version").fetchone() != (FORMAT,):
            with hold_rare_lock(locked_path):
                db.execute("PRAGMA journal_mode = WAL")
                migrate_schema(db, name, making)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA busy_timeout = 0")
    except OSError as error:
        raise StateBroken(
            f"{str(path)!r} cannot be opened: {error.strerror or error}",
            hint="look at the free space and the folder's permissions",
        ) from error
    except sqlite3.Error as error:
        raise database_error(error) from error
    return db


def refuse_code(db: sqlite3.Connection) -> None:
    """Raise StateBroken for what runs when it is read: views, triggers, tables of modules."""
    found = db.execute(STATEMENTS["find_code"]).fetchone()
    if found:
        raise StateBroken(
            f"the state holds {found[0]!r}, which agentco did not make",
            hint="move .agentco/state.db away; agentco begins a new one",
        )


def make_private_file(path: Path) -> None:
    """Make the file if there is none. Raises StateBroken for what is not a file of ours."""
    with suppress(FileExistsError):
        flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        os.close(os.open(path, flags, 0o600))
    companions = [path.with_name(path.name + suffix) for suffix in COMPANION_SUFFIXES]
    for place in (path, *companions):
        with suppress(FileNotFoundError):
            found = place.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                raise StateBroken(
                    f"{str(place)!r} is not a file of yours",
                    hint="move it away; agentco makes its own",
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
                "what was stored before is whole; "
                "make room on the disk, then agentco runs resume goes on"
            ),
        )
    return StateBroken(
        f"the state is damaged: {error}",
        hint=(
            "move .agentco/state.db away and agentco begins a new one; "
            "the company's files are not touched"
        ),
    )
