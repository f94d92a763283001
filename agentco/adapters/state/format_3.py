"""Format 3: a proposal is an effect of its run, no longer a row of a table of its own."""

import json
import sqlite3

OPEN_PROPOSALS = """
SELECT run, agent, what, action, at, expires, state FROM proposals
WHERE state IN ('open', 'approving') ORDER BY at, id
"""
ADD_EFFECT = """
INSERT INTO effects (run, number, root, agent, state, wanted, ruling, at, expires)
SELECT id, ?, root, ?, ?, ?, ?, ?, ? FROM runs WHERE id = ?
"""
STANDINGS = {"open": ("parked", "proposal"), "approving": ("todo", "approved")}
"""The state and the ruling of the effect, by the state of the proposal."""


def move_proposals(db: sqlite3.Connection) -> None:
    """Make every open proposal an effect of its run; those that were decided stand in the audit."""
    tables = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'proposals'")
    if not tables.fetchone():
        return
    for row in db.execute(OPEN_PROPOSALS).fetchall():
        run, agent, what, action, at, expires, proposal_state = row
        number = take_effect_number(db, run)
        order = {"type": "carry-out-proposal", "number": number, "held": False}
        order |= {"what": what, "action": json.loads(action)}
        wanted = json.dumps(order, ensure_ascii=False).encode()
        state, ruling = STANDINGS[proposal_state]
        deadline = expires if state == "parked" else None
        values = (number, agent, state, wanted, ruling, at, deadline, run)
        db.execute(ADD_EFFECT, values)


def take_effect_number(db: sqlite3.Connection, run: str) -> int:
    """The number of a run's next effect, which is then taken."""
    (data,) = db.execute("SELECT head FROM runs WHERE id = ?", (run,)).fetchone()
    head = json.loads(data)
    number = head.get("next", 1)
    changed = json.dumps(head | {"next": number + 1}, ensure_ascii=False)
    db.execute("UPDATE runs SET head = ? WHERE id = ?", (changed.encode(), run))
    return number
