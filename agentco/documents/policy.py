"""What may be done as JSON."""

from collections.abc import Sequence

from agentco.desk.policy import ActRuling, PolicyRow
from agentco.kernel.documents import Document, pick_fields


def act_ruling_document(ruling: ActRuling) -> Document:
    """The ruling on one act."""
    return {
        **pick_fields(ruling, "act", "agent"),
        **pick_fields(ruling.details, "ruling", "rule", "file", "line", "why"),
    }


def policy_document(rows: Sequence[PolicyRow]) -> Document:
    """Every rule, in the order in which they count."""
    names = ("ruling", "rule", "who", "file", "line", "problem")
    return {"rules": [pick_fields(row, *names) for row in rows]}
