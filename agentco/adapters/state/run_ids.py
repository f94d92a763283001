"""The ids of the runs that began last, read beside whoever has the state open."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from agentco.adapters.files.own_folder import STATE_FILE
from agentco.adapters.state.tables.statements import STATEMENTS

MAX_IDS = 50
PATIENCE_SECONDS = 0.2


def recent_run_ids(root: Path) -> Iterator[str]:
    """The ids of a company's last runs, the newest first; none where they cannot be read."""
    place = root / STATE_FILE
    try:
        with closing(
            sqlite3.connect(
                f"{place.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=PATIENCE_SECONDS,
            )
        ) as db:
            values = {"since": "", "everything": False, "limit": MAX_IDS}
            rows = db.execute(STATEMENTS["list_runs"], values).fetchall()
    except sqlite3.Error:
        return
    for (name,) in rows:
        yield str(name)
