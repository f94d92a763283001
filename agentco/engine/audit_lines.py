"""Lines of the audit: what happened to which effect, with its ruling and its cost."""

from agentco.rules.audit import GENESIS_HASH, AuditLine
from agentco.rules.permissions import RulingDetails
from agentco.runs.effects import EffectRecord
from agentco.runs.run import Run


def new_audit_line(at: str, what: str, **fields: str | int) -> AuditLine:
    """Return a line of the audit; the state gives it its place in the chain."""
    return AuditLine(seq=0, prev=GENESIS_HASH, at=at, what=what, **fields)  # pyright: ignore[reportArgumentType]


def run_audit_line(run: Run, at: str, what: str, **fields: str | int) -> AuditLine:
    """Return a line about a run."""
    return new_audit_line(at, what, run=run.id, agent=run.agent, **fields)


def effect_audit_line(
    row: EffectRecord, at: str, what: str, **fields: str | int
) -> AuditLine:
    """Return a line about an effect."""
    facts: dict[str, str | int] = {"effect": row.number, "agent": row.agent}
    return new_audit_line(at, what, run=row.run, **facts, **fields)


def ruling_audit_line(row: EffectRecord, ruling: RulingDetails, at: str) -> AuditLine:
    """Return the line that stores a ruling."""
    facts = {"ruling": str(ruling.ruling), "rule": ruling.rule, "why": ruling.why}
    return effect_audit_line(row, at, "ruled", **facts)
