"""What agents may not do by themselves, and the founder can."""

from collections.abc import Collection

import msgspec

from agentco.adapters.state.tables.statements import Statements
from agentco.engine.stored_values import OpenProposal
from agentco.runs.actions import AnyAction
from agentco.runs.effects import EffectRecord


class ProposalTable(Statements):
    """One row for each proposal."""

    def add_proposal(
        self,
        name: str,
        row: EffectRecord,
        what: str,
        action: AnyAction,
        *,
        at: str,
        expires: str,
    ) -> None:
        """Add a proposal; one that is there already stays as it is."""
        self.change(
            "insert_proposal",
            id=name,
            run=row.run,
            agent=row.agent,
            what=what,
            action=msgspec.json.encode(action),
            at=at,
            expires=expires,
        )

    def move_proposal(
        self, name: str, before: Collection[str], state: str, now: str
    ) -> tuple[str, bytes] | None:
        """Turn a proposal from one of these states to another; returns text and action."""
        states = msgspec.json.encode(before).decode()
        rows = self.select(
            "move_proposal", id=name, states=states, state=state, now=now
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def open_proposals(self, now: str) -> list[OpenProposal]:
        """Return what waits and has not expired, the oldest first."""
        return self.select_as(OpenProposal, "open_proposals", now=now)
