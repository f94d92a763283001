"""Prompts, answers and results."""

from collections.abc import Iterable

from agentco.adapters.state.tables.statements import Statements


class BodyTable(Statements):
    """One row for each text, by its hash."""

    def put_body(self, name: str, data: bytes, at: str) -> None:
        """Add a body; one that is known already is kept from now on."""
        self.change("put_body", name=name, data=data, at=at)

    def find_body(self, name: str) -> bytes | None:
        """Return a body, None if it was pruned."""
        row = self.select_first("find_body", name=name)
        return row[0] if row else None

    def prunable_bodies(self, before: str) -> list[str]:
        """Return the bodies that only runs use which were over before then."""
        rows = self.select("prunable_bodies", before=before)
        return [name for (name,) in rows]

    def delete_bodies(self, names: Iterable[str]) -> None:
        """Delete bodies."""
        rows = [{"name": name} for name in names]
        self.change_each("delete_body", rows)
