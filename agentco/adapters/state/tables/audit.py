"""The chain of all that was ruled, done, decided or stopped."""

from agentco.adapters.state.stored_forms import AUDIT_DECODER
from agentco.adapters.state.tables.statements import Statements
from agentco.rules.audit import AuditLine


class AuditTable(Statements):
    """One row for each line."""

    def last_audit_link(self) -> tuple[int, str] | None:
        """Return number and hash of the last line."""
        row = self.select_first("last_audit_link")
        if row is None:
            return None
        number, name = row
        return number, name

    def insert_audit(self, line: AuditLine, data: bytes, name: str) -> None:
        """Add a line as `data`, whose hash is `name`."""
        self.change(
            "insert_audit",
            seq=line.seq,
            run=line.run,
            effect=line.effect,
            line=data,
            hash=name,
        )

    def audit_lines(self, run: str = "") -> list[AuditLine]:
        """Return the lines of all runs, or of one and its children, in order."""
        rows = self.select("audit_lines", run=run)
        return [AUDIT_DECODER.decode(line) for (line,) in rows]

    def audit_of_effect(self, run: str, effect: int) -> list[AuditLine]:
        """Return the lines of one effect in order."""
        rows = self.select("audit_of_effect", run=run, effect=effect)
        return [AUDIT_DECODER.decode(line) for (line,) in rows]

    def audit_chain(self) -> list[tuple[bytes, str]]:
        """Return every line as it is stored, with its hash."""
        return [(line, name) for line, name in self.select("audit_chain")]
