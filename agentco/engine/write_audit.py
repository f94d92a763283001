"""Write the audit: what happened to which effect or run, with its ruling and its cost."""

from agentco.ports.store import Transaction
from agentco.rules.audit import GENESIS_HASH, AuditLine
from agentco.rules.permissions import RulingDetails
from agentco.runs.effects import EffectRecord
from agentco.runs.run import Run


def audit_run(
    tx: Transaction, run: Run, at: str, what: str, **fields: str | int
) -> None:
    """Write a line about a run; the state gives it its place in the chain."""
    facts = {"run": run.id, "agent": run.agent, **fields}
    line = AuditLine(seq=0, prev=GENESIS_HASH, at=at, what=what, **facts)  # pyright: ignore[reportArgumentType]
    tx.append_audit(line)


def audit_effect(
    tx: Transaction, row: EffectRecord, at: str, what: str, **fields: str | int
) -> None:
    """Write a line about an effect."""
    facts = {"run": row.run, "effect": row.number, "agent": row.agent, **fields}
    line = AuditLine(seq=0, prev=GENESIS_HASH, at=at, what=what, **facts)  # pyright: ignore[reportArgumentType]
    tx.append_audit(line)


def audit_ruling(
    tx: Transaction, row: EffectRecord, ruling: RulingDetails, at: str, usd: int = 0
) -> None:
    """Write the line that stores a ruling; `usd` is what it reserves, in micro-dollars."""
    facts = {"ruling": str(ruling.ruling), "rule": ruling.rule, "why": ruling.why}
    audit_effect(tx, row, at, "ruled", usd=usd, **facts)
