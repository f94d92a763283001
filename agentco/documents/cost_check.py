"""A provider's export beside the ledger, as JSON."""

from agentco.kernel.documents import Document, in_dollars
from agentco.upkeep.cost_check import CheckedAmount, CostCheck

MARK_NAMES = {"usd": "cost", "input": "input_tokens", "output": "output_tokens"}


def cost_check_document(found: CostCheck) -> Document:
    """The document of `costs --check FILE --json`."""
    return {
        "file": found.file,
        "provider": found.provider or None,
        "first": found.first,
        "last": found.last,
        "differences": found.differences,
        "rows": [_row_document(row, found.measures) for row in found.rows],
    }


def _row_document(row: CheckedAmount, measures: tuple[str, ...]) -> Document:
    """One model on one day; what the export does not tell is null on both sides."""
    document: Document = {"day": row.day, "model": row.model}
    for measure, name in MARK_NAMES.items():
        theirs, ours = row.pair(measure) if measure in measures else (None, None)
        if measure == "usd":
            document["theirs_usd"] = None if theirs is None else in_dollars(theirs)
            document["ours_usd"] = None if ours is None else in_dollars(ours)
            said = row.stated
            document["answers_usd"] = None if said is None else in_dollars(said)
        else:
            document[f"theirs_{name}"] = theirs
            document[f"ours_{name}"] = ours
    document["marks"] = {
        MARK_NAMES[measure]: row.mark(measure)
        for measure in measures
        if row.mark(measure)
    }
    return document
