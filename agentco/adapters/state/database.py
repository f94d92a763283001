"""`.agentco/state.db`: one thread writes it, and commits together what came meanwhile."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple, TypeVar

from agentco.adapters.files.own_folder import STATE_FILE
from agentco.adapters.files.safe_read import real_path
from agentco.adapters.state.opening import (
    PATIENCE_MS,
    OpenedFile,
    database_error,
    open_database,
    state_gone,
)
from agentco.adapters.state.row_watch import RowWatch
from agentco.adapters.state.transaction import SqliteTransaction, no_halts
from agentco.kernel.errors import StateBroken
from agentco.ports.stored_values import Halt

MAX_GROUP = 256
"""So many transactions are committed together at most."""
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
        self,
        root: Path,
        *,
        name: str,
        making: Callable[[str], object] = str,
        kept_halts: Callable[[], Sequence[Halt]] = no_halts,
    ) -> None:
        """Open the state of the company in `root`.

        A new one bears `name`, and `making` hears it before it is there; `kept_halts` hold beside
        its own. Raises StateBroken if it cannot be opened, is no state of ours, or another user's.
        """
        self.path = real_path(root / STATE_FILE, root)
        if self.path != root.resolve() / STATE_FILE:
            raise StateBroken(
                f"{STATE_FILE} is a link, which git could carry along",
                hint="put a real folder in its place",
            )
        self._jobs: SimpleQueue[PendingTransaction | None] = SimpleQueue()
        self._new = name, making
        self._kept_halts = kept_halts
        self.has_written = False
        self._watch: RowWatch | None = None
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
            opened = open_database(self.path, *self._new)
            place = self.path.lstat()
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits
            while job := self._jobs.get():
                job.outcome.set_exception(error)
            return
        while group := self._next_group():
            if is_still(self.path, place):
                self._commit_group(opened, group)
            else:
                fail_jobs(group, state_gone(self.path))
        opened.db.close()

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
        self, opened: OpenedFile, group: list[PendingTransaction]
    ) -> None:
        """Commit all of them in one transaction; one that fails leaves the others."""
        db = opened.db
        if opened.refusal:
            fail_jobs([job for job in group if job.writes], opened.refusal)
            group = [job for job in group if not job.writes]
        writes = any(job.writes for job in group)
        try:
            if writes:
                # made for the first change, since most of those who open a state only look
                self._watch = self._watch or RowWatch(db)
                begin_write(db)
            else:
                db.execute("BEGIN")
            results = [
                run_in_savepoint(
                    SqliteTransaction(db, self._kept_halts), job, self._watch
                )
                for job in group
            ]
            self._commit(db, writes=writes)
            self.has_written |= writes
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


def run_in_savepoint(
    tx: SqliteTransaction, job: PendingTransaction, watch: RowWatch | None
) -> Result:
    """Carry out one act of a group, and bind what it changed into the audit.

    Raises sqlite3.Error if the disk refuses: then it refuses the whole group.
    """
    db = tx.db
    db.execute("SAVEPOINT one")
    try:
        if watch:
            watch.clear()
        value = job.act(tx)
        if watch:
            watch.bind(tx)
        return Result(value=value)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  it belongs to whoever waits
        db.execute("ROLLBACK TO one")
        return Result(error=error)
    finally:
        with suppress(sqlite3.Error):
            db.execute("RELEASE one")


def is_still(path: Path, place: os.stat_result) -> bool:
    """Whether the file that was opened at a path still lies there."""
    try:
        return os.path.samestat(path.lstat(), place)
    except OSError:
        return False


def fail_jobs(jobs: Iterable[PendingTransaction], error: StateBroken) -> None:
    """Tell whoever waits for these that nothing came of them."""
    for job in jobs:
        Result(error=error).tell(job.outcome)
