"""Bring a file of an older format up to date, step by step, in the opening transaction."""

import sqlite3
from collections.abc import Callable
from importlib.resources import files

from agentco.adapters import state
from agentco.adapters.state.format_3 import move_proposals
from agentco.adapters.state.row_watch import bind_all_rows
from agentco.adapters.state.tables.statements import STATEMENTS
from agentco.kernel.errors import StateBroken

MigrationStep = Callable[[sqlite3.Connection], None]


def run_script(name: str) -> MigrationStep:
    """Return the step that carries out a file of statements."""

    def step(db: sqlite3.Connection) -> None:
        script = files(state).joinpath(name).read_text(encoding="utf-8")
        # executescript would commit first: one transaction holds all steps
        for statement in script.split(";\n"):
            db.execute(statement)

    return step


def to_format_3(db: sqlite3.Connection) -> None:
    """Make open proposals effects of their runs, then drop their table."""
    move_proposals(db)
    run_script("format-3.sql")(db)


STEPS: tuple[MigrationStep, ...] = (
    run_script("format-1.sql"),
    run_script("format-2.sql"),
    to_format_3,
    run_script("format-4.sql"),
    run_script("format-5.sql"),
    run_script("format-6.sql"),
    run_script("format-7.sql"),
    run_script("format-8.sql"),
    run_script("format-9.sql"),
    run_script("format-10.sql"),
    run_script("format-11.sql"),
)
"""Step n turns format n - 1 into format n. A new one is added at the end; none is changed."""
FORMAT = len(STEPS)


def migrate_schema(
    db: sqlite3.Connection, name: str, making: Callable[[str], object]
) -> None:
    """Bring a file to today's format; a new one is called `name`, which `making` hears first.

    Raises StateBroken for a file that a newer agentco wrote.
    """
    db.execute("BEGIN IMMEDIATE")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise StateBroken(
            f"the state is in format {version}, this agentco knows {FORMAT}",
            hint="update agentco; nothing is written with an older one",
        )
    for step in STEPS[version:]:
        step(db)
    db.execute(f"PRAGMA user_version = {FORMAT}")
    if version == 0:
        db.execute(STATEMENTS["insert_fact"], {"key": "name", "value": name})
        making(name)
    if version < FORMAT:
        bind_all_rows(db, is_new=version == 0)
    db.execute("COMMIT")
