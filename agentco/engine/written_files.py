"""The files that a run writes, and how the writing of its deliverable ended."""

from agentco.ports.store import Transaction
from agentco.ports.stored_values import WrittenFile
from agentco.runs.effects import EffectRecord, SaveDeliverable
from agentco.runs.events import AnyEvent, Delivered, Saved, ToolReturned


def record_written_file(
    tx: Transaction, row: EffectRecord, event: AnyEvent, at: str
) -> None:
    """Remember the version of a file that an act wrote, if it wrote one."""
    image = row.image
    has_written = isinstance(event, Delivered) or (
        isinstance(event, Saved | ToolReturned) and event.ok
    )
    if image is None or not has_written or image.before == image.after:
        return
    written = WrittenFile(
        path=image.file,
        before=image.before,
        after=image.after,
        kept=image.kept,
        run=row.run,
        root=row.root,
        effect=row.number,
        agent=row.agent,
        prompt=tx.load_run(row.root).prompt or "",
        at=at,
    )
    tx.save_written_file(written)


def saving_event(order: SaveDeliverable, event: AnyEvent) -> Saved:
    """Return how the writing of a deliverable ended, also where the founder said no to it."""
    if isinstance(event, Saved):
        return event
    said = str(getattr(event, "text", ""))
    return not_saved(order, said if said != "no" else "you said no")


def not_saved(order: SaveDeliverable, why: str) -> Saved:
    """Return that a deliverable stands in no file, and why."""
    return Saved(
        effect=order.number,
        problem=f"not written to {order.path}: {why}",
        reason=order.reason,
        dear=order.dear,
    )
