"""`.agentco/state.db`: one thread of the process writes it, and commits what came meanwhile together."""

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, TypeVar

from agentco.adapters import state
from agentco.adapters.files.file_lock import prepare_lock_path
from agentco.adapters.files.safe_read import real_path
from agentco.adapters.state.format_3 import move_proposals
from agentco.adapters.state.transaction import Transaction
from agentco.kernel.errors import Locked, StateBroken

FILE = ".agentco/state.db"
FORMAT = 3
PATIENCE_MS = 10_000
MAX_GROUP = 256
T = TypeVar("T")
TransactionFunction = Callable[[Transaction], T]


class PendingTransaction(NamedTuple):
    """Something to do in a transaction, and where its outcome is awaited."""

    act: TransactionFunction[Any]
    writes: bool
    done: Future[Any]


class Database:
    """The state of one company. Every method may be called from any thread."""

    def __init__(
        self, root: Path, *, name: str, making: Callable[[str], object] = str
    ) -> None:
        """Open the state of the company in `root`; a new one bears `name`, and `making` hears it before it is there.

        Raises StateBroken when it cannot be opened, is no state of ours, or another user's.
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
        self.name = self.read(
            lambda t: str(
                t.fetch_rows("SELECT value FROM about WHERE key = 'name'")[0][0]
            )
        ).result()

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
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()  # whoever gives up waiting does not end the one thread that writes
        self._jobs.put(PendingTransaction(act, writes, done))
        return done

    def _run_worker(self) -> None:
        try:
            db = open_database(self.path, *self._new)
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits
            while job := self._jobs.get():
                job.done.set_exception(error)
            return
        last = False
        while not last and (job := self._jobs.get()):
            group = [job]
            while len(group) < MAX_GROUP and not self._jobs.empty() and not last:
                more = self._jobs.get()
                group += [more] if more else []
                last = more is None
            self._commit_group(db, group)
        db.close()

    def _commit_group(
        self, db: sqlite3.Connection, group: list[PendingTransaction]
    ) -> None:
        """All of them in one transaction; one that fails leaves the others."""
        outcomes: list[tuple[PendingTransaction, object, BaseException | None]] = []
        writes = any(job.writes for job in group)
        try:
            begin_write(db) if writes else db.execute("BEGIN")
            outcomes = [(job, *run_in_savepoint(db, job)) for job in group]
            self._commit(db, writes=writes)
        except Exception as error:  # noqa: BLE001  same
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            failed = (
                database_error(error) if isinstance(error, sqlite3.Error) else error
            )
            outcomes = [(job, None, failed) for job in group]
        for job, value, failure in outcomes:
            if failure:
                job.done.set_exception(failure)
            else:
                job.done.set_result(value)

    def _commit(self, db: sqlite3.Connection, *, writes: bool) -> None:
        """Where a crash is before or after; tests stop here."""
        del writes
        db.execute("COMMIT")


def begin_write(db: sqlite3.Connection) -> None:
    """Take the one right to write. Asking every millisecond is fairer than SQLite's own waiting, which backs off."""
    end = monotonic() + PATIENCE_MS / 1000
    while True:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > end:
                raise
            sleep(0.001)
        else:
            return


def run_in_savepoint(
    db: sqlite3.Connection, job: PendingTransaction
) -> tuple[object, BaseException | None]:
    """What came of one of them. What the disk refuses, it refuses to all."""
    db.execute("SAVEPOINT one")
    try:
        value = job.act(Transaction(db))
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  it belongs to whoever waits for the outcome
        db.execute("ROLLBACK TO one")
        return None, error
    finally:
        with suppress(sqlite3.Error):
            db.execute("RELEASE one")
    return value, None


def open_database(
    path: Path, name: str, making: Callable[[str], object]
) -> sqlite3.Connection:
    """The file, made when there is none; nobody else may read it."""
    prepare_lock_path(
        path.parent.with_name("state")
    )  # makes the folder, which git ignores
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        for place in (
            path,
            *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")),
        ):
            with suppress(FileNotFoundError):
                found = place.lstat()
                if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                    hint = "move it away; agentco makes its own"
                    raise StateBroken(
                        f"{str(place)!r} is not a file of yours", hint=hint
                    )
        db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_MS / 1000)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        migrate_schema(db, name, making)
        db.execute("PRAGMA busy_timeout = 0")
    except OSError as error:
        raise StateBroken(
            f"{str(path)!r} cannot be opened: {error.strerror or error}",
            hint="look at the free space and the folder's permissions",
        ) from error
    except sqlite3.Error as error:
        raise database_error(error) from error
    return db


def migrate_schema(
    db: sqlite3.Connection, name: str, making: Callable[[str], object]
) -> None:
    """Make the tables that a new file, or one of an older format, lacks; refuse one that a newer agentco wrote."""
    db.execute("BEGIN IMMEDIATE")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise StateBroken(
            f"the state is in format {version}, this agentco knows {FORMAT}",
            hint="update agentco; nothing is written with an older one",
        )
    for number in range(version + 1, FORMAT + 1):
        if number == 3:  # noqa: PLR2004  the format's own number
            move_proposals(db)
        for statement in (
            files(state).joinpath(f"format-{number}.sql").read_text().split(";\n")
        ):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")
    if not version:
        db.execute("INSERT INTO about VALUES ('name', ?)", (name,))
        making(name)
    db.execute("COMMIT")


def database_error(error: sqlite3.Error) -> StateBroken:
    """What SQLite cannot do, in words."""
    if "locked" in str(error) or "busy" in str(error):
        return Locked(
            "another process holds the state",
            hint="try again; agentco doctor says who holds what",
        )
    if isinstance(error, sqlite3.OperationalError):
        return StateBroken(
            f"the state cannot be written: {error}",
            hint="what was stored before is whole; make room on the disk, then agentco runs resume goes on",
        )
    return StateBroken(
        f"the state is damaged: {error}",
        hint="move .agentco/state.db away and agentco begins a new one; the company's files are not touched",
    )
