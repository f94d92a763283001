"""Copies of a state outside its folder, beside the user's trust: of today and two days before.

`git clean` and a deleted folder take the state along, and never its backups.
"""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from agentco.adapters.files.durable_disk import Disk, write_error
from agentco.adapters.files.own_folder import STATE_FILE
from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.files.trust_file import expected_state, trust_file_path
from agentco.adapters.state.opening import (
    COMPANION_SUFFIXES,
    database_error,
    move_aside,
    name_of_state,
)
from agentco.kernel.errors import AgentcoError, NeedsFounder, StateBroken, WrongUsage

FOLDER = "backups"
TIME_FORMAT = "%Y-%m-%dT%H%M%SZ"
ENDING = ".db"
DAYS_KEPT = 3
AGE = timedelta(hours=1)
"""A newer backup is new enough."""
ROOM = 2
"""Whoever makes a backup needs so many times its size."""


def backup_folder(root: Path, name: str) -> Path:
    """Where the backups of a state lie. Raises NeedsFounder where the user has no home."""
    return trust_file_path(root).parent / FOLDER / name


def list_backups(root: Path, name: str) -> list[Path]:
    """The backups of a state, the newest first."""
    if not name:
        return []
    try:
        return sorted(backup_folder(root, name).glob(f"*{ENDING}"), reverse=True)
    except (OSError, NeedsFounder):
        return []


def newest_backup(root: Path, name: str) -> Path | None:
    """The newest backup of a state."""
    return next(iter(list_backups(root, name)), None)


def made_at(backup: Path) -> datetime:
    """When a backup was made."""
    return datetime.strptime(backup.stem, TIME_FORMAT).replace(tzinfo=UTC)


def back_up(root: Path, now: datetime) -> bool:
    """Copy the state of the company in `root`, unless that was done within an hour.

    Keeps the last one of each of the last three days that have one. Returns whether a backup
    was made: not where the disk has no room, not while another process makes one, and not of
    a state that is damaged.
    """
    name = expected_state(root)
    if not name:
        return False
    newest = newest_backup(root, name)
    if newest and newest.stem > f"{now - AGE:{TIME_FORMAT}}":
        return False
    folder = backup_folder(root, name)
    target = folder / f"{now:{TIME_FORMAT}}{ENDING}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        size = (root / STATE_FILE).stat().st_size
        if shutil.disk_usage(folder).free < ROOM * size:
            return False
        with hold_rare_lock(folder / "backup", patience=0):
            copy_state(root / STATE_FILE, target, name)
        for old in outdated_backups(list_backups(root, name)):
            old.unlink()
    except (OSError, sqlite3.Error, AgentcoError):
        # no work ends for want of a backup; agentco doctor says how old the last one is
        return False
    return True


def outdated_backups(backups: Sequence[Path]) -> list[Path]:
    """Those, newest first, that a later one of their day replaces, or that are too old."""
    last_of_day: dict[date, Path] = {}
    for backup in backups:
        last_of_day.setdefault(made_at(backup).date(), backup)
    kept = [*last_of_day.values()][:DAYS_KEPT]
    return [backup for backup in backups if backup not in kept]


def copy_state(source: Path, target: Path, name: str) -> None:
    """Copy one moment of the state of that name, whole or not at all.

    Raises OSError, sqlite3.Error, and StateBroken for one that is damaged or another.
    """
    draft = target.with_name(f".{FOLDER}.tmp")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with (
            # what is gone is not made again
            closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True)) as state,
            closing(sqlite3.connect(draft)) as copy,
        ):
            state.backup(copy)
        if not is_whole(draft, name):
            raise StateBroken(f"{str(source)!r} is damaged", hint="agentco doctor")
        put_in_place(draft, target)
    finally:
        for suffix in ("", *COMPANION_SUFFIXES):
            draft.with_name(f"{draft.name}{suffix}").unlink(missing_ok=True)


def put_in_place(draft: Path, target: Path) -> None:
    """Give a finished file its name, once it is on the disk. Raises OSError."""
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    Disk().rename(draft, target)
    Disk().sync_folder(target.parent)


def restore(root: Path) -> datetime:
    """Put the newest whole backup in the place of a state that is gone or damaged.

    Returns when it was made.

    What lies in its place is kept beside it. Raises WrongUsage for a state that works, and
    StateBroken where there is no backup or it cannot be put back.
    """
    name = expected_state(root)
    if is_whole(root / STATE_FILE, name):
        raise WrongUsage(
            f"{STATE_FILE} exists and is intact, so nothing was restored",
            hint="move it away if you want the backup anyway",
        )
    backups = [path for path in list_backups(root, name) if is_whole(path, name)]
    if not backups:
        raise StateBroken(
            "there is no backup of the state of this company",
            hint="put it back from one of yours, or agentco trust --new-state begins anew",
        )
    try:
        with hold_rare_lock(root / "state"):
            put_back(backups[0], root / STATE_FILE, name)
    except OSError as error:
        raise write_error(root / STATE_FILE, error) from error
    except sqlite3.Error as error:
        raise database_error(error) from error
    return made_at(backups[0])


def put_back(backup: Path, place: Path, name: str) -> None:
    """Copy a backup into the place of a state. Raises OSError, sqlite3.Error."""
    move_aside(place, "damaged")
    copy_state(backup, place, name)


def is_whole(path: Path, name: str) -> bool:
    """Whether the file at a path is the state of that name, and undamaged."""
    if not name or name_of_state(path) != name:
        return False
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    return False
