"""The chain of all that was ruled, done, decided or stopped."""

from agentco.adapters.state.stored_forms import AUDIT_DECODER
from agentco.adapters.state.tables.statements import Statements
from agentco.rules.audit import STORED, AuditLine

NO_EFFECT = -1
"""Of a line that tells of nothing but what was stored."""


class AuditTable(Statements):
    """One row for each line."""

    def last_audit_link(self) -> tuple[int, str] | None:
        """Return number and hash of the last line."""
        row = self.select_first("last_audit_link")
        if row is None:
            return None
        number, name = row
        return number, name

    def find_audit_hash(self, seq: int) -> str:
        """Return the hash of a line; empty if there is none."""
        row = self.select_first("find_audit_hash", seq=seq)
        return row[0] if row else ""

    def insert_audit(self, line: AuditLine, data: bytes, name: str) -> None:
        """Add a line as `data`, whose hash is `name`."""
        self.change(
            "insert_audit",
            seq=line.seq,
            run=line.run,
            effect=NO_EFFECT if line.what == STORED else line.effect,
            line=data,
            hash=name,
        )

    def rewrite_audit(self, line: AuditLine, data: bytes, name: str) -> None:
        """Put what a line says now in its place; only the transaction that wrote it may."""
        self.change("rewrite_audit", seq=line.seq, line=data, hash=name)

    def table_sums(self) -> dict[str, str]:
        """Return what the sum over the rows of each table is said to be."""
        return dict(self.select("table_sums"))

    def save_sum(self, name: str, total: str) -> None:
        """Keep the sum over the rows of a table."""
        self.change("save_sum", name=name, sum=total)

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
