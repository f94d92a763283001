"""Open the state of one company: ours, and not one that came with a clone."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from agentco.adapters.clock import RealClock
from agentco.adapters.files import trust_file
from agentco.adapters.state.database import FILE as STATE, Database
from agentco.kernel.errors import NeedsFounder


def store_version() -> str:
    """Return the version of SQLite."""
    return sqlite3.sqlite_version


def has_state(root: Path) -> bool:
    """Whether anything was ever run in this company."""
    return (root / STATE).exists()


@contextmanager
def open_state(root: Path) -> Generator[Database]:
    """The state of the company in `root`; a new one is remembered as ours before it is made.

    Raises NeedsFounder for a state that somebody else brought.
    """
    there = has_state(root)
    database = Database(
        root,
        name=RealClock().new_name(),
        making=lambda name: trust_file.remember_state(root, name),
    )
    try:
        if there and not trust_file.knows_state(root, database.name):
            raise NeedsFounder(
                f"{STATE} was not made by you in this folder, so nothing in it counts",
                hint="agentco trust sets it aside, and asks what the folder may reach",
            )
        yield database
    finally:
        database.close()


def set_foreign_state_aside(root: Path) -> bool:
    """Move a state that somebody else brought out of the way; whether there was one."""
    if not has_state(root):
        return False
    try:
        with open_state(root):
            return False
    except NeedsFounder:
        for suffix in ("", "-wal", "-shm"):
            place = root / f"{STATE}{suffix}"
            if place.exists():
                place.replace(root / f"{STATE}.brought{suffix}")
        return True
