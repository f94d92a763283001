"""What waits, what was stopped, done and spent, as JSON."""

from msgspec import to_builtins
from msgspec.structs import asdict

from agentco.desk.controls import Costs, HaltChange
from agentco.desk.deciding import Decision
from agentco.kernel.documents import Document, in_dollars, pick_fields
from agentco.overview.inbox_items import Inbox
from agentco.ports.stored_values import CostTotal
from agentco.rules.audit import AuditLine


def halt_document(change: HaltChange) -> Document:
    """The document of `halt --json` and `resume --json`."""
    return {
        "agent": change.scope or None,
        "halted": change.halted,
        "changed": change.changed or change.unrestricted,
        "lifted": change.unrestricted,
    }


def audit_line_document(line: AuditLine) -> Document:
    """One line of the audit, its cost in dollars."""
    document: Document = to_builtins(line)
    document.pop("usd", None)
    document["cost_usd"] = in_dollars(line.usd)
    return document


def costs_document(costs: Costs) -> Document:
    """The document of `costs --json`."""
    return {
        "total_usd": in_dollars(costs.total),
        "plan_usd": in_dollars(costs.plan),
        "by": costs.by,
        "rows": [cost_row_document(row) for row in costs.rows],
    }


def cost_row_document(row: CostTotal) -> Document:
    """What one key came to, in dollars."""
    document: Document = asdict(row)
    document["usd"] = document["cost_usd"] = in_dollars(row.usd)
    document["plan_usd"] = in_dollars(row.plan_usd)
    document["stated_booked_usd"] = in_dollars(row.stated_booked_usd)
    if row.stated_usd is not None:
        document["stated_usd"] = in_dollars(row.stated_usd)
    return document


def inbox_document(found: Inbox) -> Document:
    """The document of `inbox --json`; each call in doubt is an item of its own."""
    fields = (
        "id",
        "kind",
        "run",
        "agent",
        "what",
        "expires",
        "words",
        "context",
        "diff",
        "command",
    )
    return {
        "items": [pick_fields(item, *fields) for item in found.items],
        "restricted": [asdict(fact) for fact in found.restricted],
    }


def decision_document(decision: Decision) -> Document:
    """What the founder decided, where no work was let go at once."""
    if decision.proposal:
        return {
            "id": decision.id,
            "approved": decision.is_approved,
            "what": decision.proposal,
        }
    return {"id": decision.id, "run": decision.run, "decided": True}
