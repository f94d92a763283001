"""Write the audit: what happened to which effect or run, with its ruling and its cost."""

from typing import Any

from agentco.permissions.ruling import RulingDetails
from agentco.ports.store import Transaction
from agentco.rules.audit import GENESIS_HASH, AuditLine
from agentco.runs.effects import EffectRecord
from agentco.runs.run import Run


def audit_run(
    tx: Transaction, run: Run, at: str, what: str, **fields: str | int
) -> None:
    """Write a line about a run."""
    append_line(tx, at, what, run=run.id, agent=run.agent, **fields)


def audit_effect(
    tx: Transaction, row: EffectRecord, at: str, what: str, **fields: str | int
) -> None:
    """Write a line about an effect."""
    append_line(tx, at, what, run=row.run, effect=row.number, agent=row.agent, **fields)


def audit_ruling(
    tx: Transaction, row: EffectRecord, ruling: RulingDetails, at: str, usd: int = 0
) -> None:
    """Write the line that stores a ruling; `usd` is what it reserves, in micro-dollars."""
    facts = {"ruling": str(ruling.ruling), "rule": ruling.rule, "why": ruling.why}
    audit_effect(tx, row, at, "ruled", usd=usd, **facts)


def append_line(tx: Transaction, at: str, what: str, **fields: Any) -> None:
    """Write a line; the state gives it its number and its place in the chain."""
    tx.append_audit(AuditLine(seq=0, prev=GENESIS_HASH, at=at, what=what, **fields))
